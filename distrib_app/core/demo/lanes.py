"""How the demo's goods travel: what SKUs weigh, two price lists, lanes to every province, shares."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from ..channels import Region, distance_km
from ..inventory import CarrierTariff, Lane, StockShare
from ..kernel.db import row_id
from .catalogue import SkuPlan
from .demand import Account
from .geography import Province
from .locations import LocationPlan
from .stock import BalancePlan
from .trade import CURRENCY
from .writer import Writer

# what one unit of a category weighs (g) and takes up (cm³), packed
_PACKED = {
    "AC": (42_000, 260_000),
    "RF": (68_000, 720_000),
    "WM": (58_000, 420_000),
    "KA": (24_000, 150_000),
    "SA": (4_200, 28_000),
    "TV": (19_000, 190_000),
    "FC": (600, 3_500),
}
# yuan, as carriers print them: over kg, first kg, first price, every further kg
_FREIGHT_BANDS = ((0, 30, 68, 18), (300, 300, 560, 14), (1000, 1000, 1540, 11))
_PARCEL_BANDS = ((0, 1, 12, 45), (20, 20, 94, 38))
# zone → surcharge in ‰ of the band's amount, and what it adds per parcel in yuan
_ZONES = {"1": (0, 0), "2": (150, 0), "3": (350, 10), "4": (650, 30)}
_SHARES = 24


def packed(sku: SkuPlan) -> tuple[int, int]:
    """Weight in grams and volume in cm³ of one unit; dearer variants are a little heavier."""
    weight, volume = _PACKED[sku.category.code]
    grade = 90 + min(30, sku.base_yuan // 300)
    return weight * grade // 100, volume * grade // 100


def write_lanes(writer: Writer, locations: Sequence[LocationPlan], provinces: Sequence[Province]) -> None:
    """Two price lists, and a lane from each of the brand's places to each province by the one that fits."""
    session = writer.session
    tariffs = [
        CarrierTariff(
            code="DB-LTL",
            name="德邦零担",
            name_en="Deppon less-than-truckload",
            carrier="德邦快递",
            currency=CURRENCY,
            volumetric_divisor=6000,
            minimum_amount=3000,
            bands=_bands(_FREIGHT_BANDS),
            zones=_zones(),
        ),
        CarrierTariff(
            code="SF-STD",
            name="顺丰标快",
            name_en="SF standard",
            carrier="顺丰速运",
            currency=CURRENCY,
            volumetric_divisor=6000,
            minimum_amount=1200,
            bands=_bands(_PARCEL_BANDS),
            zones=_zones(),
        ),
    ]
    session.add_all(tariffs)
    session.flush()
    places = _coordinates(session, [plan.home.region_id for plan in locations if plan.party.parent is None])
    places |= _coordinates(session, [province.place.region_id for province in provinces])
    rows = []
    for plan in locations:
        if plan.party.parent is not None:
            continue  # partners deliver by themselves
        for province in provinces:
            km = distance_km(places[plan.home.region_id], places[province.place.region_id])
            zone = "1" if km < 300 else "2" if km < 900 else "3" if km < 1800 else "4"
            rows.append(
                (
                    1, plan.id, province.place.region_id, row_id(tariffs[0]), zone, km, 1 + km // 600,
                    800, False, "",
                )
            )  # fmt: skip
    writer.insert(
        Lane,
        (
            "version", "from_location_id", "to_region_id", "tariff_id", "zone", "distance_km", "lead_days",
            "handling_amount", "is_cold_chain", "closed_reason",
        ),
        rows,
    )  # fmt: skip


def write_shares(writer: Writer, accounts: Sequence[Account], balances: Sequence[BalancePlan]) -> None:
    """The fullest stocks of provincial agents: a third of them may serve other buyers of the brand."""
    direct = {account.buyer.id: account.seller.id for account in accounts if account.is_direct}
    full = sorted(
        (
            balance
            for balance in balances
            if balance.location.party.id in direct
            and balance.location.party.tier == "province"
            and balance.on_hand >= 12
        ),
        key=lambda balance: (-balance.on_hand, balance.location.id, balance.sku_id),
    )
    writer.insert(
        StockShare,
        (
            "version", "location_id", "sku_id", "seller_id", "shared_qty", "used_qty", "fee_ppm",
            "answer_hours",
        ),
        (
            (
                1, balance.location.id, balance.sku_id, direct[balance.location.party.id],
                balance.on_hand // 3, 0, 20_000, 4,
            )
            for balance in full[:_SHARES]
        ),
    )  # fmt: skip


def _coordinates(session: Session, region_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    rows = session.exec(
        select(Region.id, Region.longitude_e6, Region.latitude_e6).where(col(Region.id).in_(set(region_ids)))
    ).all()
    return {key: (lon or 0, lat or 0) for key, lon, lat in rows if key is not None}


def _bands(bands: Sequence[tuple[int, int, int, int]]) -> list[dict[str, int]]:
    """Yuan and kilograms as tariffs store them: grams and fen; a further kg in tenths of a yuan."""
    return [
        {"over_g": over * 1000, "first_g": first * 1000, "base_amount": base * 100, "kg_amount": per_kg * 10}
        for over, first, base, per_kg in bands
    ]


def _zones() -> dict[str, dict[str, int]]:
    return {
        name: {"surcharge_ppm": permille * 1000, "fixed_amount": yuan * 100}
        for name, (permille, yuan) in _ZONES.items()
    }
