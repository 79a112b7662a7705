"""Whatever happens to orders in whatever order: stock, journal, ledger and commitments agree."""

import random
from decimal import Decimal

from sqlmodel import select

from distrib_app.core.inventory import correct_stock, receive_stock
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import DomainError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.orders import (
    FulfilmentOrder,
    allocate_order,
    cancel_order,
    deliver_order,
    list_orders,
    release_order,
    return_goods,
    ship_order,
    ship_parts,
)
from tests.core.inventory.shop import NOW, stock

from .trade import Trader, check_books

ROUTES = [("BR", "GZ"), ("BR", "GD"), ("GD", "GZ"), ("GD", "SZ"), ("GZ", "OUT")]
STEPS = 160
# how often each is tried
WEIGHTS = {
    "place": 5,
    "ship": 3,
    "send": 2,
    "deliver": 2,
    "return": 3,
    "cancel": 1,
    "allocate": 2,
    "stock": 3,
    "release": 1,
}
OPEN = {"held", "placed", "confirmed", "in_production", "allocated", "picked"}


def test_random_lives_of_orders_keep_the_books(trade: Database) -> None:
    chance = random.Random(20261015)
    system = Trader(trade, SYSTEM)
    numbers: list[str] = []
    done: dict[str, int] = {}
    refused: dict[str, int] = {}
    for step in range(STEPS):
        [verb] = chance.choices(list(WEIGHTS), WEIGHTS.values())
        try:
            _take_step(system, chance, verb, step, numbers)
            done[verb] = done.get(verb, 0) + 1
        except DomainError:
            refused[verb] = refused.get(verb, 0) + 1
        if step % 40 == 39:
            check_books(trade)
    for verb in ("place", "ship", "send", "deliver", "return", "cancel", "allocate", "stock"):
        assert done.get(verb), verb
    assert refused  # some were not possible, and left nothing behind
    with trade.read(SYSTEM) as session:
        for row in list_orders(session, query=ListQuery(limit=1000)).rows:
            if row.status in OPEN:
                system.do(cancel_order, row.number)
    check_books(trade)
    assert all(reserved == 0 for _, reserved in stock(trade).values())


def _take_step(system: Trader, chance: random.Random, verb: str, step: int, numbers: list[str]) -> None:
    if verb == "place":
        seller, buyer = chance.choice(ROUTES)
        skus = (
            chance.sample(["AC", "TV", "LATE", "POST"], k=chance.randint(1, 3)) if seller == "BR" else ["AC"]
        )
        lines = {sku: chance.randint(1, 6) for sku in skus}
        numbers.append(system.place(lines, seller=seller, buyer=buyer, key=f"k{step}"))
    elif verb == "send":
        with system.database.read(SYSTEM) as session:
            ready = session.exec(
                select(FulfilmentOrder)
                .where(FulfilmentOrder.status == "allocated")
                .order_by(FulfilmentOrder.number)
            ).all()
        first = chance.choice(ready or [FulfilmentOrder(number="SO-0-1")])
        others = [
            row for row in ready if (row.location_id, row.buyer_id) == (first.location_id, first.buyer_id)
        ]
        with system.database.write(SYSTEM) as session:
            names = [first.number, *(row.number for row in others[:2])]
            ship_parts(session, SYSTEM, numbers=names, now=NOW)
    elif verb == "stock":
        location, sku = chance.choice(["PLANT", "SOUTH", "GD-WH"]), chance.choice(["AC", "LATE", "TV"])
        with system.database.write(SYSTEM) as session:
            if chance.random() < 0.8:
                receive_stock(
                    session,
                    SYSTEM,
                    location_code=location,
                    lines=[(sku, chance.randint(1, 9), Decimal(chance.randint(1, 9)))],
                    cause=f"GRN-{step}",
                    now=NOW,
                )
            else:
                correct_stock(
                    session,
                    SYSTEM,
                    location_code=location,
                    sku_code=sku,
                    delta_qty=-chance.randint(1, 9),
                    cause=f"COUNT-{step}",
                    now=NOW,
                )
    else:
        number = chance.choice(numbers[-14:] or ["SO-0"])
        if verb == "return":
            lines = [(chance.choice([1, 1, 2]), chance.randint(1, 3)) for _ in range(chance.randint(1, 2))]
            system.do(return_goods, number, lines=lines, reason="", idempotency_key=f"r{step}")
        elif verb == "deliver":
            system.do(deliver_order, number, signed_by="李四")
        else:
            verbs = {
                "ship": ship_order,
                "cancel": cancel_order,
                "allocate": allocate_order,
                "release": release_order,
            }
            system.do(verbs[verb], number)
