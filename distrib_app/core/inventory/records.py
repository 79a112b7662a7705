"""The stock record: one place and SKU with its lots, layers and reported stock, and why each number is so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from ..catalog import Sku
from ..channels import Partner
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import business_day, day_start
from ..kernel.errors import NotFoundError, msg
from ..kernel.explain import Step, Why
from ..kernel.lifecycle import ActionRow, Lifecycle, Transition
from .balances import Goods, Place, read_goods, read_receipts
from .fefo import LotStock, is_fit, life_left, pick_first_expired
from .ledgers import LayersView, find_place, lying, on_hand_at, show_layers
from .lot_models import StockReport
from .lots import read_lots
from .models import Balance, Location, Movement
from .rules import Layer, derive_layers
from .stock_whys import Reported, StockFigures, UnfitLot, reserved_why, whys_of_stock

_HELD = "held"


@dataclass(frozen=True, slots=True)
class LotRow:
    """What lies of a lot at a place, and whether it may still be shipped."""

    code: str
    expires_on: date
    left_days: int
    qty: int
    is_fit: bool


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """What was reported last, beside what the books say of the end of that day."""

    reported_qty: int
    calculated_qty: int
    counted_on: date
    age_days: int
    source: str
    document: str
    line_no: int
    layers: LayersView

    @property
    def gap_qty(self) -> int:
        """How many more (+) or fewer (−) were reported than the books say."""
        return self.reported_qty - self.calculated_qty


@dataclass(frozen=True, slots=True)
class StockRecord:
    """One balance as its page shows it; `day` is the owner's business day.

    `whys` say of each number how it came about, `next_out` which lots would leave next and why.
    """

    location_code: str
    location_name: str
    location_name_en: str
    location_kind: str
    partner_code: str
    partner_name: str
    partner_name_en: str
    sku_code: str
    sku_name: str
    sku_name_en: str
    unit: str
    is_lot_tracked: bool
    min_life_days: int
    day: date
    on_hand_qty: int
    reserved_qty: int
    unfit_qty: int
    available_qty: int
    lots: tuple[LotRow, ...]
    layers: LayersView
    reported: ReportedRow | None
    whys: Mapping[str, Why]
    next_out: tuple[Step, ...]
    actions: tuple[ActionRow, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """How all its numbers come about, one after the other, and what would leave next."""
        gap = self.whys["gap"].steps if "gap" in self.whys else ()
        return (*self.whys["available"].steps, *self.next_out, *gap)


def get_stock_record(
    session: Session, actor: Actor, *, location_code: str, sku_code: str, now: datetime
) -> StockRecord:
    """One place and SKU, stocked there or not (yet). Raises `NotFoundError`, `NotStockedError`."""
    actor.require(Permission.STOCK_READ)
    place = find_place(session, location_code, sku_code)
    location, sku = session.get_one(Location, place[1]), session.get_one(Sku, place[0])
    goods = read_goods(session, [place[0]])[place[0]]
    with unscoped(session, "whose place it is, and what day it is there"):
        owner = session.get_one(Partner, location.partner_id)
    day = business_day(now, owner.zone)
    balance = session.exec(
        select(Balance).where(Balance.location_id == place[1], Balance.sku_id == place[0])
    ).first()
    on_hand, reserved = (balance.on_hand_qty, balance.reserved_qty) if balance else (0, 0)
    receipts = read_receipts(session, [place])
    lots = read_lots(session, receipts).get(place, [])
    reported = find_report(session, place, day=day, zone=owner.zone)
    figures = _figures(goods, lots, receipts[place], on_hand, reserved, reported, day)
    return StockRecord(
        location_code=location.code,
        location_name=location.name,
        location_name_en=location.name_en,
        location_kind=location.kind,
        partner_code=owner.code,
        partner_name=owner.name,
        partner_name_en=owner.name_en,
        sku_code=sku.code,
        sku_name=sku.name,
        sku_name_en=sku.name_en,
        unit=sku.unit,
        is_lot_tracked=goods.is_lot_tracked,
        min_life_days=goods.min_life_days,
        day=day,
        on_hand_qty=on_hand,
        reserved_qty=reserved,
        unfit_qty=figures.unfit_qty,
        available_qty=figures.available_qty,
        lots=tuple(_lot_row(lot, goods, day) for lot in lots),
        layers=show_layers(on_hand, lying(on_hand, receipts[place], lots), lots, day),
        reported=reported,
        whys=whys_of_stock(figures),
        next_out=tuple(pick_first_expired(lots, on_hand, day=day, min_life_days=goods.min_life_days).steps)
        if lots
        else (),
        actions=_actions(actor, location, on_hand - reserved),
    )


def find_report(session: Session, place: Place, *, day: date, zone: str) -> ReportedRow | None:
    """The report that stands: of the latest day counted, the one taken last; aged on `day`.

    The books are read as of the end of the counted day in the owner's zone; the reported quantity is laid
    over the receipts up to then.
    """
    report = session.exec(
        select(StockReport)
        .where(StockReport.sku_id == place[0], StockReport.location_id == place[1])
        .order_by(col(StockReport.counted_on).desc(), col(StockReport.id).desc())
        .limit(1)
    ).first()
    if report is None:
        return None
    until = day_start(report.counted_on + timedelta(days=1), zone) - timedelta(microseconds=1)
    receipts = read_receipts(session, [place], until=until)[place]
    layers = derive_layers(report.reported_qty, receipts)
    return ReportedRow(
        reported_qty=report.reported_qty,
        calculated_qty=on_hand_at(session, place, until=until),
        counted_on=report.counted_on,
        age_days=(day - report.counted_on).days,
        source=report.source,
        document=report.document,
        line_no=report.line_no,
        layers=show_layers(report.reported_qty, layers, (), day),
    )


def _lot_row(lot: LotStock, goods: Goods, day: date) -> LotRow:
    return LotRow(
        code=lot.code,
        expires_on=lot.expires_on,
        left_days=life_left(lot.expires_on, day),
        qty=lot.qty,
        is_fit=is_fit(lot.expires_on, day, goods.min_life_days),
    )


def _figures(
    goods: Goods,
    lots: list[LotStock],
    receipts: list[Layer],
    on_hand: int,
    reserved: int,
    reported: ReportedRow | None,
    day: date,
) -> StockFigures:
    return StockFigures(
        received_qty=sum(layer.qty for layer in receipts),
        on_hand_qty=on_hand,
        reserved_qty=reserved,
        unfit=[
            UnfitLot(lot.code, lot.expires_on, lot.qty)
            for lot in lots
            if not is_fit(lot.expires_on, day, goods.min_life_days)
        ]
        if goods.is_lot_tracked
        else None,
        min_life_days=goods.min_life_days,
        reported=Reported(
            reported.reported_qty, reported.calculated_qty, reported.counted_on, reported.document
        )
        if reported is not None
        else None,
        day=day,
    )


def explain_stock(
    session: Session, actor: Actor, *, location_code: str, sku_code: str, key: str, now: datetime
) -> Why:
    """Why a number of the record is what it is: on_hand, reserved, unfit, available, reported …

    Raises `NotFoundError`, also for a number that the record does not show, and `NotStockedError`.
    """
    record = get_stock_record(session, actor, location_code=location_code, sku_code=sku_code, now=now)
    if key == "reserved":
        place = find_place(session, location_code, sku_code)
        rows = session.exec(
            select(Movement.cause, func.sum(Movement.reserved_delta))
            .where(Movement.sku_id == place[0], Movement.location_id == place[1])
            .group_by(col(Movement.cause))
            .having(func.sum(Movement.reserved_delta) != 0)
        ).all()
        return reserved_why(record.reserved_qty, {cause: int(qty) for cause, qty in rows})
    if key not in record.whys:
        raise NotFoundError(kind="number", key=f"{location_code} · {sku_code} · {key}")
    return record.whys[key]


def _something_free(free: int) -> str | None:
    return None if free > 0 else msg("nothing here is free of reservations")


STOCK_LIFECYCLE = Lifecycle(
    "stock",
    (
        Transition("receive", frozenset({_HELD}), "", Permission.STOCK_WRITE, msg("Receive goods")),
        Transition("count", frozenset({_HELD}), "", Permission.STOCK_WRITE, msg("Enter a count")),
        Transition(
            "correct",
            frozenset({_HELD}),
            "",
            Permission.STOCK_WRITE,
            msg("Write off"),
            _something_free,
        ),
        Transition("report", frozenset({_HELD}), "", Permission.STOCK_WRITE, msg("Report stock")),
    ),
)


def _actions(actor: Actor, location: Location, free: int) -> tuple[ActionRow, ...]:
    """What the owner's people can do here; others only look."""
    if not (actor.is_system or location.partner_id in actor.partner_ids):
        return ()
    return tuple(STOCK_LIFECYCLE.actions(actor, _HELD, free))
