"""Why the numbers of stock pages are what they are: each list of steps ends in the number shown."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.inventory import (
    LineSource,
    Placement,
    ReportedLine,
    SuggestionDetail,
    SuggestionRow,
    WaterLineRow,
    explain_network,
    explain_stock,
    get_stock_record,
    list_network_stock,
    receive_stock,
    report_stock,
    reserve,
    why_of_line,
    why_of_suggestion,
)
from distrib_app.core.inventory.network_whys import NetworkPart, why_of_network
from distrib_app.core.inventory.stock_whys import (
    Reported,
    StockFigures,
    UnfitLot,
    reserved_why,
    whys_of_stock,
)
from distrib_app.core.inventory.water_lines import Demand, Supply, explain_lines
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.explain import Step

from . import test_network_stock
from .shop import NOW, actor
from .test_network_stock import TODAY, ZONE

lively = test_network_stock.lively

QTY = st.integers(0, 5_000)


@given(
    received=QTY,
    on_hand=QTY,
    reserved=QTY,
    unfit=st.one_of(st.none(), st.lists(QTY, max_size=3)),
    reported=st.one_of(st.none(), QTY),
)
@settings(max_examples=100)
def test_the_steps_of_a_balance_add_up(
    received: int, on_hand: int, reserved: int, unfit: list[int] | None, reported: int | None
) -> None:
    day = date(2026, 10, 15)
    lots = None if unfit is None else [UnfitLot(f"L{at}", day, qty) for at, qty in enumerate(unfit)]
    report = None if reported is None else Reported(reported, on_hand, date(2026, 10, 12), "D-1")
    figures = StockFigures(received, on_hand, reserved, lots, 90, report, day)
    found = {key: [step.result for step in why.steps] for key, why in whys_of_stock(figures).items()}
    came, left, lies = map(int, found["on_hand"])
    assert came + left == lies == on_hand
    assert sum(map(int, found["available"][2:-1])) == on_hand - reserved - sum(unfit or ())
    free = max(0, on_hand - reserved - sum(unfit or ()))
    assert int(found["available"][-1]) == free == figures.available_qty
    assert ("unfit" in found) == (unfit is not None)
    if unfit is not None:
        *parts, total = map(int, found["unfit"])
        assert sum(parts) == total == figures.unfit_qty
    if reported is None:
        assert not {"reported", "calculated", "gap", "age"} & set(found)
        return
    said, booked, gap = found["gap"]
    assert int(said) - int(booked) == int(gap) and (gap == "0" or gap[0] in "+-")
    assert (found["reported"], found["calculated"]) == ([str(reported)], [str(on_hand)])
    assert found["age"] == ["2026-10-12", "2026-10-15", "3"]


def test_what_parts_took_away_is_held_against_their_order() -> None:
    documents = {
        "SO-20261015-0001": 8,
        "SO-20261015-0001-1": -5,
        "SO-20261015-0002": 4,
        "TF-20261015-0001": 2,
    }
    documents |= {"SO-20261015-0003": 6, "SO-20261015-0003-1": -2, "SO-20261015-0003-2": -4}
    why = reserved_why(9, documents)
    assert [(step.facts.get("document"), step.result) for step in why.steps] == [
        ("SO-20261015-0001", "3"),
        ("SO-20261015-0002", "4"),
        ("TF-20261015-0001", "2"),
        (None, "9"),
    ]


def test_the_record_explains_each_of_its_numbers(shop: Database) -> None:
    gz = actor(shop, "gz")
    with shop.write(gz) as session:
        line = ReportedLine("GZ-WH", "AC", 3, date(2026, 10, 14), 1)
        report_stock(session, gz, source="page", document="D-1", lines=[line], now=NOW)
    skus, places = test_network_stock.ids(shop)
    with shop.write(SYSTEM) as session:
        lines = [("AC", 7, Decimal("90"))]
        receive_stock(session, SYSTEM, location_code="GZ-WH", lines=lines, cause="G-1", now=NOW)
        reserve(
            session, placements=[Placement(skus["AC"], places["GZ-WH"], 2)], cause="SO-20261015-0009", now=NOW
        )
    with shop.read(gz) as session:
        record = get_stock_record(session, gz, location_code="GZ-WH", sku_code="AC", now=NOW)
        ends = {
            key: explain_stock(session, gz, location_code="GZ-WH", sku_code="AC", key=key, now=NOW).steps[-1]
            for key in ("on_hand", "reserved", "available", "free", "reported", "calculated", "gap", "age")
        }
    assert record.reported is not None
    assert {key: step.result for key, step in ends.items()} == {
        "on_hand": str(record.on_hand_qty),
        "reserved": "2",
        "available": str(record.on_hand_qty - 2),
        "free": str(record.on_hand_qty - 2),
        "reported": "3",
        "calculated": str(record.reported.calculated_qty),
        "gap": f"{3 - record.reported.calculated_qty:+d}",
        "age": "1",
    }


def test_a_number_that_is_not_there_is_not_found(shop: Database) -> None:
    gz, rival = actor(shop, "gz"), actor(shop, "sz")
    with shop.read(gz) as session:
        for key in ("", "unfit", "gap", "worth"):
            with pytest.raises(NotFoundError):
                explain_stock(session, gz, location_code="GZ-WH", sku_code="AC", key=key, now=NOW)
    with shop.read(rival) as session, pytest.raises(NotFoundError):
        explain_stock(session, rival, location_code="GZ-WH", sku_code="AC", key="on_hand", now=NOW)
    nobody = replace(gz, permissions=frozenset())
    with shop.read(nobody) as session, pytest.raises(ForbiddenError):
        explain_stock(session, nobody, location_code="GZ-WH", sku_code="AC", key="on_hand", now=NOW)


@pytest.mark.parametrize("by", ["sku", "place"])
def test_each_number_of_the_network_is_made_up_of_its_parts(lively: Database, by: str) -> None:
    asked: dict[str, Any] = {"view": "brand", "by": by, "day": TODAY, "zone": ZONE}
    with lively.read(SYSTEM) as session:
        rows = list_network_stock(session, **asked).rows
        assert rows
        for row in rows:
            shown = {"on_hand": row.on_hand_qty, "issued": row.issued_qty, "count": row.count}
            shown |= {f"age{at}": qty for at, qty in enumerate(row.ageing.values())}
            for key, value in shown.items():
                found = explain_network(session, code=row.code, key=key, **asked)
                *parts, total = [int(step.result) for step in found.steps]
                assert total == value, (row.code, key)
                assert key == "count" or sum(parts) == value
            if row.cover_tenths is not None:
                found = explain_network(session, code=row.code, key="cover", **asked)
                assert Decimal(found.steps[-1].result) == Decimal(row.cover_tenths) / 10
        with pytest.raises(NotFoundError):
            explain_network(session, code=rows[0].code, key="worth", **asked)
        with pytest.raises(NotFoundError):
            explain_network(session, code="NOWHERE", key="on_hand", **asked)
        with pytest.raises(InvalidError):
            explain_network(session, code="AC", key="on_hand", **(asked | {"by": "moon"}))


def test_more_parts_than_fit_are_added_up() -> None:
    parts = [NetworkPart(f"P{at:02}", "x", "", {"on_hand": at, "issued": 0}) for at in range(16)]
    found = why_of_network(parts, "on_hand")
    assert found is not None
    assert [step.result for step in found.steps] == [*map(str, range(15, 3, -1)), "6", "120"]
    assert found.steps[-2].facts == {"count": 3}
    assert why_of_network(parts, "cover") is None


def water_line(safety: int, warning: int, most: int, source: str = LineSource.COMPUTED) -> WaterLineRow:
    names = ("GZ", "广州", "", "GZ-WH", "广州仓", "", "AC", "空调", "", "台")
    instant = datetime(2026, 10, 15, tzinfo=UTC)
    return WaterLineRow(*names, safety, warning, most, 3, 1_250, source, instant, 1)


def test_a_line_ends_the_steps_that_lead_to_it() -> None:
    decision = explain_lines(Demand.of([1, 0, 3, 2, 0, 4, 1]), Supply(4_000), 5)
    lines = decision.lines
    row = water_line(lines.safety_qty, lines.warning_qty, lines.max_qty)
    found = {key: why_of_line(row, decision.steps, key) for key in ("safety", "warning", "maximum", "daily")}
    ends = {key: (len(why.steps), why.steps[-1].result) for key, why in found.items() if why is not None}
    assert ends == {
        "safety": (4, str(lines.safety_qty)),
        "warning": (5, str(lines.warning_qty)),
        "maximum": (6, str(lines.max_qty)),
        "daily": (1, "1.25"),
    }
    by_hand = why_of_line(water_line(7, 8, 9, LineSource.HAND), (Step("Set by hand"),), "warning")
    assert by_hand is not None and [step.result for step in by_hand.steps] == ["8"]
    assert why_of_line(row, decision.steps, "available") is None


def test_a_suggestion_ends_in_its_quantity() -> None:
    names = ("SG-1", "GZ", "广州", "", "GZ-WH", "广州仓", "", "AC", "空调", "", "台", "replenish")
    day = date(2026, 10, 15)
    row = SuggestionRow(*names, True, "open", 22, 5, 8, 9, 27, "", "", "", day, day, None, "")
    steps = (
        Step("Position", {}, "5").frozen(),
        Step("Below", {}, "22").frozen(),
        Step("Not from there", {}, "0").frozen(),
    )
    detail = SuggestionDetail(row, {}, steps, True)
    results = {}
    for key in ("position", "qty", "lines"):
        found = why_of_suggestion(detail, key)
        assert found is not None
        results[key] = [step.result for step in found.steps]
    assert results == {
        "position": ["5"],
        "qty": ["5", "22", "0", "22"],
        "lines": ["8", "9", "27", "8 / 9 / 27"],
    }
    assert why_of_suggestion(detail, "age") is None
