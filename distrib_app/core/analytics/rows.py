"""What a cockpit is asked and what it answers: frozen rows."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ..kernel.clock import Period
from .metrics import NOTHING, Figures


class View(StrEnum):
    """Whose cockpit it is."""

    BRAND = "brand"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class CockpitQuery:
    """What is asked for; no period means all time, no `league_rows` the whole league.

    With `is_cross` a list ignores its own filter.
    """

    period: Period | None = None
    region_code: str = ""
    category_code: str = ""
    view: str = ""
    is_cross: bool = False
    league_rows: int = 0


@dataclass(frozen=True, slots=True)
class CellRow:
    """One area, category or partner with its figures now, before and a year ago.

    `figures` is None where they are hidden; `is_small` says that fewer than three partners is the reason.
    """

    code: str
    name: str
    name_en: str
    short_name: str = ""
    group: str = ""
    group_en: str = ""
    figures: Figures | None = NOTHING
    previous: Figures | None = None
    year_ago: Figures | None = None
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of the trend."""

    month: date
    figures: Figures | None
    purchases: int | None = None


@dataclass(frozen=True, slots=True)
class Cockpit:
    """Everything one cockpit shows."""

    view: View
    views: tuple[View, ...]
    as_of: datetime | None
    period: Period
    is_all_time: bool
    currency: str
    current: Figures | None
    previous: Figures | None
    year_ago: Figures | None
    areas: tuple[CellRow, ...] = ()
    categories: tuple[CellRow, ...] = ()
    league: tuple[CellRow, ...] = ()
    months: tuple[MonthRow, ...] = ()
    purchases: Figures | None = None
    purchases_previous: Figures | None = None
    purchases_year_ago: Figures | None = None
    is_restricted: bool = False
    brand: str = ""
    version: int = 0
