"""What carrying a transfer costs: the lane from its place to the region of the other, and its tariff."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from ..catalog import Sku
from ..channels import Region
from ..kernel.access import unscoped
from ..kernel.errors import msg
from ..kernel.explain import Step
from ..kernel.money import Money
from .demand import find_lane, read_lanes
from .errors import NoLaneError
from .freight import freight
from .models import Location
from .shipping_models import CarrierTariff
from .tariffs import OWN_DELIVERY_DAYS, free_tariff, read_tariff


@dataclass(frozen=True, slots=True)
class Carriage:
    """What a transfer pays to be carried (minor units), by whom, when it arrives, and why."""

    carrier: str
    currency: str
    weight_g: int
    volume_cm3: int
    amount: int
    arrives_on: date
    frozen: dict[str, Any]


def check_way(session: Session, source: Location, target: Location, currency: str) -> None:
    """Refuse two places that no open lane joins. Raises `NoLaneError`."""
    plan_carriage(session, source, target, goods=(), currency=currency, day=date.min)


def plan_carriage(
    session: Session,
    source: Location,
    target: Location,
    *,
    goods: Iterable[tuple[Sku, int]],
    currency: str,
    day: date,
) -> Carriage:
    """Freight of quantities of SKUs that leave on `day` as one parcel: tariff of the lane, and its handling.

    A place without any lane delivers by itself and pays nobody. Raises `NoLaneError` where a place has lanes,
    but none that is open to the other one.
    """
    parcel = list(goods)
    weight = sum(sku.weight_g * qty for sku, qty in parcel)
    volume = sum(sku.volume_cm3 * qty for sku, qty in parcel)
    with unscoped(session, "what a way costs is asked by whoever sends or takes goods on it"):
        lanes = read_lanes(session, {source.id or 0}).get(source.id or 0, {})
        lane = find_lane(lanes, session.get_one(Region, target.region_id).path)
        row = session.get_one(CarrierTariff, lane.tariff_id) if lane else None
    if lane is None or row is None:
        if lanes:
            raise NoLaneError(source=source.code, target=target.code)
        charge = freight(free_tariff(currency), weight_g=weight, volume_cm3=volume, zone="")
        free = Step(msg("The place delivers by itself: nobody charges freight"))
        frozen = {"tariff": "", "distance_km": 0, "steps": [free.frozen()]}
        arrives_on = day + timedelta(days=OWN_DELIVERY_DAYS)
        return Carriage("", currency, weight, volume, charge.amount, arrives_on, frozen)
    tariff = read_tariff(
        code=row.code,
        currency=row.currency,
        volumetric_divisor=row.volumetric_divisor,
        minimum_amount=row.minimum_amount,
        bands=row.bands,
        zones=row.zones,
    )
    charge = freight(tariff, weight_g=weight, volume_cm3=volume, zone=lane.zone)
    handling = str(Money(row.currency, lane.handling_amount))
    total = charge.amount + lane.handling_amount
    steps = (
        *charge.steps,
        Step(msg("Handling of a parcel on this lane"), {}, handling),
        Step(msg("Freight, borne by who gives the goods"), {}, str(Money(row.currency, total))),
    )
    frozen = {
        "tariff": row.code,
        "distance_km": lane.distance_km,
        "steps": [step.frozen() for step in steps],
    }
    arrives_on = day + timedelta(days=lane.lead_days)
    return Carriage(row.carrier, row.currency, weight, volume, total, arrives_on, frozen)
