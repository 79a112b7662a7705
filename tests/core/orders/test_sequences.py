"""Whatever happens to orders in whatever order: stock, journal, ledger and commitments agree."""

import random
from decimal import Decimal

from distrib_app.core.inventory import correct_stock, receive_stock
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import DomainError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.orders import (
    allocate_order,
    cancel_order,
    deliver_order,
    list_orders,
    return_goods,
    ship_order,
)
from tests.core.inventory.shop import NOW, stock

from .trade import Trader, check_books

ROUTES = [("BR", "GZ"), ("BR", "GD"), ("GD", "GZ"), ("GD", "SZ"), ("GZ", "OUT")]
STEPS = 120


def test_random_lives_of_orders_keep_the_books(trade: Database) -> None:
    chance = random.Random(20261015)
    system = Trader(trade, SYSTEM)
    numbers: list[str] = []
    done: dict[str, int] = {}
    refused: dict[str, int] = {}
    for step in range(STEPS):
        verb = chance.choice(
            ["place"] * 4 + ["ship"] * 3 + ["deliver", "return", "return", "cancel", "allocate", "stock"]
        )
        try:
            _take_step(system, chance, verb, step, numbers)
            done[verb] = done.get(verb, 0) + 1
        except DomainError:
            refused[verb] = refused.get(verb, 0) + 1
        if step % 40 == 39:
            check_books(trade)
    assert all(done.get(verb) for verb in ("place", "ship", "deliver", "return", "cancel", "stock"))
    assert refused  # some were not possible, and left nothing behind
    with trade.read(SYSTEM) as session:
        for row in list_orders(session, query=ListQuery(limit=1000)).rows:
            if row.status == "placed":
                numbers.append(row.number)
    for number in set(numbers):
        try:
            system.do(cancel_order, number)
        except DomainError:
            continue
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
        number = chance.choice(numbers or ["SO-0"])
        if verb == "return":
            lines = [(chance.randint(1, 3), chance.randint(1, 3)) for _ in range(chance.randint(1, 2))]
            system.do(return_goods, number, lines=lines, reason="", idempotency_key=f"r{step}")
        elif verb == "deliver":
            system.do(deliver_order, number, signed_by="李四")
        else:
            system.do({"ship": ship_order, "cancel": cancel_order, "allocate": allocate_order}[verb], number)
