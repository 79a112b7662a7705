"""A part that waits is fed by a transfer: goods of the seller or the brand come to where it is served from.

The transfer names the part; what arrives is reserved for it before anybody else sees it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from ..catalog import Sku
from ..channels import get_network
from ..inventory import (
    Balance,
    InsufficientStockError,
    Location,
    NoLaneError,
    Transfer,
    TransferLine,
    TransferStatus,
    check_way,
    request_transfer,
    unfit_qty,
)
from ..kernel.access import Actor, unscoped
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import InvalidError, NotFoundError, msg
from ..kernel.events import Event, emit
from .errors import FedAlreadyError
from .goods import find_ordered
from .models import FulfilmentOrder, SalesOrder
from .parting import serve_parcels
from .production_work import needs_of
from .rerouting import reroute
from .shipping import load_part
from .work import OrderWork, PartWork, read_work

# nothing more of it will arrive
ENDED = frozenset(
    {
        TransferStatus.RECEIVED.value,
        TransferStatus.SETTLED.value,
        TransferStatus.REJECTED.value,
        TransferStatus.CANCELLED.value,
    }
)


@dataclass(frozen=True, slots=True)
class FeedSource:
    """A place that has some of what a part waits for, and how much of it (by SKU code)."""

    place_code: str
    place_name: str
    place_name_en: str
    qtys: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FeedChoice:
    """Where a part would be served from, what it waits for, and where that could come from (most first)."""

    to_code: str
    to_name: str
    to_name_en: str
    needs: Mapping[str, int]
    sources: tuple[FeedSource, ...]


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A transfer that brings goods for a part of an order, as far as the reader sees transfers."""

    part_number: str
    transfer_number: str
    status: str
    from_code: str
    to_code: str
    qty: int
    received_qty: int
    promised_on: date | None


def feed_choice(session: Session, actor: Actor, *, number: str, now: datetime) -> FeedChoice:
    """Where the goods a part waits for could come from: places of its seller and of the brand.

    Of each no more is told than the part waits for. Raises like `feed_part`.
    """
    work, part = load_part(session, actor, number=number, verb="feed", lock=False)
    with unscoped(session, "what a part waits for may lie at any place of its seller or the brand"):
        return _choice(session, work, part, now=now)


def feed_part(
    session: Session,
    actor: Actor,
    *,
    number: str,
    from_code: str,
    version: int | None = None,
    now: datetime,
) -> FulfilmentOrder:
    """Ask for a transfer of what a part waits for, as much as `from_code` has of it (seller's side).

    It goes to the place of the seller that would serve the part best. Raises `FedAlreadyError`,
    `InsufficientStockError` where that place has none, `TransitionError`, `StaleError`, `NotFoundError`,
    `NotYourOrderError`, and what `request_transfer` raises.
    """
    work, part = load_part(session, actor, number=number, verb="feed")
    check_version(part.part, version, number)
    with unscoped(session, "what a part waits for may lie at any place of its seller or the brand"):
        earlier = session.exec(select(Transfer).where(Transfer.for_document == number)).all()
        running = [one for one in earlier if one.status not in ENDED]
        if running:
            raise FedAlreadyError(part=number, transfer=running[0].number)
        choice = _choice(session, work, part, now=now)
    source = next((one for one in choice.sources if one.place_code == from_code), None)
    if source is None:
        sku, wanted = next(iter(choice.needs.items()))
        raise InsufficientStockError(sku=sku, wanted=wanted, available=0)
    transfer = request_transfer(
        session,
        actor,
        from_code=from_code,
        to_code=choice.to_code,
        lines=source.qtys,
        idempotency_key=f"feed:{number}:{len(earlier) + 1}",
        for_document=number,
        now=now,
    )
    part.part.version += 1
    session.flush()
    _say(session, actor, "order.feed_asked", work, transfer, now, source=from_code, target=choice.to_code)
    return part.part


def follow_transfer(session: Session, event: Event, now: datetime) -> None:
    """Reaction to what happens to a transfer: what arrived for a part is reserved for it.

    A part that waits no more (cancelled, served from elsewhere) leaves it as free stock; a transfer that
    comes to nothing leaves the part waiting.
    """
    actor: Actor = session.info["actor"]
    with unscoped(session, "what arrives for a part is reserved for it, whoever signs for it"):
        transfer = get_by(session, Transfer, "transfer", number=event.subject_key)
        if not transfer.for_document:
            return
        found = session.exec(
            select(FulfilmentOrder).where(FulfilmentOrder.number == transfer.for_document)
        ).one_or_none()
        if found is None:
            return
        order = session.get_one(SalesOrder, found.order_id, with_for_update=True, populate_existing=True)
        work = read_work(session, order)
        part = work.part(transfer.for_document)
        if part is None or part not in work.lacking():
            return
        if event.kind != "transfer.received":
            _say(session, actor, "order.feed_lost", work, transfer, now)
            return
        qty = _reserve_arrived(session, work, part, transfer, now=now)
    if qty:
        fresh = read_work(session, order)
        fresh.follow_parts()
        fresh.order.version += 1
        session.flush()
        _say(session, actor, "order.fed", fresh, transfer, now, qty=qty)


def feed_rows(session: Session, order_number: str) -> tuple[FeedRow, ...]:
    """The transfers that were asked for to feed parts of an order, the first one first."""
    transfers = session.exec(
        select(Transfer)
        .where(col(Transfer.for_document).startswith(f"{order_number}-", autoescape=True))
        .order_by(col(Transfer.id))
    ).all()
    if not transfers:
        return ()
    lines = session.exec(
        select(TransferLine).where(col(TransferLine.transfer_id).in_([row_id(one) for one in transfers]))
    ).all()
    with unscoped(session, "both places of a transfer that is seen have a name"):
        ids = {key for one in transfers for key in (one.from_location_id, one.to_location_id)}
        codes = dict(session.exec(select(Location.id, Location.code).where(col(Location.id).in_(ids))).all())
    return tuple(
        FeedRow(
            part_number=one.for_document,
            transfer_number=one.number,
            status=one.status,
            from_code=codes[one.from_location_id],
            to_code=codes[one.to_location_id],
            qty=sum(line.qty for line in lines if line.transfer_id == one.id),
            received_qty=sum(line.received_qty for line in lines if line.transfer_id == one.id),
            promised_on=one.promised_on,
        )
        for one in transfers
    )


def _choice(session: Session, work: OrderWork, part: PartWork, *, now: datetime) -> FeedChoice:
    needs = needs_of(work, part)
    target = _best_place(session, work, part, needs, now=now)
    network = get_network(session)
    owners = {work.order.seller_id, network.brand_id}
    places = {row_id(place): place for place in _places(session, owners) if place.id != target.id}
    free = _free(session, needs, places, now=now)
    sources = []
    for place_id, place in places.items():
        qtys = {
            work.skus[sku_id].code: min(qty, free[sku_id, place_id])
            for sku_id, qty in needs.items()
            if free.get((sku_id, place_id), 0) > 0
        }
        if qtys and _leads(session, place, target, network.currency):
            sources.append(FeedSource(place.code, place.name, place.name_en, qtys))
    sources.sort(key=lambda one: (-sum(one.qtys.values()), one.place_code))
    wanted = {work.skus[sku_id].code: qty for sku_id, qty in needs.items()}
    return FeedChoice(target.code, target.name, target.name_en, wanted, tuple(sources))


def _best_place(
    session: Session, work: OrderWork, part: PartWork, needs: Mapping[int, int], *, now: datetime
) -> Location:
    """The place of the seller that would serve the part best if it had the goods."""
    own = {row_id(place): place for place in _places(session, {work.order.seller_id})}
    parcels = reroute(session, work, [part], stock={key: dict(needs) for key in own}, now=now)
    if not parcels:
        raise InvalidError(field="to", reason=msg("no place of the seller serves this buyer"))
    return own[parcels[0].location_id]


def _places(session: Session, owners: Collection[int]) -> list[Location]:
    return list(
        session.exec(
            select(Location).where(col(Location.partner_id).in_(sorted(owners))).order_by(col(Location.code))
        ).all()
    )


def _free(
    session: Session, skus: Collection[int], places: Collection[int], *, now: datetime
) -> dict[tuple[int, int], int]:
    """What is free and fit to be shipped, by SKU and place."""
    rows = session.exec(
        select(Balance).where(
            col(Balance.sku_id).in_(sorted(skus)), col(Balance.location_id).in_(sorted(places))
        )
    ).all()
    codes = session.exec(select(Sku.code).where(col(Sku.id).in_(sorted(skus)))).all()
    goods = {sku.id: sku.handling for sku in find_ordered(session, sorted(codes)).values()}
    unfit = unfit_qty(session, goods, list(places), now=now)
    return {
        (row.sku_id, row.location_id): row.on_hand_qty
        - row.reserved_qty
        - unfit.get((row.sku_id, row.location_id), 0)
        for row in rows
    }


def _leads(session: Session, source: Location, target: Location, currency: str) -> bool:
    try:
        check_way(session, source, target, currency)
    except (NoLaneError, NotFoundError):
        return False
    return True


def _reserve_arrived(
    session: Session, work: OrderWork, part: PartWork, transfer: Transfer, *, now: datetime
) -> int:
    """Promise to the part what came in for it; how many units."""
    needs, place_id = needs_of(work, part), transfer.to_location_id
    lines = session.exec(select(TransferLine).where(TransferLine.transfer_id == row_id(transfer))).all()
    free = _free(session, needs, [place_id], now=now)
    stock = {
        line.sku_id: min(line.received_qty, free.get((line.sku_id, place_id), 0))
        for line in lines
        if line.sku_id in needs
    }
    parcels = reroute(session, work, [part], stock={place_id: stock}, now=now)
    return serve_parcels(session, work, [part], parcels, now=now)


def _say(
    session: Session,
    actor: Actor,
    kind: str,
    work: OrderWork,
    transfer: Transfer,
    now: datetime,
    **facts: object,
) -> None:
    told = {"part": transfer.for_document, "number": transfer.number} | facts
    emit(session, actor, kind, subject=("order", work.order.number), now=now, **told)
