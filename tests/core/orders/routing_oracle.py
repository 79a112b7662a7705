"""The cheapest plan by looking at every integer split, and random orders small enough to look at all of them.

Written without the code it judges: fractions, a scale walked up kilogram by kilogram, no bounds.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import product

from distrib_app.core.inventory.freight import Tariff, WeightBand, ZoneCharge
from distrib_app.core.orders.routing_rules import RouteLine, RouteSource, RouteTerms

DAY = date(2026, 5, 4)
# units per source of every line
Plan = tuple[tuple[int, ...], ...]


def parcel_cost(source: RouteSource, lines: Sequence[RouteLine], taken: Sequence[int]) -> int:
    """Freight + handling + transfer + fee of a parcel with `taken` units of each line."""
    tariff, zone = source.tariff, source.tariff.zones[source.zone]
    pairs = [(line, qty) for line, qty in zip(lines, taken, strict=True) if qty]
    billed = Fraction(sum(line.weight_g * qty for line, qty in pairs))
    if tariff.volumetric_divisor:
        volume = sum(line.volume_cm3 * qty for line, qty in pairs)
        billed = max(billed, Fraction(volume * 1000, tariff.volumetric_divisor))
    band = ([each for each in tariff.bands if each.over_g < billed] or [tariff.bands[0]])[-1]
    paid, reach = band.base_amount, Fraction(band.first_g)
    while reach < billed:
        paid, reach = paid + band.kg_amount, reach + 1000
    paid += int(Fraction(paid * zone.surcharge_ppm, 1_000_000) + Fraction(1, 2)) + zone.fixed_amount
    cost = max(paid, tariff.minimum_amount) + source.handling_amount
    for line, qty in pairs:
        for amount, ppm in (
            (source.transfer_amount, source.transfer_ppm),
            (source.fee_amount, source.fee_ppm),
        ):
            cost += qty * (amount + int(Fraction(line.unit_amount * ppm, 1_000_000) + Fraction(1, 2)))
    return cost


def may_give(source: RouteSource, line: RouteLine) -> int:
    """How much of a line a source may give."""
    if source.closed or source.zone not in source.tariff.zones:
        return 0
    if line.is_cold_chain and not source.is_cold_chain:
        return 0
    if line.qualification and line.qualification not in source.qualifications:
        return 0
    return max(0, source.stock.get(line.sku_code, 0))


def _spreads(qty: int, caps: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if not caps:
        yield ()
        return
    for part in range(min(qty, caps[0]) + 1):
        for rest in _spreads(qty - part, caps[1:]):
            yield (part, *rest)


def best_plan(
    lines: Sequence[RouteLine], sources: Sequence[RouteSource], terms: RouteTerms
) -> tuple[int, int, int, date, tuple[str, ...]] | None:
    """(units missing, cost with lateness, parcels, arrival, source codes) of the best plan; None: no parcels.

    Each line has a SKU of its own.
    """

    @cache
    def cost_of(index: int, taken: tuple[int, ...]) -> int:
        return parcel_cost(sources[index], lines, taken)

    best = None
    asked = sum(line.qty for line in lines)
    ways = [list(_spreads(line.qty, [may_give(source, line) for source in sources])) for line in lines]
    for columns in product(*ways):
        rows = tuple(zip(*columns, strict=True))
        used = [index for index, row in enumerate(rows) if any(row)]
        missing = asked - sum(map(sum, rows))
        if not used or len(used) > terms.max_parcels or (best is not None and missing > best[0]):
            continue
        arrives = max(sources[index].arrives_on for index in used)
        late = max(0, (arrives - terms.wanted_on).days) if terms.wanted_on else 0
        cost = sum(cost_of(index, rows[index]) for index in used)
        cost += terms.split_amount * (len(used) - 1) + terms.late_amount_per_day * late
        codes = tuple(sorted(sources[index].code for index in used))
        rank = (missing, cost, len(used), arrives, codes)
        if best is None or rank < best:
            best = rank
    return best


def random_order(seed: int) -> tuple[list[RouteLine], list[RouteSource], RouteTerms]:
    """A small order: scarce stock, cold chain, closed sources, lateness, minimum charges, bulky goods."""
    dice = random.Random(seed)
    source_count, line_count, most = dice.choice(
        [(4, 2, 4), (3, 3, 3), (2, 3, 5), (4, 1, 9), (4, 3, 2), (3, 2, 6)]
    )
    lines = [
        RouteLine(
            line_no=number + 1,
            sku_code=f"SKU{number}",
            qty=dice.randint(1, most),
            weight_g=dice.choice([0, dice.randint(50, 900), dice.randint(900, 6000)]),
            volume_cm3=dice.choice([0, dice.randint(100, 3000), dice.randint(3000, 30_000)]),
            is_cold_chain=dice.random() < 0.2,
            qualification=dice.choice(["", "", "", "MED"]),
            unit_amount=dice.randint(100, 9999),
        )
        for number in range(line_count)
    ]
    tariffs = [_random_tariff(dice, name) for name in "AB"]
    sources = [
        RouteSource(
            code=f"S{number}",
            owner_code="P",
            mode=dice.choice(["direct", "regional", "partner"]),
            stock={
                line.sku_code: dice.choice([0, dice.randint(0, line.qty), line.qty - 1, line.qty + 3])
                for line in lines
            },
            tariff=dice.choice(tariffs),
            zone=dice.choice(["near", "near", "far", "none"] if dice.random() < 0.2 else ["near", "far"]),
            ready_on=DAY,
            arrives_on=DAY + timedelta(days=dice.randint(1, 4)),
            handling_amount=dice.choice([0, 100, 250]),
            transfer_amount=dice.choice([0, 0, 40]),
            transfer_ppm=dice.choice([0, 0, 5500]),
            fee_amount=dice.choice([0, 0, 25]),
            fee_ppm=dice.choice([0, 0, 20_000]),
            is_cold_chain=dice.random() < 0.7,
            qualifications=frozenset(["MED"] if dice.random() < 0.7 else []),
            closed="not today" if dice.random() < 0.1 else "",
        )
        for number in range(source_count)
    ]
    dice.shuffle(sources)
    terms = RouteTerms(
        currency="CNY",
        split_amount=dice.choice([0, 0, 0, 150, 600]),
        late_amount_per_day=dice.choice([0, 100, 700]),
        wanted_on=dice.choice([None, DAY, DAY + timedelta(days=2)]),
        may_backorder=True,
        max_parcels=dice.choice([1, 2, 2, 9, 9, 9, 9, 9]),
    )
    return lines, sources, terms


def _random_tariff(dice: random.Random, code: str) -> Tariff:
    each, first = dice.randint(0, 500), dice.choice([0, 500, 1000])
    base = dice.randint(0, 1500)
    bands = [WeightBand(0, first, base, each)]
    if dice.random() < 0.5:
        end = dice.randint(2000, 9000)
        reached = base + each * max(0, -(-(end - first) // 1000))
        bands.append(WeightBand(end, end, reached + dice.randint(0, 100), dice.randint(0, 300)))
    zones = {
        "near": ZoneCharge(),
        "far": ZoneCharge(dice.choice([0, 150_000, 123_457]), dice.choice([0, 200])),
    }
    divisor = dice.choice([None, 6000, 5000])
    return Tariff(code, "CNY", tuple(bands), zones, divisor, dice.choice([0, 0, 0, 900, 2500]))
