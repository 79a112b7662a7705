"""Questions to the lake: an Ibis expression compiled once per shape, its values bound each time it is asked.

Compiling an expression costs more than answering it, and every cockpit asks the same few shapes with other
days, regions and companies. So a `Cut` names its conditions, and what they compare with are parameters.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from ..journal.models import FlowStep
from .metrics import Figures, aggregates, figures_of
from .store import LakeStore

# what `LakeStore` offers to ask
_SALES = ibis.table(
    {
        "step": "string",
        "booked_on": "date",
        "month": "date",
        "seller_id": "int32",
        "buyer_id": "int32",
        "region_path": "string",
        "area_id": "int32",
        "place_id": "int32",
        "category_id": "int32",
        "sku_id": "int32",
        "order_id": "int64",
        "qty": "int64",
        "amount": "int64",
    },
    name="sales_row",
)


def _asks(kind: Any) -> Callable[[str], Any]:
    """A call that becomes a parameter of the statement: ASKED('start') → $start."""

    def asked(place: str) -> Any: ...

    call: Callable[[str], Any] = ibis.udf.scalar.builtin(asked, signature=((dt.string,), kind))
    return call


_day, _number, _text = _asks(dt.date), _asks(dt.int64), _asks(dt.string)
_numbers = _asks(dt.Array(dt.int64))
CONDITIONS: dict[str, Callable[[Any], Any]] = {
    "sell_in": lambda rows: rows.step == FlowStep.SELL_IN.value,
    "during": lambda rows: (rows.booked_on >= _day("start")) & (rows.booked_on < _day("end")),
    "region": lambda rows: rows.region_path.startswith(_text("region")),
    "category": lambda rows: rows.category_id == _number("category"),
    "sold": lambda rows: _numbers("sellers").contains(rows.seller_id),
    "bought": lambda rows: _numbers("buyers").contains(rows.buyer_id),
}


@dataclass(frozen=True, slots=True)
class Cut:
    """Rows of the lake that meet named conditions, and the values those ask for."""

    store: LakeStore
    conditions: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    def where(self, condition: str, **values: Any) -> "Cut":
        """These rows as far as they meet one more condition."""
        return Cut(self.store, (*self.conditions, condition), {**self.values, **values})


def totals(cut: Cut) -> Figures:
    """The metrics over all rows of a cut."""
    (record,) = cut.store.ask(_totals_sql(cut.conditions), cut.values)
    return figures_of(record)


def by_key(cut: Cut, key: str) -> dict[Any, Figures]:
    """The metrics per value of a column."""
    records = cut.store.ask(_by_key_sql(cut.conditions, key), cut.values)
    return {record[key]: figures_of(record) for record in records}


def buyers_by_month(cut: Cut, key: str) -> list[Mapping[str, Any]]:
    """Who bought in each month per value of a column: distinct `key`, `month`, `buyer_id`."""
    return cut.store.ask(_buyers_sql(cut.conditions, key), cut.values)


def _rows(conditions: tuple[str, ...]) -> Any:
    return _SALES.filter([CONDITIONS[name](_SALES) for name in conditions]) if conditions else _SALES


@lru_cache(maxsize=256)
def _totals_sql(conditions: tuple[str, ...]) -> str:
    rows = _rows(conditions)
    return _compiled(rows.aggregate(**aggregates(rows)))


@lru_cache(maxsize=256)
def _by_key_sql(conditions: tuple[str, ...], key: str) -> str:
    rows = _rows(conditions)
    return _compiled(rows.group_by(key).aggregate(**aggregates(rows)))


@lru_cache(maxsize=256)
def _buyers_sql(conditions: tuple[str, ...], key: str) -> str:
    return _compiled(_rows(conditions).select(key, "month", "buyer_id").distinct())


def _compiled(question: Any) -> str:
    return re.sub(r"ASKED\('(\w+)'\)", r"$\1", str(ibis.to_sql(question, dialect="duckdb")))
