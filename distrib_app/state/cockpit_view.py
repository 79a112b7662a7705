"""From a cockpit of core to what its page shows: strings, shades, points. No rule is decided here."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

import plotly.graph_objects as go

from .. import routes
from ..core.analytics import METRICS, PARTNER_METRICS, CellRow, Cockpit, Figures, Metric, View
from ..core.kernel.clock import Period, add_months, month_start
from ..core.kernel.errors import msg
from ..core.kernel.money import divide
from ..figures import cockpit as figures
from ..i18n import gettext
from ..i18n.presentation import (
    NO_VALUE,
    change,
    compact,
    compact_micros,
    in_language,
    instant,
    micros,
    month,
    number,
    own_name,
    short_scale_of,
    tenths,
)

VIEW_NAMES = {View.BRAND: msg("Brand"), View.PARTNER: msg("Partner")}
WHOLE_COUNTS = 1_000_000


def name_of(rows: Sequence[CellRow], code: str, language: str) -> str:
    """The name behind a chosen code, the code itself where no row carries it."""
    return next((own_name(row, language) for row in rows if row.code == code), code)


def view_options(cockpit: Cockpit, language: str) -> list[dict[str, str]]:
    """The views the actor may switch between."""
    return [
        {
            "value": view.value,
            "text": gettext(VIEW_NAMES[view], language),
            "here": "yes" if view is cockpit.view else "",
        }
        for view in cockpit.views
    ]


def as_of(cockpit: Cockpit, zone: str) -> str:
    """When the newest posting in these figures was booked."""
    return instant(cockpit.as_of, zone)


def period_options(days: tuple[date | None, date | None], language: str) -> list[dict[str, str]]:
    """All time, last 12 months, years, then months, newest first."""
    first, last = days
    if first is None or last is None:
        return []
    options = [
        {"value": "12m", "text": gettext(msg("Last 12 months"), language)},
        {"value": "all", "text": gettext(msg("All time"), language)},
    ]
    years = range(last.year, first.year - 1, -1)
    options += [
        {"value": str(year), "text": gettext(msg("{year} (year)"), language, year=year)} for year in years
    ]
    months = [*Period(month_start(first), add_months(month_start(last), 1)).months()]
    return [{"value": f"{m:%Y-%m}", "text": month(m, language)} for m in reversed(months)] + options


# --- cards --------------------------------------------------------------------------------------------


def _value(found: Figures | None, metric: Metric) -> int | None:
    return (
        None if found is None else int(getattr(found, "sales" if metric.key == "purchases" else metric.key))
    )


def _figures_for(cockpit: Cockpit, metric: Metric) -> tuple[Figures | None, Figures | None, Figures | None]:
    if metric.key == "purchases":
        return cockpit.purchases, cockpit.purchases_previous, cockpit.purchases_year_ago
    return cockpit.current, cockpit.previous, cockpit.year_ago


def cards(cockpit: Cockpit, language: str, rows_query: dict[str, str]) -> list[dict[str, str]]:
    """One card a metric: value and unit, change against last year and the last period, sparkline."""
    metrics = PARTNER_METRICS if cockpit.view is View.PARTNER else METRICS
    return [_card(cockpit, metric, language, rows_query) for metric in metrics]


def _card(cockpit: Cockpit, metric: Metric, language: str, rows_query: dict[str, str]) -> dict[str, str]:
    now, before, year = (_value(found, metric) for found in _figures_for(cockpit, metric))
    figure, unit = _short(now, metric, cockpit.currency, language)
    exact = micros(now, cockpit.currency, language) if metric.is_money else number(now, language)
    side = {"side": "purchases"} if metric.key == "purchases" else {}
    card = {
        "key": metric.key,
        "name": gettext(metric.name, language),
        "definition": gettext(metric.definition, language),
        "figure": figure,
        "unit": unit,
        "exact": exact,
        "spark": figures.sparkline(_history(cockpit, metric)),
        "href": f"{routes.SALES_ROWS}?{urlencode(rows_query | side)}",
        "note": _note(_figures_for(cockpit, metric)[0], metric, cockpit.currency, language),
    }
    for name, base in (("year", year), ("last", before)):
        text, direction = change(now, base) if now is not None else (NO_VALUE, "none")
        card |= {f"{name}_change": text, f"{name}_direction": direction}
    return card


def _short(value: int | None, metric: Metric, currency: str, language: str) -> tuple[str, str]:
    """Money always short; counts in full as long as a card holds them."""
    if metric.is_money:
        return compact_micros(value, currency, language)
    if value is None or value < WHOLE_COUNTS:
        return number(value, language), ""
    return compact(value, language)


def _note(found: Figures | None, metric: Metric, currency: str, language: str) -> str:
    """What stands below a card's changes: the figures that belong to it."""
    if found is None:
        return gettext(msg("Withheld: fewer than 3 partners would show"), language)
    if metric.key == "orders":
        return gettext(msg("{lines} lines"), language, lines=number(found.lines, language))
    if metric.key == "units":
        return gettext(msg("{skus} SKUs"), language, skus=number(found.skus, language))
    if metric.key == "partners":
        each = divide(found.sales, found.partners) if found.partners else None
        figure, unit = compact_micros(each, currency, language)
        return gettext(msg("{amount} each"), language, amount=figure + unit)
    if metric.key == "net_sales":
        figure, unit = compact_micros(found.returns, currency, language)
        return gettext(msg("returns {amount}"), language, amount=figure + unit)
    each = divide(found.sales, found.orders) if found.orders else None
    figure, unit = compact_micros(each, currency, language)
    return gettext(msg("{amount} per order"), language, amount=figure + unit)


def _history(cockpit: Cockpit, metric: Metric) -> list[int | None]:
    if metric.key == "purchases":
        return [row.purchases for row in cockpit.months]
    return [_value(row.figures, metric) for row in cockpit.months]


# --- categories, league, trend ------------------------------------------------------------------------


def categories(cockpit: Cockpit, chosen: str, language: str) -> list[dict[str, str]]:
    """The share of each category in what is shown, widest first."""
    shown = [row for row in cockpit.categories if row.figures is not None and row.figures.sales > 0]
    whole = sum(row.figures.sales for row in shown if row.figures)
    found = []
    for index, row in enumerate(shown):
        assert row.figures is not None
        text, direction = (
            change(row.figures.sales, row.year_ago.sales) if row.year_ago else (NO_VALUE, "none")
        )
        found.append(
            {
                "code": row.code,
                "name": own_name(row, language),
                "share": f"{tenths(row.figures.sales, whole)}%",
                "grow": str(max(row.figures.sales * 1000 // whole, 1)),
                "amount": micros(row.figures.sales, cockpit.currency, language),
                "shade": f"cat-{min(index, 6)}",
                "change": text,
                "direction": direction,
                "chosen": "yes" if row.code == chosen else "",
            }
        )
    return found


def league(cockpit: Cockpit, language: str, rows_query: dict[str, str]) -> list[dict[str, str]]:
    """Direct buyers by sales: amount, share of the whole, change against last year."""
    whole = cockpit.current.sales if cockpit.current else 0
    found = []
    for index, row in enumerate(cockpit.league):
        shown = row.figures
        assert shown is not None
        text, direction = change(shown.sales, row.year_ago.sales) if row.year_ago else (NO_VALUE, "none")
        figure, unit = compact_micros(shown.sales, cockpit.currency, language)
        found.append(
            {
                "rank": str(index + 1),
                "code": row.code,
                "name": own_name(row, language),
                "tier": in_language(row.group, row.group_en, language),
                "amount": f"{figure}{unit}",
                "share": f"{tenths(shown.sales, whole)}%" if whole else NO_VALUE,
                "change": text,
                "direction": direction,
                "href": f"{routes.SALES_ROWS}?{urlencode(rows_query | {'partner': row.code})}",
            }
        )
    return found


def months(cockpit: Cockpit, language: str) -> list[dict[str, str]]:
    """The trend as a table."""
    return [
        {
            "month": f"{row.month:%Y-%m}",
            "sales": micros(row.figures.sales if row.figures else None, cockpit.currency, language),
            "net_sales": micros(row.figures.net_sales if row.figures else None, cockpit.currency, language),
            "orders": number(row.figures.orders if row.figures else None, language),
        }
        for row in reversed(cockpit.months)
    ]


def trend(cockpit: Cockpit, language: str) -> go.Figure:
    """Monthly sales of the last twelve months (or fewer) over those of the year before."""
    by_month = {row.month: row.figures for row in cockpit.months}
    last = tuple(row.month for row in cockpit.months)[-12:]
    now = tuple(_units(by_month.get(m)) for m in last)
    before = tuple(_units(by_month.get(add_months(m, -12))) for m in last)
    highest = max((value for value in [*now, *before] if value is not None), default=0)
    ticks = tuple((value, "".join(_tick(value, language))) for value in figures.axis_ticks(highest))
    return figures.trend(
        last,
        now,
        name=gettext(msg("This year"), language),
        year_ago=before,
        year_ago_name=gettext(msg("Year before"), language),
        hover=tuple(_hover(by_month.get(m), cockpit.currency, language) for m in last),
        year_ago_hover=tuple(
            _hover(by_month.get(add_months(m, -12)), cockpit.currency, language) for m in last
        ),
        ticks=ticks,
    )


def _units(found: Figures | None) -> int | None:
    return None if found is None else divide(found.sales, 1_000_000)


def _hover(found: Figures | None, currency: str, language: str) -> str:
    return micros(found.sales if found else None, currency, language)


def _tick(value: int, language: str) -> tuple[str, str]:
    figure, unit = compact(value, language, digits=1, scales=short_scale_of(language))
    return figure.removesuffix(".0"), unit
