"""A cockpit as plain JSON: amounts are exact decimal strings, hidden figures are null."""

from typing import Any

from ..kernel.money import micros_to_string
from .metrics import Figures
from .rows import CellRow, Cockpit

MONEY = ("sales", "returns", "net_sales")
COUNTS = ("orders", "partners", "units", "lines", "skus")


def cockpit_json(cockpit: Cockpit) -> dict[str, Any]:
    """The cockpit as the command line and the API give it; `to` is the last day inside."""
    currency = cockpit.currency
    answer: dict[str, Any] = {
        "view": cockpit.view.value,
        "as_of": cockpit.as_of.isoformat() if cockpit.as_of else None,
        "from": cockpit.period.start.isoformat(),
        "to": cockpit.period.last.isoformat(),
        "currency": currency,
        "is_restricted": cockpit.is_restricted,
        **figures_json(cockpit.current, currency),
        "regions": [_cell(row, currency) for row in cockpit.areas],
        "categories": [_cell(row, currency) for row in cockpit.categories],
        "league": [_cell(row, currency) | {"tier": row.group} for row in cockpit.league],
        "months": [
            {"month": f"{row.month:%Y-%m}", **figures_json(row.figures, currency)} for row in cockpit.months
        ],
    }
    if cockpit.purchases is not None:
        answer["purchases"] = figures_json(cockpit.purchases, currency)
    return answer


def figures_json(figures: Figures | None, currency: str) -> dict[str, Any]:
    """The metrics of one cell; all null where they are hidden."""
    if figures is None:
        return dict.fromkeys((*MONEY, *COUNTS))
    amounts = {key: micros_to_string(getattr(figures, key), currency) for key in MONEY}
    return amounts | {key: getattr(figures, key) for key in COUNTS}


def _cell(row: CellRow, currency: str) -> dict[str, Any]:
    answer = {
        "code": row.code,
        "name": row.name,
        "name_en": row.name_en,
        **figures_json(row.figures, currency),
    }
    if row.figures is None:
        answer["hidden"] = "fewer than 3" if row.is_small else "protects others"
    return answer
