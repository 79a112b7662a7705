"""A price over time as a step line."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import plotly.graph_objects as go

from .theme import ACCENT, TEMPLATE, TRANSPARENT


def price_steps(changes: Sequence[tuple[date, Decimal | None]], *, until: date) -> go.Figure:
    """Prices by the day they began (None: none from then on), drawn as steps until `until`."""
    figure = go.Figure(layout=go.Layout(template=TEMPLATE, height=160, **TRANSPARENT))
    days: list[date] = []
    prices: list[str | None] = []
    for day, price in changes:
        if price is None and prices:  # the step before reaches up to the gap
            days.append(day)
            prices.append(prices[-1])
        days.append(day)
        prices.append(None if price is None else str(price))
    if days:
        days.append(max(until, days[-1]))
        prices.append(prices[-1])
    figure.add_trace(
        go.Scatter(x=days, y=prices, mode="lines", line={"shape": "hv", "color": ACCENT, "width": 2}, name="")
    )
    figure.update_xaxes(tickformat="%Y-%m")
    return figure
