"""A Plotly figure on a page: slim template, no tool bar, fills its card."""

from typing import Any

import plotly.graph_objects as go
import reflex as rx

from ...figures.theme import TEMPLATE


def chart(figure: Any, *, height: int, **props: Any) -> rx.Component:
    """`figure` is a var; `height` in pixels. The library is a lazy part of the pages that use it."""
    return rx.plotly.cartesian(
        data=figure,
        template=rx.Var.create(TEMPLATE).to(go.layout.Template),
        config={"displayModeBar": False, "responsive": True},
        use_resize_handler=True,
        width="100%",
        height=f"{height}px",
        **props,
    )
