"""The trend of the cockpit and the sparklines of its cards."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import plotly.graph_objects as go

from .theme import ACCENT, FAINT, TEMPLATE, TRANSPARENT

TREND_HEIGHT = 172


@lru_cache(maxsize=512)
def trend(
    months: tuple[date, ...],
    values: tuple[int | None, ...],
    *,
    name: str,
    year_ago: tuple[int | None, ...],
    year_ago_name: str,
    hover: tuple[str, ...],
    year_ago_hover: tuple[str, ...],
    ticks: tuple[tuple[int, str], ...],
) -> go.Figure:
    """Monthly sales with the year before behind them; values in whole currency units.

    Drawing costs more than the figures and everybody looks at the same ones: a figure drawn is kept.
    `hover` are the texts shown for each month, `ticks` the places and texts of the value axis (Plotly's own
    axis doesn't know 万/亿).
    """
    figure = go.Figure(layout=go.Layout(template=TEMPLATE, height=TREND_HEIGHT, **TRANSPARENT))
    labels = [f"{month:%Y-%m}" for month in months]
    figure.add_trace(_line(labels, year_ago, year_ago_name, year_ago_hover, FAINT, width=1.5))
    figure.add_trace(_line(labels, values, name, hover, ACCENT, width=2.5))
    figure.update_yaxes(tickvals=[value for value, _ in ticks], ticktext=[text for _, text in ticks])
    if ticks:
        figure.update_yaxes(range=[ticks[0][0], ticks[-1][0]])
    figure.update_xaxes(type="category", tickvals=labels[:: max(1, len(labels) // 8)])
    return figure


def _line(
    labels: Sequence[str],
    values: Sequence[int | None],
    name: str,
    hover: Sequence[str],
    colour: str,
    *,
    width: float,
) -> go.Scatter:
    return go.Scatter(
        x=list(labels),
        y=list(values),
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": width},
        marker={"size": 5, "color": colour},
        text=list(hover),
        hovertemplate="%{text}",
        connectgaps=False,
    )


def sparkline(values: Sequence[int | None], *, width: int = 96, height: int = 24) -> str:
    """The points of an SVG polyline through the known values, scaled into width × height."""
    known = [(index, value) for index, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(value for _, value in known), max(value for _, value in known)
    span = high - low or 1
    last = len(values) - 1
    return " ".join(
        f"{width * index // last},{height - 2 - (height - 4) * (value - low) // span}"
        for index, value in known
    )


def axis_ticks(highest: int, *, count: int = 4) -> list[int]:
    """Round places from zero to just above `highest`, a step of 1, 2 or 5 times a power of ten apart."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if step * count >= highest:
                return list(range(0, max(highest, 1) + step, step))
        power *= 10
