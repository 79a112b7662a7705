"""What a transfer does to lots, and how suggestions become transfers."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from distrib_app.core.catalog import Category, Sku, create_product, create_sku
from distrib_app.core.channels import ProductLine
from distrib_app.core.inventory import (
    ArrivedLine,
    ExpiresTooSoonError,
    Location,
    Lot,
    Movement,
    NotOpenSuggestionError,
    NotYourLocationError,
    ReceiptLine,
    Suggestion,
    SuggestionKind,
    approve_transfer,
    cancel_transfer,
    receive_stock,
    receive_transfer,
    ship_transfer,
    transfer_for_suggestion,
)
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError
from tests.core.orders.trade import counts

from .haul import Hauler, broken, pending
from .shop import LONG_AGO, NOW, check_stock, stock

TODAY = date(2026, 10, 15)


def with_kits(session: Session) -> None:
    """First-aid kits, which must have 30 days left: 4 of lot OLD (good for 20 days), 3 of A, 5 of B."""
    line = ProductLine(
        code="CARE", name="急救", name_en="Care", path="CARE/", is_lot_tracked=True, min_life_days=30
    )
    session.add(line)
    session.flush()
    session.add(Category(code="KITS", name="急救包", name_en="Kits", product_line_id=line.id))
    session.flush()
    create_product(session, SYSTEM, code="K", name="急救包", category_code="KITS", now=LONG_AGO)
    create_sku(session, SYSTEM, code="KIT", name="急救包", product_code="K", tax_ppm=0, now=LONG_AGO)
    for lot, qty, days in (("OLD", 4, 20), ("A", 3, 100), ("B", 5, 200)):
        goods = ReceiptLine("KIT", qty, Decimal(20), lot, TODAY + timedelta(days=days))
        receive_stock(session, SYSTEM, location_code="PLANT", lines=[goods], cause=f"GRN-{lot}", now=NOW)


def lots_at(database: Database, place: str) -> dict[str, int]:
    """What lies of each lot at a place: the sum of its movements."""
    with database.read(SYSTEM) as session:
        rows = session.exec(
            select(Lot.code, Movement.on_hand_delta)
            .join(Movement, Movement.lot_id == Lot.id)
            .join(Location, Location.id == Movement.location_id)
            .where(Location.code == place)
        ).all()
    found: dict[str, int] = {}
    for code, qty in rows:
        found[code] = found.get(code, 0) + qty
    return {code: qty for code, qty in found.items() if qty}


@pytest.fixture
def ops(haul: Database) -> Hauler:
    with haul.write(SYSTEM) as session:
        with_kits(session)
    return Hauler.named(haul, "ops")


def test_lots_travel_first_expired_first(haul: Database, ops: Hauler) -> None:
    number = ops.ask("PLANT", "SOUTH", {"KIT": 5})
    ops.do(ship_transfer, number)
    assert lots_at(haul, "PLANT") == {"OLD": 4, "B": 3}
    ops.do(receive_transfer, number, lines=[ArrivedLine(1, 4)], signed_by="王")
    assert lots_at(haul, "SOUTH") == {"A": 3, "B": 1}
    ops.do(cancel_transfer, number, outcome="write_off")
    assert lots_at(haul, "PLANT") == {"OLD": 4, "B": 3}
    check_stock(haul)
    assert broken(haul) == {}


def test_what_expires_soon_is_promised_to_no_place(haul: Database, ops: Hauler) -> None:
    before = counts(haul)
    with pytest.raises(ExpiresTooSoonError) as refused:
        ops.ask("PLANT", "SOUTH", {"KIT": 9})
    assert refused.value.facts["short_lived"] == 4
    assert counts(haul) == before


def suggest(database: Database, kind: str, place: str, source: str | None, qty: int, number: str) -> str:
    """An open suggestion about AC."""
    with database.write(SYSTEM) as session:
        ids = dict(session.exec(select(Location.code, Location.id)).all())
        sku_id = session.exec(select(Sku.id).where(Sku.code == "AC")).one()
        session.add(
            Suggestion(
                number=number,
                location_id=ids[place],
                sku_id=sku_id,
                kind=kind,
                qty=qty,
                from_location_id=ids[source] if source else None,
                suggested_on=TODAY,
                expires_on=TODAY + timedelta(days=7),
            )
        )
    return number


def accept(who: Hauler, number: str) -> str:
    with who.database.write(who.actor) as session:
        return transfer_for_suggestion(session, who.actor, number=number, now=NOW).number


def test_a_suggestion_becomes_a_transfer(haul: Database) -> None:
    # SZ does not see the place of GZ: the plan names it, and the brand stands between the two
    sz, gz = (Hauler.named(haul, name) for name in ("sz", "gz"))
    number = accept(sz, suggest(haul, SuggestionKind.TRANSFER, "SZ-WH", "GZ-WH", 2, "SG-1"))
    found = sz.get(number)
    assert (found.title, found.suggestion_number, found.status) == ("brand", "SG-1", "requested")
    assert (found.source.code, found.target.code) == ("GZ-WH", "SZ-WH")
    # counted once, by the transfer
    assert pending(haul, number) == [("GZ-WH", "backorder", 2, False), ("SZ-WH", "expected", 2, False)]
    with haul.read(SYSTEM) as session:
        row = session.exec(select(Suggestion)).one()
        assert (row.status, row.accepted_document) == ("accepted", number)
    before = counts(haul)
    with pytest.raises(NotOpenSuggestionError):
        accept(sz, "SG-1")
    assert counts(haul) == before
    gz.do(approve_transfer, number)
    assert stock(haul)["GZ-WH", "AC"] == (7, 2)
    assert broken(haul) == {}


def test_who_may_take_up_which_suggestion(haul: Database) -> None:
    sz, gz = (Hauler.named(haul, name) for name in ("sz", "gz"))
    suggest(haul, SuggestionKind.TRANSFER, "SZ-WH", "GZ-WH", 2, "SG-1")
    suggest(haul, SuggestionKind.REPLENISH, "SZ-WH", None, 2, "SG-2")
    before = counts(haul)
    with pytest.raises(NotYourLocationError):  # it sees it through its own place, but it is for SZ
        accept(gz, "SG-1")
    with pytest.raises(InvalidError):
        accept(sz, "SG-2")
    assert counts(haul) == before
