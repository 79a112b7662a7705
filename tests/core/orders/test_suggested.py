"""Suggestions that become draft orders: who sells it, what counts as on order, until the order is over."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlmodel import select

from distrib_app.core.catalog import Sku
from distrib_app.core.inventory import (
    Location,
    NotOpenSuggestionError,
    NotYourLocationError,
    PendingStock,
    Suggestion,
    SuggestionKind,
)
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.kernel.events import Event
from distrib_app.core.orders import (
    NoSupplierError,
    cancel_order,
    forget_expected,
    keep_draft,
    read_draft,
    take_up_suggestion,
)
from tests.core.inventory.shop import NOW

from .trade import Trader, counts

TODAY = date(2026, 10, 15)
Who = Callable[[str], Trader]


def suggest(database: Database, kind: str, place: str, sku: str, qty: int, number: str) -> str:
    with database.write(SYSTEM) as session:
        location = session.exec(select(Location).where(Location.code == place)).one()
        session.add(
            Suggestion(
                number=number,
                location_id=location.id,
                sku_id=session.exec(select(Sku.id).where(Sku.code == sku)).one(),
                kind=kind,
                qty=qty,
                suggested_on=TODAY,
                expires_on=TODAY + timedelta(days=7),
            )
        )
    return number


def take_up(who: Trader, number: str) -> str:
    with who.database.write(who.actor) as session:
        return take_up_suggestion(session, who.actor, number=number, now=NOW)


def draft(who: Trader, seller: str) -> dict[str, int]:
    with who.database.read(who.actor) as session:
        return read_draft(session, who.actor, buyer_code="GZ", seller_code=seller)


def keep(who: Trader, seller: str, lines: dict[str, int], placed_as: str = "") -> None:
    with who.database.write(who.actor) as session:
        keep_draft(
            session,
            who.actor,
            buyer_code="GZ",
            seller_code=seller,
            lines=lines,
            placed_as=placed_as,
            now=NOW,
        )


def expected(database: Database) -> list[tuple[str, int]]:
    with database.read(SYSTEM) as session:
        return session.exec(select(PendingStock.cause, PendingStock.qty).order_by(PendingStock.id)).all()


def test_the_parent_first_else_who_has_a_price(trade: Database, who: Who) -> None:
    gz = who("gz")
    first = take_up(gz, suggest(trade, SuggestionKind.REPLENISH, "GZ-WH", "AC", 6, "SG-1"))
    second = take_up(gz, suggest(trade, SuggestionKind.REPLENISH, "GZ-WH", "TV", 9, "SG-2"))
    assert (draft(gz, "GD"), draft(gz, "BR")) == ({"AC": 6}, {"TV": 9})
    assert expected(trade) == [(first, 6), (second, 9)]
    with trade.read(SYSTEM) as session:
        rows = session.exec(select(Suggestion.status, Suggestion.accepted_document)).all()
    assert sorted(rows) == sorted([("accepted", first), ("accepted", second)])


def test_what_is_left_out_of_the_draft_is_not_expected(trade: Database, who: Who) -> None:
    gz = who("gz")
    keep(gz, "BR", {"BOX": 5})
    document = take_up(gz, suggest(trade, SuggestionKind.REPLENISH, "GZ-WH", "TV", 9, "SG-1"))
    assert draft(gz, "BR") == {"BOX": 5, "TV": 9}
    keep(gz, "BR", {"BOX": 10, "TV": 7})
    assert expected(trade) == [(document, 9)]
    keep(gz, "BR", {"BOX": 10})
    assert expected(trade) == []


def test_the_order_takes_over_until_it_is_over(trade: Database, who: Who) -> None:
    gz = who("gz")
    take_up(gz, suggest(trade, SuggestionKind.REPLENISH, "GZ-WH", "TV", 9, "SG-1"))
    number = gz.place({"TV": 9})
    keep(gz, "BR", {}, placed_as=number)
    assert expected(trade) == [(number, 9)]
    assert draft(gz, "BR") == {}
    with trade.read(gz.actor) as session:
        assert session.exec(select(Suggestion.accepted_document)).one() == number

    def over() -> None:
        with trade.write(SYSTEM) as session:
            event = Event(kind="x", subject_kind="order", subject_key=number, occurred_at=NOW)
            forget_expected(session, event, NOW)

    over()
    assert expected(trade) == [(number, 9)]  # it is still on its way
    gz.do(cancel_order, number)
    over()
    assert expected(trade) == []


def test_what_leads_to_no_order(trade: Database, who: Who) -> None:
    gz = who("gz")
    suggest(trade, SuggestionKind.CLEARANCE, "GZ-WH", "TV", 9, "SG-1")
    suggest(trade, SuggestionKind.REPLENISH, "PLANT", "TV", 9, "SG-2")
    suggest(trade, SuggestionKind.REPLENISH, "SZ-WH", "TV", 9, "SG-3")
    suggest(trade, SuggestionKind.REPLENISH, "GZ-WH", "AC", 9, "SG-4")
    take_up(gz, "SG-4")
    before = counts(trade)
    with pytest.raises(InvalidError):
        take_up(gz, "SG-1")
    with pytest.raises(NoSupplierError):  # nobody sells to SZ what it lacks
        take_up(who("sz"), "SG-3")
    with pytest.raises(NotOpenSuggestionError):
        take_up(gz, "SG-4")
    assert counts(trade) == before
    assert draft(gz, "GD") == {"AC": 9}
    with pytest.raises((NoSupplierError, NotYourLocationError)), trade.write(SYSTEM) as session:
        take_up_suggestion(session, SYSTEM, number="SG-2", now=NOW)
    assert counts(trade) == before
