"""The trading network with stock of two ages to move between its places, and ways to look at what moved."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, select

from distrib_app.core.accounts import Commitment, open_account
from distrib_app.core.catalog import Sku
from distrib_app.core.channels import Region
from distrib_app.core.invariants import INVARIANTS
from distrib_app.core.inventory import (
    CarrierTariff,
    Lane,
    Layer,
    Location,
    Movement,
    PendingStock,
    TransferDetail,
    TransferLine,
    get_transfer,
    receive_stock,
    request_transfer,
)
from distrib_app.core.kernel.access import SYSTEM, Actor
from distrib_app.core.kernel.db import Database
from distrib_app.core.workbench import list_tasks
from tests.core.orders.trade import MILLION_YUAN, build_trade

from .shop import LONG_AGO, NOW, actor

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


def build_haul(session: Session) -> None:
    """GZ has 3 AC of June at 2000 and 4 of July at 2100; SZ may buy of the brand; GZ sends by a lane."""
    build_trade(session)
    open_account(
        session,
        SYSTEM,
        seller_code="BR",
        buyer_code="SZ",
        terms_days=30,
        credit_limit_amount=MILLION_YUAN,
        now=LONG_AGO,
    )
    for day, qty, cost in ((JUNE, 3, 2000), (JULY, 4, 2100)):
        receive_stock(
            session,
            SYSTEM,
            location_code="GZ-WH",
            lines=[("AC", qty, Decimal(cost))],
            cause="OPENING",
            origin_on=day,
            now=NOW,
        )
    tariff = CarrierTariff(
        code="EXP",
        name="快运",
        carrier="远达",
        currency="CNY",
        bands=[{"over_g": 0, "first_g": 1000, "base_amount": 1000, "kg_amount": 200}],
        zones={"south": {"surcharge_ppm": 100_000, "fixed_amount": 0}},
    )
    session.add(tariff)
    for sku in session.exec(select(Sku)):
        sku.weight_g = 2_500
    session.flush()
    place = session.exec(select(Location).where(Location.code == "GZ-WH")).one()
    region = session.exec(select(Region).where(Region.code == "440000")).one()
    session.add(
        Lane(
            from_location_id=place.id,
            to_region_id=region.id,
            tariff_id=tariff.id,
            zone="south",
            lead_days=3,
            handling_amount=50,
        )
    )


@dataclass(frozen=True)
class Hauler:
    """One user who asks for transfers and works on them; every call is a transaction of its own."""

    database: Database
    actor: Actor

    @classmethod
    def named(cls, database: Database, username: str) -> "Hauler":
        return cls(database, actor(database, username))

    def ask(self, source: str, target: str, lines: dict[str, int], key: str = "k1", **facts: Any) -> str:
        with self.database.write(self.actor) as session:
            return request_transfer(
                session,
                self.actor,
                from_code=source,
                to_code=target,
                lines=lines,
                idempotency_key=key,
                now=NOW,
                **facts,
            ).number

    def do(self, verb: Any, number: str, **facts: Any) -> str:
        with self.database.write(self.actor) as session:
            return verb(session, self.actor, number=number, **({"now": NOW} | facts)).status

    def get(self, number: str) -> TransferDetail:
        with self.database.read(self.actor) as session:
            return get_transfer(session, self.actor, number=number)

    def inbox(self) -> list[tuple[str, str]]:
        with self.database.read(self.actor) as session:
            rows = list_tasks(session, self.actor, box="inbox", now=NOW).rows
            return [(row.kind, row.subject[1]) for row in rows]


def moved(database: Database, number: str) -> list[tuple[str, str, int, date | None, int | None]]:
    """(place, kind, quantity, origin day, cost in yuan) of every movement of a transfer that moved goods."""
    with database.read(SYSTEM) as session:
        rows = session.exec(
            select(Location.code, Movement)
            .join(Movement, Movement.location_id == Location.id)
            .where(Movement.cause == number, Movement.on_hand_delta != 0)
            .order_by(Movement.id)
        ).all()
    return [
        (code, row.kind, row.on_hand_delta, row.origin_on, (row.unit_cost_micros or 0) // 1_000_000)
        for code, row in rows
    ]


def pending(database: Database, number: str) -> list[tuple[str, str, int, bool]]:
    """(place, kind, quantity, on the road) that a transfer makes places expect or owe."""
    with database.read(SYSTEM) as session:
        rows = session.exec(
            select(Location.code, PendingStock)
            .join(PendingStock, PendingStock.location_id == Location.id)
            .where(PendingStock.cause == number)
            .order_by(Location.code, PendingStock.sku_id)
        ).all()
    return [(code, row.kind, row.qty, row.is_in_transit) for code, row in rows]


def held_credit(database: Database, number: str) -> int:
    """What a transfer takes of its taker's credit now, in fen."""
    with database.read(SYSTEM) as session:
        return sum(session.exec(select(Commitment.amount).where(Commitment.document == number)))


def lying(database: Database, place: str, sku: str = "AC") -> list[Layer]:
    """What came to a place and has not left again by a transfer, per movement row."""
    with database.read(SYSTEM) as session:
        rows = session.exec(
            select(Movement)
            .join(Location, Location.id == Movement.location_id)
            .join(Sku, Sku.id == Movement.sku_id)
            .where(Location.code == place, Sku.code == sku, Movement.on_hand_delta > 0)
            .order_by(Movement.id)
        )
        return [Layer(row.origin_on, row.unit_cost_micros, row.on_hand_delta, row.lot_id) for row in rows]


def lines_of(database: Database) -> list[tuple[int, ...]]:
    """(asked, reserved, shipped, received, short, restored, written off) of every line."""
    with database.read(SYSTEM) as session:
        return [
            (
                row.qty,
                row.reserved_qty,
                row.shipped_qty,
                row.received_qty,
                row.short_qty,
                row.restored_qty,
                row.written_off_qty,
            )
            for row in session.exec(select(TransferLine).order_by(TransferLine.id))
        ]


def broken(database: Database) -> dict[str, list[Any]]:
    """Every invariant that does not hold, with what breaks it."""
    with database.read(SYSTEM) as session:
        found = {one.name: session.connection().execute(text(one.offenders)).all() for one in INVARIANTS}
    return {name: rows for name, rows in found.items() if rows}
