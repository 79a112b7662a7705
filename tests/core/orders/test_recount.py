"""Three hundred random orders over random networks, recounted by hand from what the test itself did.

The recount knows prices, receipts and what it asked for; of the rows it takes only the decisions (which part
was served from where, and when it left or came). Stock, reservations, money and journal follow from these by
plain sums and `Decimal` arithmetic, with none of the platform's own functions.
"""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from sqlmodel import Session, select

from distrib_app.core.accounts import Commitment, Invoice, open_account
from distrib_app.core.catalog import Sku, create_category, create_product, create_sku
from distrib_app.core.channels import NetworkPlan, Partner, ProductLine, Region, create_partner, found_network
from distrib_app.core.inventory import (
    Balance,
    CarrierTariff,
    Lane,
    Location,
    correct_stock,
    create_location,
    receive_stock,
)
from distrib_app.core.journal import JournalLeg
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import DomainError
from distrib_app.core.kernel.ledger import LedgerEntry
from distrib_app.core.orders import (
    FulfilmentLine,
    FulfilmentOrder,
    OrderLine,
    OrderRefusedError,
    SalesOrder,
    allocate_order,
    cancel_order,
    deliver_part,
    return_goods,
    ship_order,
    ship_parts,
)
from distrib_app.core.pricing import add_price
from tests.core.inventory.shop import LONG_AGO, NOW

from .trade import Trader, check_books

ORDERS = 100
OPEN = {"offered", "waiting", "in_production", "allocated", "picked"}
REGIONS = ("440000", "330000", "510000", "210000")


@dataclass
class World:
    """What the test built, and what happened in it by its own account."""

    skus: dict[str, bool]  # code → may wait for stock
    prices: dict[tuple[str, str], tuple[Decimal, bool]]
    places: dict[str, list[str]]  # partner → its locations, the first receives
    buys_from: dict[str, str]
    on_hand: Counter[tuple[str, str]] = field(default_factory=Counter)
    refunds: dict[tuple[str, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    done: Counter[str] = field(default_factory=Counter)


def build(session: Session, chance: random.Random) -> World:
    """A brand with one to four places, agents in two rows, lanes for some places, prices to the millionth."""
    plan = NetworkPlan(
        "BR", "远山", "Farhill", "CN", "CNY", "Asia/Shanghai", "province", "t", date(2026, 1, 1)
    )
    found_network(session, SYSTEM, plan=plan, now=LONG_AGO)
    session.add(ProductLine(code="HOME", name="家电", name_en="Home", path="HOME/"))
    session.flush()
    create_category(session, SYSTEM, code="ALL", name="全部", line_code="HOME", now=LONG_AGO)
    create_product(session, SYSTEM, code="P", name="产品", category_code="ALL", now=LONG_AGO)
    skus = {f"S{n}": chance.random() < 0.3 for n in range(chance.randint(3, 6))}
    for code, may_wait in skus.items():
        sku = create_sku(
            session, SYSTEM, code=code, name=code, product_code="P", tax_ppm=130_000,
            is_backorder_allowed=may_wait, now=LONG_AGO,
        )  # fmt: skip
        sku.weight_g, sku.volume_cm3 = chance.randint(100, 60_000), chance.randint(100, 400_000)
    world = World(skus, {}, {"BR": []}, {})
    for n in range(chance.randint(1, 4)):
        kind = "plant" if n == 0 else "regional_warehouse"
        add_place(session, world, "BR", kind, chance.choice(REGIONS), f"BR-{n}", n)
    for n in range(chance.randint(2, 3)):
        add_partner(session, world, chance, f"A{n}", "province", "BR")
        for m in range(chance.randint(1, 2)):
            add_partner(session, world, chance, f"C{n}{m}", "city", f"A{n}")
    for seller in ("BR", *set(world.buys_from.values()) - {"BR"}):
        for code in skus:
            price = Decimal(chance.randint(1, 2_000_000_000)) / 1_000_000
            world.prices[seller, code] = price, chance.random() < 0.6
            add_price(
                session, SYSTEM, seller_code=seller, sku_code=code, unit_price=price,
                is_gross=world.prices[seller, code][1], valid_from=date(2026, 1, 1), now=LONG_AGO,
            )  # fmt: skip
    add_lanes(session, world, chance)
    return world


def add_partner(
    session: Session, world: World, chance: random.Random, code: str, tier: str, parent: str
) -> None:
    """A partner that buys from its parent on long credit; some keep stock."""
    region = chance.choice(REGIONS)
    create_partner(
        session, SYSTEM, code=code, name=code, tier_code=tier, parent_code=parent, region_code=region,
        kind="agent", now=LONG_AGO,
    )  # fmt: skip
    world.buys_from[code], world.places[code] = parent, []
    open_account(
        session, SYSTEM, seller_code=parent, buyer_code=code, terms_days=30, credit_limit_amount=10**13,
        now=LONG_AGO,
    )  # fmt: skip
    if tier == "province" or chance.random() < 0.5:
        add_place(session, world, code, "warehouse", region, f"{code}-W", 0)


def add_place(
    session: Session, world: World, owner: str, kind: str, region: str, code: str, priority: int
) -> None:
    create_location(
        session, SYSTEM, code=code, name=code, kind=kind, partner_code=owner, region_code=region,
        priority=priority, now=LONG_AGO,
    )  # fmt: skip
    world.places[owner].append(code)


def add_lanes(session: Session, world: World, chance: random.Random) -> None:
    """Half of the brand's places send by a carrier, to the whole country."""
    bands = [{"over_g": 0, "first_g": 1000, "base_amount": chance.randint(500, 3000), "kg_amount": 150}]
    tariff = CarrierTariff(code="T", name="T", carrier="C", currency="CNY", bands=bands, zones={"1": {}})
    session.add(tariff)
    session.flush()
    region = session.exec(select(Region).where(Region.code == "CN")).one()
    for place in session.exec(select(Location).where(Location.code.startswith("BR-"))):
        if chance.random() < 0.5:
            session.add(
                Lane(
                    from_location_id=place.id, to_region_id=region.id, tariff_id=tariff.id, zone="1",
                    distance_km=chance.randint(1, 3000), lead_days=chance.randint(1, 6),
                )
            )  # fmt: skip


def rounded(value: Decimal) -> int:
    """Half away from zero."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def gross_of(price: tuple[Decimal, bool], qty: int) -> int:
    """The gross amount of a line in fen: rounded once; where the price is net, tax comes on top."""
    amount = rounded(price[0] * qty * 100)
    return amount if price[1] else amount + rounded(Decimal(amount) * 13 / 100)


def available(database: Database, world: World, owner: str, sku: str) -> int:
    """What an owner could promise: on hand by the test's own account less what parts have reserved."""
    held = sum(world.on_hand[place, sku] for place in world.places[owner])
    with database.read(SYSTEM) as session:
        rows = session.exec(
            select(FulfilmentLine.reserved_qty)
            .join(FulfilmentOrder, FulfilmentOrder.id == FulfilmentLine.fulfilment_id)
            .join(Sku, Sku.id == FulfilmentLine.sku_id)
            .join(Location, Location.id == FulfilmentOrder.location_id)
            .where(Sku.code == sku, Location.code.in_(world.places[owner]))
        ).all()
    return held - sum(rows)


def place(system: Trader, world: World, chance: random.Random, key: str) -> None:
    """A random order is refused if and only if goods that may not wait are short everywhere."""
    buyer = chance.choice(sorted(world.buys_from))
    seller = world.buys_from[buyer]
    wanted = {sku: chance.randint(1, 12) for sku in chance.sample(sorted(world.skus), chance.randint(1, 3))}
    short = []
    for sku, qty in wanted.items():
        found = available(system.database, world, seller, sku)
        if seller != "BR":
            found += available(system.database, world, "BR", sku)
        if found < qty and not world.skus[sku]:
            short.append(sku)
    refused: list[str] = []
    try:
        system.place(wanted, seller=seller, buyer=buyer, key=key)
    except OrderRefusedError as error:
        refused = [reason.facts["sku"] for reason in error.reasons]
    assert sorted(refused) == sorted(short)
    world.done["refused" if refused else "placed"] += 1


def parts_of(database: Database, *statuses: str) -> list[FulfilmentOrder]:
    with database.read(SYSTEM) as session:
        found = session.exec(
            select(FulfilmentOrder).where(FulfilmentOrder.status.in_(statuses)).order_by(FulfilmentOrder.id)
        )
        return list(found)


def codes(session: Session) -> tuple[dict[int, str], dict[int, str], dict[int, str]]:
    """Codes of partners, SKUs and locations by id."""
    return tuple(dict(session.exec(select(one.id, one.code)).all()) for one in (Partner, Sku, Location))


def move(system: Trader, world: World, part_numbers: list[str], sign: int, *, to_buyer: bool) -> None:
    """Book by hand what left with parts, or came to their buyer's first place."""
    with system.database.read(SYSTEM) as session:
        partners, skus, locations = codes(session)
        for part in session.exec(select(FulfilmentOrder).where(FulfilmentOrder.number.in_(part_numbers))):
            own = world.places[partners[part.buyer_id]]
            place = (own[0] if own else None) if to_buyer else locations[part.location_id]
            for line in session.exec(select(FulfilmentLine).where(FulfilmentLine.fulfilment_id == part.id)):
                if place is not None:
                    qty = line.shipped_qty - line.returned_qty if to_buyer else line.qty
                    world.on_hand[place, skus[line.sku_id]] += sign * qty


def ship_some(system: Trader, world: World, chance: random.Random) -> None:
    ready = parts_of(system.database, "allocated", "picked")
    first = chance.choice(ready)
    if chance.random() < 0.5:
        with system.database.read(SYSTEM) as session:
            number = session.get_one(SalesOrder, first.order_id).number
        going = [one for one in ready if one.order_id == first.order_id and one.owner_id == first.seller_id]
        system.do(ship_order, number)
    else:
        like = (first.location_id, first.owner_id, first.seller_id, first.buyer_id)
        going = [one for one in ready if (one.location_id, one.owner_id, one.seller_id, one.buyer_id) == like]
        with system.database.write(SYSTEM) as session:
            ship_parts(session, SYSTEM, numbers=[one.number for one in going], now=NOW)
    move(system, world, [one.number for one in going], -1, to_buyer=False)


def deliver_some(system: Trader, world: World, chance: random.Random) -> None:
    part = chance.choice(parts_of(system.database, "shipped", "in_transit"))
    with system.database.read(SYSTEM) as session:
        together = session.exec(
            select(FulfilmentOrder.number).where(FulfilmentOrder.shipment_id == part.shipment_id)
        ).all()
    system.do(deliver_part, part.number, signed_by="李四")
    move(system, world, list(together), 1, to_buyer=True)


def return_some(system: Trader, world: World, chance: random.Random, key: str) -> None:
    """One line of one part comes back in part; its refund is the difference of cumulative roundings."""
    part = chance.choice(parts_of(system.database, "shipped", "delivered", "completed"))
    with system.database.read(SYSTEM) as session:
        partners, skus, locations = codes(session)
        order = session.get_one(SalesOrder, part.order_id)
        before = {
            line.id: line.returned_qty
            for line in session.exec(
                select(FulfilmentLine).join(FulfilmentOrder).where(FulfilmentOrder.order_id == part.order_id)
            )
        }
        no = chance.choice([line.line_no for line in _lines(session, part)])
    system.do(return_goods, order.number, lines=[(no, chance.randint(1, 3))], reason="", idempotency_key=key)
    with system.database.read(SYSTEM) as session:
        for one in session.exec(select(FulfilmentOrder).where(FulfilmentOrder.order_id == part.order_id)):
            for line in _lines(session, one):
                qty = line.returned_qty - before[line.id]
                if not qty:
                    continue
                sku, own = skus[line.sku_id], world.places[partners[one.buyer_id]]
                world.on_hand[locations[one.location_id], sku] += qty
                if own and one.status in {"delivered", "completed"}:
                    world.on_hand[own[0], sku] -= qty
                world.refunds[one.number, line.line_no].append(line.returned_qty)


def _lines(session: Session, part: FulfilmentOrder) -> list[FulfilmentLine]:
    return list(session.exec(select(FulfilmentLine).where(FulfilmentLine.fulfilment_id == part.id)))


def change_stock(
    system: Trader, world: World, chance: random.Random, key: str, *, is_receipt: bool = True
) -> None:
    """Goods come in somewhere, or a count finds one less."""
    location = chance.choice([one for places in world.places.values() for one in places])
    sku, qty = chance.choice(sorted(world.skus)), chance.randint(5, 30) if is_receipt else -1
    with system.database.write(SYSTEM) as session:
        if is_receipt:
            lines = [(sku, qty, Decimal(7))]
            receive_stock(session, SYSTEM, location_code=location, lines=lines, cause=key, now=NOW)
        else:
            correct_stock(
                session, SYSTEM, location_code=location, sku_code=sku, delta_qty=qty, cause=key, now=NOW
            )
    world.on_hand[location, sku] += qty


def recount(database: Database, world: World) -> None:
    """Everything that the rows say, beside what follows from the test's own account."""
    with database.read(SYSTEM) as session:
        partners, skus, locations = codes(session)
        orders = {order.id: order for order in session.exec(select(SalesOrder))}
        parts = {part.id: part for part in session.exec(select(FulfilmentOrder))}
        lines = session.exec(select(FulfilmentLine)).all()
        _check_stock(session, world, parts, lines, (skus, locations))
        _check_promise(session, world, orders, parts, lines, (partners, skus))
        _check_money(session, world, orders, parts, lines, (partners, skus))


def _check_stock(session, world, parts, lines, names) -> None:  # type: ignore[no-untyped-def]
    skus, locations = names
    reserved: Counter[tuple[str, str]] = Counter()
    for line in lines:
        if line.reserved_qty:
            reserved[locations[parts[line.fulfilment_id].location_id], skus[line.sku_id]] += line.reserved_qty
    stock = {
        (locations[row.location_id], skus[row.sku_id]): (row.on_hand_qty, row.reserved_qty)
        for row in session.exec(select(Balance))
        if row.on_hand_qty or row.reserved_qty
    }
    assert stock == {
        key: (world.on_hand[key], reserved[key])
        for key in world.on_hand.keys() | reserved.keys()
        if world.on_hand[key] or reserved[key]
    }


def _check_promise(session, world, orders, parts, lines, names) -> None:  # type: ignore[no-untyped-def]
    """Each line costs price × quantity; its parts add up to it in units and to the cent."""
    partners, skus = names
    served: dict[tuple[int, int], list[FulfilmentLine]] = defaultdict(list)
    for line in lines:
        served[parts[line.fulfilment_id].order_id, line.line_no].append(line)
    for promise in session.exec(select(OrderLine)):
        seller = partners[orders[promise.order_id].seller_id]
        assert promise.gross_amount == gross_of(world.prices[seller, skus[promise.sku_id]], promise.qty)
        rows = served[promise.order_id, promise.line_no]
        assert sum(row.qty for row in rows) == promise.qty
        assert sum(row.gross_amount for row in rows) == promise.gross_amount
        assert sum(row.tax_amount for row in rows) == promise.tax_amount


def _check_money(session, world, orders, parts, lines, names) -> None:  # type: ignore[no-untyped-def]
    """Receivables, invoices, open commitments, and the journal by flow step."""
    partners, skus = names
    owed: Counter[tuple[str, str]] = Counter()
    open_: Counter[str] = Counter()
    legs: Counter[tuple[str, str, str, str]] = Counter()
    for line in lines:
        part = parts[line.fulfilment_id]
        order = orders[part.order_id]
        seller, buyer, sku = partners[order.seller_id], partners[order.buyer_id], skus[line.sku_id]
        titles = [(seller, buyer, line.gross_amount)]
        if partners[part.owner_id] != seller:
            assert partners[part.owner_id] == "BR"
            titles.append(("BR", seller, gross_of(world.prices["BR", sku], line.qty)))
        for giver, taker, gross in titles:
            if part.status in OPEN:
                open_[order.number] += gross
            if not line.shipped_qty:
                continue
            step = "sell_in" if giver == "BR" else "sell_through"
            legs[step, giver, taker, sku] += line.shipped_qty - line.returned_qty
            owed[giver, taker] += gross
            earlier = 0
            for returned in world.refunds[part.number, line.line_no]:
                cumulative = rounded(Decimal(gross * returned) / line.qty)
                owed[giver, taker] -= cumulative - earlier
                earlier = cumulative
    billed: Counter[tuple[str, str]] = Counter()
    for invoice in session.exec(select(Invoice)):
        billed[partners[invoice.seller_id], partners[invoice.buyer_id]] += invoice.gross_amount
    booked: Counter[tuple[str, str]] = Counter()
    for entry in session.exec(select(LedgerEntry).where(LedgerEntry.account.endswith(":receivable"))):
        giver, taker, _ = entry.account.split(":")
        booked[partners[int(giver)], partners[int(taker)]] += entry.amount
    assert +billed == +booked == +owed
    committed: Counter[str] = Counter()
    for row in session.exec(select(Commitment)):
        committed[row.document] += row.amount
    assert +committed == +open_
    journal: Counter[tuple[str, str, str, str]] = Counter()
    for leg in session.exec(select(JournalLeg)):
        journal[leg.step, partners[leg.seller_id], partners[leg.buyer_id], skus[leg.sku_id]] += leg.qty
    assert +journal == +legs


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_a_hundred_random_orders_are_as_counted_by_hand(sqlite: Database, seed: int) -> None:
    chance = random.Random(seed)
    with sqlite.write(SYSTEM) as session:
        world = build(session, chance)
    system = Trader(sqlite, SYSTEM)
    actions = {
        "ship": lambda key: ship_some(system, world, chance),
        "deliver": lambda key: deliver_some(system, world, chance),
        "return": lambda key: return_some(system, world, chance, key),
        "count": lambda key: change_stock(system, world, chance, key, is_receipt=False),
        "cancel": lambda key: system.do(cancel_order, some_order(sqlite, chance)),
        "allocate": lambda key: system.do(allocate_order, some_order(sqlite, chance)),
    }
    for count in range(ORDERS):
        for half in "ab":
            change_stock(system, world, chance, f"IN-{count}{half}")
        place(system, world, chance, f"k{count}")
        for name in chance.choices(list(actions), (4, 3, 2, 2, 1, 2), k=2):
            try:
                actions[name](f"{name}-{count}")
                world.done[name] += 1
            except (DomainError, IndexError):  # nothing to do it on, or not allowed: nothing has changed
                world.done[f"no {name}"] += 1
        if count % 20 == 19:
            recount(sqlite, world)
    assert all(world.done[name] for name in ("placed", "refused", "ship", "deliver", "return", "count"))
    check_books(sqlite)


def some_order(database: Database, chance: random.Random) -> str:
    with database.read(SYSTEM) as session:
        return chance.choice(session.exec(select(SalesOrder.number).order_by(SalesOrder.id)).all()[-15:])
