"""Open parts that could leave together, with what that saves, and what merging has saved in a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from ..accounts import PartyName, party_names
from ..catalog import Category, Product, Sku
from ..channels import Partner, ProductLine
from ..inventory import Location, MergeSaving, Shipment, Tariff, free_tariff, merge_saving
from ..kernel.access import unscoped
from ..kernel.db import row_id
from ..kernel.explain import Step
from .merging import Mergeable, group_parts
from .models import FulfilmentLine, FulfilmentOrder, OrderStatus, SalesOrder
from .parties import find_party
from .sourcing import Wanted, sources_at
from .work import READY_PARTS

MAX_OPEN = 2_000


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """Parts that could leave as one shipment; amounts in minor units of `currency`.

    `apart_amount` is the freight of each sent alone, added up; `shares` the merged freight by part.
    """

    numbers: tuple[str, ...]
    buyer: PartyName
    location_code: str
    location_name: str
    location_name_en: str
    ready_on: date
    is_cold: bool
    is_urgent: bool
    currency: str
    weight_g: int
    apart_amount: int
    merged_amount: int
    saving_amount: int
    shares: tuple[tuple[str, int], ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class MergeBenefit:
    """What merged shipments of a period paid for freight and saved, minor units."""

    shipments: int
    freight_amount: int
    saving_amount: int
    currency: str


def list_merge_groups(session: Session, *, hours: int, now: datetime) -> list[MergeGroup]:
    """Parts of the reader's own goods that may leave together within a window, the greatest saving first.

    Held orders are left out, and groups that would cost more together. Raises `InvalidError` for a window
    that there is not.
    """
    parts = _open_parts(session)
    found: list[MergeGroup] = []
    rows = {part.number: part for part, _ in parts}
    groups = group_parts([merged for _, merged in parts], hours=hours)
    names = party_names(session, [rows[group[0].number].buyer_id for group in groups])
    places = _places(session, [rows[group[0].number].location_id for group in groups])
    for group in groups:
        first = rows[group[0].number]
        saving = saving_of(session, first, group, now=now)
        place = places.get(first.location_id or 0)
        if saving.saving_amount < 0 or place is None:
            continue
        found.append(
            MergeGroup(
                numbers=tuple(one.number for one in group),
                buyer=names[first.buyer_id],
                location_code=place.code,
                location_name=place.name,
                location_name_en=place.name_en,
                ready_on=max(one.ready_on for one in group),
                is_cold=group[0].is_cold,
                is_urgent=any(one.is_urgent for one in group),
                currency=first.currency,
                weight_g=sum(one.weight_g for one in group),
                apart_amount=sum(saving.alone),
                merged_amount=saving.merged.amount,
                saving_amount=saving.saving_amount,
                shares=tuple(zip((one.number for one in group), saving.shares, strict=True)),
                steps=(*saving.steps, *saving.merged.steps),
            )
        )
    return sorted(found, key=lambda group: (-group.saving_amount, group.ready_on, group.numbers))


def read_merge_benefit(session: Session, *, start: datetime, end: datetime, currency: str) -> MergeBenefit:
    """What merging saved on shipments within scope that left in `[start, end)`."""
    count, freight, saving = session.exec(
        select(
            func.count(col(Shipment.id)),
            func.coalesce(func.sum(col(Shipment.freight_amount)), 0),
            func.coalesce(func.sum(col(Shipment.saving_amount)), 0),
        ).where(
            col(Shipment.saving_amount) > 0,
            Shipment.currency == currency,
            col(Shipment.shipped_at) >= start,
            col(Shipment.shipped_at) < end,
        )
    ).one()
    return MergeBenefit(count, int(freight), int(saving), currency)


def saving_of(
    session: Session, part: FulfilmentOrder, parcels: Sequence[Mergeable], *, now: datetime
) -> MergeSaving:
    """What sending `parcels` as one saves on the lane of `part`, from its place to its buyer."""
    tariff, zone = _terms(session, part, is_urgent=any(one.is_urgent for one in parcels), now=now)
    return merge_saving(tariff, [(one.weight_g, one.volume_cm3) for one in parcels], zone=zone)


def measure(session: Session, parts: Sequence[FulfilmentOrder]) -> list[Mergeable]:
    """Weight, volume and needs of parts, in the order given."""
    ids = [row_id(part) for part in parts]
    rows = session.exec(
        select(
            FulfilmentLine.fulfilment_id,
            func.sum(col(FulfilmentLine.qty) * col(Sku.weight_g)),
            func.sum(col(FulfilmentLine.qty) * col(Sku.volume_cm3)),
            func.max(case((col(ProductLine.is_cold_chain), 1), else_=0)),
        )
        .join(Sku, col(Sku.id) == col(FulfilmentLine.sku_id))
        .join(Product, col(Product.id) == col(Sku.product_id))
        .join(Category, col(Category.id) == col(Product.category_id))
        .join(ProductLine, col(ProductLine.id) == col(Category.product_line_id))
        .where(col(FulfilmentLine.fulfilment_id).in_(ids))
        .group_by(col(FulfilmentLine.fulfilment_id))
    ).all()
    measured = {key: (int(weight), int(volume), bool(cold)) for key, weight, volume, cold in rows}
    return [
        Mergeable(
            number=part.number,
            journey=journey_of(part),
            ready_on=part.ready_on or part.created_at.date(),
            is_cold=measured[row_id(part)][2],
            is_urgent=part.is_urgent,
            weight_g=measured[row_id(part)][0],
            volume_cm3=measured[row_id(part)][1],
        )
        for part in parts
    ]


def journey_of(part: FulfilmentOrder) -> tuple[int | None, ...]:
    """What parts of one shipment have in common."""
    return part.location_id, part.owner_id, part.seller_id, part.buyer_id


def _open_parts(session: Session) -> list[tuple[FulfilmentOrder, Mergeable]]:
    """Ready parts of one's own goods, the oldest first; what is held does not leave."""
    actor = session.info["actor"]
    statement = (
        select(FulfilmentOrder)
        .where(
            col(FulfilmentOrder.status).in_(sorted(READY_PARTS)),
            col(FulfilmentOrder.location_id).is_not(None),
        )
        .order_by(col(FulfilmentOrder.ready_on), col(FulfilmentOrder.id))
        .limit(MAX_OPEN)
    )
    if not actor.is_system:
        statement = statement.where(col(FulfilmentOrder.owner_id).in_(actor.partner_ids))
    parts = session.exec(statement).all()
    with unscoped(session, "whether the order behind one's own part is held"):
        held = set(
            session.exec(
                select(SalesOrder.id).where(
                    col(SalesOrder.id).in_({part.order_id for part in parts}),
                    SalesOrder.status == OrderStatus.HELD,
                )
            )
        )
    free = [part for part in parts if part.order_id not in held]
    return list(zip(free, measure(session, free), strict=True))


def _places(session: Session, ids: Sequence[int | None]) -> dict[int, Location]:
    rows = session.exec(select(Location).where(col(Location.id).in_({key for key in ids if key}))).all()
    return {row_id(row): row for row in rows}


def _terms(session: Session, part: FulfilmentOrder, *, is_urgent: bool, now: datetime) -> tuple[Tariff, str]:
    """The tariff and zone of the lane from a part's place to its buyer."""
    with unscoped(session, "the way to a receiver depends on where it is"):
        seller = session.get_one(Partner, part.seller_id)
        buyer = find_party(session, part.buyer_id)
    wanted = Wanted(
        seller_id=part.seller_id,
        seller_kind=seller.kind,
        supplier_id=None,
        buyer_id=part.buyer_id,
        region_path=buyer.region_path,
        currency=part.currency,
        qtys={},
        codes={},
        goods={},
        is_urgent=is_urgent,
    )
    found = sources_at(session, wanted, {part.location_id or 0: {}}, now=now)
    if not found or found[0].route.closed:
        return free_tariff(part.currency), ""
    return found[0].route.tariff, found[0].route.zone
