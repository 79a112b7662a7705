"""What suggestions are decided on: order points, the ways between them, and what could be moved."""

from dataclasses import dataclass, field

from ..kernel.money import MILLION, divide
from .water_lines import Lines

# What a comparison reckons for the road, in minor units per tonne and kilometre; a document pays its tariff.
TONNE_KM_AMOUNT = 60
# What a day on the shelf costs of the goods' worth, in millionths: 18 % a year.
HOLDING_PPM = 500
# Goods whose cost nobody knows are worth any way: a pack's worth in minor units beyond every freight.
UNKNOWN_WORTH = 100 * MILLION


@dataclass(frozen=True, slots=True)
class Position:
    """What a place has and will have of a SKU. `leaving` are transfers suggested earlier, not yet decided."""

    on_hand: int = 0
    reserved: int = 0
    in_transit: int = 0
    on_order: int = 0
    backorder: int = 0
    leaving: int = 0

    @property
    def qty(self) -> int:
        """On hand + in transit + on order − reserved − backorder − leaving."""
        return self.on_hand + self.in_transit + self.on_order - self.reserved - self.backorder - self.leaving

    @property
    def free_qty(self) -> int:
        """What lies there and is promised to nobody."""
        return max(0, self.on_hand - self.reserved - self.leaving)


@dataclass(frozen=True, slots=True)
class Turnover:
    """Turns a year (thousandths) of a category at a place that are below the benchmark, and whose it is."""

    own_milli: int
    benchmark_milli: int
    is_industry: bool


@dataclass(frozen=True, slots=True)
class OrderPoint:
    """A SKU at a place. `age_days` and `unit_amount` (minor units) are of what lies above the maximum.

    `missed` is set where the turnover is below its benchmark: then there is always a decision.
    """

    place_id: int
    sku_id: int
    position: Position
    lines: Lines
    place: str = ""
    multiple: int = 1
    weight_g: int = 0
    is_cold: bool = False
    age_days: int = 0
    unit_amount: int = 0
    missed: Turnover | None = None

    @property
    def is_short(self) -> bool:
        """Whether the position is below the warning line."""
        return self.position.qty < self.lines.warning_qty

    @property
    def is_urgent(self) -> bool:
        """Whether the position is below the safety line."""
        return self.position.qty < self.lines.safety_qty

    @property
    def surplus_qty(self) -> int:
        """What lies there beyond the maximum and could be taken away."""
        return max(0, min(self.position.qty - self.lines.max_qty, self.position.free_qty))


@dataclass(frozen=True, slots=True)
class Way:
    """An open lane between two places: handling of a parcel (minor units) and kilometres."""

    handling_amount: int = 0
    distance_km: int = 0
    is_cold: bool = False

    def freight(self, point: OrderPoint) -> int:
        """What one pack costs on this way, in minor units, for comparison."""
        gram_km = point.weight_g * point.multiple * self.distance_km
        return self.handling_amount + divide(gram_km * TONNE_KM_AMOUNT, MILLION)


@dataclass(slots=True)
class Transfer:
    """Packs that one place could give another, and how many it does."""

    source: OrderPoint
    target: OrderPoint
    freight: int
    packs: int = 0

    @property
    def gain(self) -> int:
        """What moving a pack gains: its worth and what its days on the shelf have cost, less the freight."""
        worth = self.source.unit_amount * self.source.multiple
        if not worth:
            return UNKNOWN_WORTH + self.source.age_days - self.freight
        return worth + divide(worth * self.source.age_days * HOLDING_PPM, MILLION) - self.freight


@dataclass(slots=True)
class MovePlan:
    """The ways of one order point's goods, as source or as target."""

    into: list[Transfer] = field(default_factory=list)
    out: list[Transfer] = field(default_factory=list)
