"""A price over time as a step line."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import plotly.graph_objects as go

from .theme import ACCENT, TEMPLATE, TRANSPARENT


def price_steps(rows: Sequence[tuple[date, date | None, Decimal]], *, until: date) -> go.Figure:
    """Prices by the day they began, drawn as steps until `until`."""
    figure = go.Figure(layout=go.Layout(template=TEMPLATE, height=160, **TRANSPARENT))
    ordered = sorted(rows)
    days = [start for start, _, _ in ordered]
    prices = [str(price) for _, _, price in ordered]
    if ordered:
        days.append(max(until, days[-1]))
        prices.append(prices[-1])
    figure.add_trace(
        go.Scatter(x=days, y=prices, mode="lines", line={"shape": "hv", "color": ACCENT, "width": 2}, name="")
    )
    figure.update_xaxes(tickformat="%Y-%m")
    return figure
