"""The stock record: one place and SKU with its lots, layers and reported stock, and why each number is so."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from ..catalog import Sku
from ..channels import Partner
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import business_day, day_start
from ..kernel.errors import msg
from ..kernel.explain import Step
from ..kernel.lifecycle import ActionRow, Lifecycle, Transition
from .balances import Goods, Place, read_goods, read_receipts
from .fefo import LotStock, is_fit, life_left, pick_first_expired
from .ledgers import LayersView, find_place, lying, on_hand_at, show_layers
from .lot_models import StockReport
from .lots import read_lots
from .models import Balance, Location
from .rules import Layer, derive_layers

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
    """One balance as its page shows it; `day` is the owner's business day, `steps` say how it came about."""

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
    steps: tuple[Step, ...]
    actions: tuple[ActionRow, ...]


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
    unfit = sum(lot.qty for lot in lots if not is_fit(lot.expires_on, day, goods.min_life_days))
    available = max(0, on_hand - reserved - unfit)
    reported = find_report(session, place, day=day, zone=owner.zone)
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
        unfit_qty=unfit,
        available_qty=available,
        lots=tuple(_lot_row(lot, goods, day) for lot in lots),
        layers=show_layers(on_hand, lying(on_hand, receipts[place], lots), lots, day),
        reported=reported,
        steps=_steps(goods, lots, receipts[place], on_hand, reserved, unfit, reported, day),
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


def _steps(
    goods: Goods,
    lots: list[LotStock],
    receipts: list[Layer],
    on_hand: int,
    reserved: int,
    unfit: int,
    reported: ReportedRow | None,
    day: date,
) -> tuple[Step, ...]:
    """How on hand, available and the gap come about, and what would leave next."""
    came = sum(layer.qty for layer in receipts)
    steps = [
        Step(msg("Received, less what went back to suppliers"), {}, str(came)),
        Step(msg("Left since: shipped, counted or written off"), {}, str(on_hand - came)),
        Step(msg("On hand: the sum of all movements"), {}, str(on_hand)),
        Step(msg("Reserved for orders"), {}, str(-reserved)),
    ]
    if goods.is_lot_tracked:
        text = msg("Expired, or fewer than {days} days left: not to be promised")
        steps.append(Step(text, {"days": goods.min_life_days}, str(-unfit)))
    available = max(0, on_hand - reserved - unfit)
    steps.append(Step(msg("Available, never below zero"), {}, str(available)))
    if lots:
        steps += pick_first_expired(lots, on_hand, day=day, min_life_days=goods.min_life_days).steps
    if reported is not None:
        facts = {"day": reported.counted_on.isoformat(), "document": reported.document}
        steps += [
            Step(msg("Reported for {day} ({document})"), facts, str(reported.reported_qty)),
            Step(msg("In the books at the end of {day}"), facts, str(reported.calculated_qty)),
            Step(
                msg("Gap: reported less calculated"),
                {},
                f"{reported.gap_qty:+d}" if reported.gap_qty else "0",
            ),
        ]
    return tuple(steps)


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
