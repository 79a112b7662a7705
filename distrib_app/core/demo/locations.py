"""Where the demo keeps stock: the brand's plant and warehouses, and one place per partner."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..inventory.models import LocationKind
from .geography import Place, Province
from .network import NetworkDraft, Party

# The plant also serves its own part of the country; goods are shipped from where the buyer's region belongs.
WAREHOUSES = (
    ("TJ", "华北区域仓（天津）", "North China warehouse (Tianjin)"),
    ("SH", "华东区域仓（上海）", "East China warehouse (Shanghai)"),
    ("WH", "华中区域仓（武汉）", "Central China warehouse (Wuhan)"),
    ("CD", "西南区域仓（成都）", "Southwest China warehouse (Chengdu)"),
    ("XA", "西北区域仓（西安）", "Northwest China warehouse (Xi'an)"),
    ("SY", "东北区域仓（沈阳）", "Northeast China warehouse (Shenyang)"),
    ("FS", "佛山工厂", "Foshan plant"),
)
_WAREHOUSE_REGION = {"TJ": "TJ", "SH": "SH", "WH": "HB", "CD": "SC", "XA": "SN", "SY": "LN", "FS": "GD"}


@dataclass(frozen=True, slots=True)
class LocationPlan:
    """A place that holds stock of a partner."""

    id: int
    code: str
    name: str
    name_en: str
    kind: LocationKind
    party: Party
    home: Place
    priority: int


def plan_locations(
    network: NetworkDraft, provinces: Sequence[Province], *, first_id: int
) -> list[LocationPlan]:
    """The brand's plant and warehouses, then one place per partner: a warehouse, or an outlet's store."""
    places = {province.letters: province.place for province in provinces}
    plans: list[LocationPlan] = []
    for priority, (code, name, name_en) in enumerate(WAREHOUSES, start=1):
        kind = LocationKind.PLANT if code == "FS" else LocationKind.REGIONAL_WAREHOUSE
        home = places[_WAREHOUSE_REGION[code]]
        full_code = f"{network.brand.code}-{code}"
        plans.append(
            LocationPlan(first_id + len(plans), full_code, name, name_en, kind, network.brand, home, priority)
        )
    for party in network.parties[1:]:
        store = party.tier == "outlet"
        plans.append(
            LocationPlan(
                first_id + len(plans),
                f"{party.code}-{'S' if store else 'W'}1",
                party.name + ("门店" if store else "仓库"),
                f"{party.name_en} {'store' if store else 'warehouse'}",
                LocationKind.STORE if store else LocationKind.WAREHOUSE,
                party,
                party.home,
                1,
            )
        )
    return plans
