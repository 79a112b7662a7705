"""One process of the race: random calls of the public verbs, each written down before and after.

A new action is a function `(step) -> result` in `ACTIONS` with its weight: it notes what it sets out to do
(`step.sets_out(…)`), calls its verbs through `step.write`, and returns what the books must now hold.
"""

import itertools
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy.exc import DatabaseError
from sqlmodel import col, select

from distrib_app.core import tables as _tables  # noqa: F401  (all tables, as in the app)
from distrib_app.core.catalog import Sku
from distrib_app.core.channels import Partner
from distrib_app.core.inventory import (
    ArrivedLine,
    Location,
    StockShare,
    Transfer,
    TransferLine,
    approve_transfer,
    cancel_transfer,
    correct_stock,
    receive_stock,
    receive_transfer,
    request_transfer,
    settle_transfer,
    ship_transfer,
)
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database, get_by, is_crossed, row_id
from distrib_app.core.kernel.errors import DomainError
from distrib_app.core.orders import (
    FulfilmentOrder,
    LineRequest,
    SalesOrder,
    accept_part,
    allocate_order,
    cancel_order,
    complete_order,
    decline_part,
    deliver_order,
    deliver_part,
    pick_part,
    place_order,
    release_order,
    return_goods,
    ship_order,
    ship_parts,
)
from tests.core.inventory.shop import NOW

ROUTES = (("BR", "GZ"), ("BR", "GD"), ("GD", "GZ"), ("GD", "SZ"))
SKUS = ("AC", "TV", "LATE")
PLACES = ("PLANT", "SOUTH", "GD-WH", "SZ-WH")
# transfers inside the brand, and to a buyer of its owner
WAYS = (("PLANT", "SOUTH"), ("SOUTH", "PLANT"), ("PLANT", "GD-WH"), ("GD-WH", "SZ-WH"))
# of its AC so many may serve the buyers of its seller
SHARED_QTY = 40
# so many of the newest orders are fought over
NEWEST = 40


@dataclass
class Step:
    """One call: where it goes, its chance, and the name that makes its documents its own."""

    database: Database
    chance: random.Random
    name: str
    notes: TextIO
    again: int = 0

    def sets_out(self, verb: str, **facts: Any) -> None:
        """Write down what is about to happen, before anything does."""
        self._note({"was": "open", "verb": verb, "name": self.name, **facts})

    def ends(self, was: str, **facts: Any) -> None:
        """Write down what came of it."""
        self._note({"was": was, "again": self.again, **facts})

    def write(self, verb: Callable[..., Any], **facts: Any) -> Any:
        """Call a verb in a transaction of its own, repeated as the gate repeats it; what of it is a name."""
        attempts = 0

        def work(session: Any) -> Any:
            nonlocal attempts
            attempts += 1
            result = verb(session, SYSTEM, **facts, now=NOW)
            rows = result if isinstance(result, list) else [result]
            return [getattr(row, "number", None) for row in rows]

        try:
            return self.database.transact(SYSTEM, work)
        finally:
            self.again += max(0, attempts - 1)

    def order(self, *statuses: str) -> str:
        """The number of one of the newest orders, in one of the statuses if there is such."""
        return self._newest(SalesOrder, statuses) or "SO-0"

    def part(self, *statuses: str) -> str:
        """The number of one of the newest parts in one of the statuses."""
        return self._newest(FulfilmentOrder, statuses) or "SO-0-1"

    def transfer(self, *statuses: str) -> str:
        """The number of one of the newest transfers in one of the statuses."""
        return self._newest(Transfer, statuses) or "TF-0"

    def _newest(self, model: Any, statuses: tuple[str, ...]) -> str | None:
        with self.database.read(SYSTEM) as session:
            found = session.exec(
                select(model.number)
                .where(col(model.status).in_(statuses))
                .order_by(col(model.id).desc())
                .limit(NEWEST)
            ).all()
        return self.chance.choice(found) if found else None

    def _note(self, note: dict[str, Any]) -> None:
        self.notes.write(json.dumps(note) + "\n")
        self.notes.flush()


def place(step: Step) -> Any:
    """Order one to three SKUs; every tenth caller asks twice with the same key."""
    seller, buyer = step.chance.choice(ROUTES)
    skus = step.chance.sample(SKUS, k=step.chance.randint(1, 3)) if seller == "BR" else ["AC"]
    wanted = {sku: step.chance.randint(1, 4) for sku in skus}
    step.sets_out("place", seller=seller, buyer=buyer, lines=wanted)
    number = order_again(step, seller, buyer, wanted)
    if step.chance.randrange(10) == 0:
        assert order_again(step, seller, buyer, wanted) == number
    return number


def order_again(step: Step, seller: str, buyer: str, wanted: dict[str, int]) -> Any:
    """Place the order of this step's key, once however often it is asked for."""
    lines = [LineRequest(sku, qty) for sku, qty in wanted.items()]
    return step.write(
        place_order, buyer_code=buyer, seller_code=seller, lines=lines, idempotency_key=step.name
    )


def by_number(verb: Callable[..., Any], *statuses: str, **facts: Any) -> Callable[[Step], Any]:
    """An action on one of the newest orders that stand so."""

    def act(step: Step) -> Any:
        number = step.order(*statuses)
        step.sets_out(verb.__name__, number=number)
        return step.write(verb, number=number, **facts)

    return act


def by_part(verb: Callable[..., Any], *statuses: str, **facts: Any) -> Callable[[Step], Any]:
    """An action on one of the newest parts that stand so."""

    def act(step: Step) -> Any:
        number = step.part(*statuses)
        step.sets_out(verb.__name__, number=number)
        return step.write(verb, number=number, **facts)

    return act


def ship_together(step: Step) -> Any:
    """Parts of one place and buyer as one shipment."""
    with step.database.read(SYSTEM) as session:
        ready = session.exec(
            select(FulfilmentOrder)
            .where(FulfilmentOrder.status == "allocated")
            .order_by(col(FulfilmentOrder.id).desc())
            .limit(NEWEST)
        ).all()
    first = step.chance.choice(ready) if ready else FulfilmentOrder(number="SO-0-1")
    others = [row for row in ready if (row.location_id, row.buyer_id) == (first.location_id, first.buyer_id)]
    numbers = sorted({first.number, *(row.number for row in others[:3])})
    step.chance.shuffle(numbers)
    step.sets_out("ship_parts", numbers=numbers)
    return step.write(ship_parts, numbers=numbers)


def give_back(step: Step) -> Any:
    """A return of a line or two."""
    number = step.order("shipped", "in_transit", "delivered", "completed")
    lines = [(no, step.chance.randint(1, 2)) for no in range(1, step.chance.randint(2, 3))]
    step.sets_out("return", number=number, lines=lines)
    return step.write(return_goods, number=number, lines=lines, reason="", idempotency_key=step.name)


def receive(step: Step) -> Any:
    """Goods come in."""
    place, sku = step.chance.choice(PLACES), step.chance.choice(SKUS)
    qty = step.chance.randint(1, 5)
    step.sets_out("receive", place=place, sku=sku, qty=qty)
    return step.write(receive_stock, location_code=place, lines=[(sku, qty, Decimal(9))], cause=step.name)


def correct(step: Step) -> Any:
    """A count finds more or less than the books."""
    place, sku = step.chance.choice(PLACES), step.chance.choice(SKUS)
    qty = step.chance.choice((-3, -2, -1, 1, 2))
    step.sets_out("correct", place=place, sku=sku, qty=qty)
    return step.write(correct_stock, location_code=place, sku_code=sku, delta_qty=qty, cause=step.name)


def ask_transfer(step: Step) -> Any:
    """Goods are to go to another place, of the same owner or of a buyer; the same key asks once."""
    start, goal = step.chance.choice(WAYS)
    lines = {sku: step.chance.randint(1, 3) for sku in step.chance.sample(SKUS, k=step.chance.randint(1, 2))}
    step.sets_out("transfer", start=start, goal=goal, lines=lines)
    facts = {"from_code": start, "to_code": goal, "lines": lines, "idempotency_key": step.name}
    number = step.write(request_transfer, **facts)
    assert step.write(request_transfer, **facts) == number
    return number


def by_transfer(verb: Callable[..., Any], *statuses: str, **facts: Any) -> Callable[[Step], Any]:
    """An action on one of the newest transfers that stand so."""

    def act(step: Step) -> Any:
        number = step.transfer(*statuses)
        step.sets_out(verb.__name__, number=number)
        return step.write(verb, number=number, **facts)

    return act


def take_in(step: Step) -> Any:
    """A transfer arrives, all of it or less than was sent."""
    number = step.transfer("in_transit", "partly_received")
    with step.database.read(SYSTEM) as session:
        lines = session.exec(
            select(TransferLine)
            .join(Transfer, col(Transfer.id) == TransferLine.transfer_id)
            .where(Transfer.number == number)
        ).all()
    arrived = [
        ArrivedLine(line.line_no, line.road_qty - short, short, "lost" if short else "")
        for line in lines
        if line.road_qty
        for short in [step.chance.choice((0, 0, 1))]
    ]
    step.sets_out("receive_transfer", number=number)
    return step.write(receive_transfer, number=number, lines=arrived, signed_by="赵六")


# what a process does, and how often it tries
ACTIONS: dict[Callable[[Step], Any], int] = {
    place: 8,
    by_number(allocate_order, "placed", "confirmed", "in_production"): 2,
    by_number(cancel_order, "placed", "held", "allocated", "confirmed"): 2,
    by_number(release_order, "held"): 1,
    by_number(ship_order, "allocated", "picked"): 3,
    by_part(pick_part, "allocated"): 1,
    by_part(accept_part, "offered"): 2,
    by_part(decline_part, "offered"): 1,
    ship_together: 3,
    by_number(deliver_order, "shipped", "in_transit", signed_by="李四"): 3,
    by_part(deliver_part, "shipped", "in_transit", signed_by="王五"): 1,
    by_number(complete_order, "delivered"): 1,
    give_back: 2,
    receive: 4,
    correct: 1,
    ask_transfer: 4,
    by_transfer(approve_transfer, "requested"): 3,
    by_transfer(ship_transfer, "approved", "picked"): 3,
    take_in: 3,
    by_transfer(cancel_transfer, "requested", "approved"): 1,
    by_transfer(cancel_transfer, "in_transit", outcome="restore"): 1,
    by_transfer(cancel_transfer, "in_transit", outcome="write_off"): 1,
    by_transfer(settle_transfer, "received"): 1,
}


def stock_up(database: Database) -> None:
    """Enough to ship from the start, little enough to run short; one partner shares what it has."""
    with database.write(SYSTEM) as session:
        for location in PLACES:
            lines = [(sku, 15, Decimal(9)) for sku in SKUS]
            receive_stock(session, SYSTEM, location_code=location, lines=lines, cause="START", now=NOW)
        session.add(
            StockShare(
                location_id=row_id(get_by(session, Location, "location", code="SZ-WH")),
                sku_id=row_id(get_by(session, Sku, "SKU", code="AC")),
                seller_id=row_id(get_by(session, Partner, "partner", code="GD")),
                shared_qty=SHARED_QTY,
                fee_ppm=20_000,
                answer_hours=4,
            )
        )


def take_steps(
    database: Database, notes: Path, seed: int, end: float = float("inf"), *, steps: int | None = None
) -> None:
    """Act at random until `end` (seconds since the epoch) or for so many steps, noting it in a file."""
    chance = random.Random(seed)
    actions, weights = list(ACTIONS), list(ACTIONS.values())
    with notes.open("a", encoding="utf-8") as file:
        for count in itertools.count(1):
            if time.time() >= end or count == steps:
                break
            step = Step(database, chance, f"R{seed}-{count}", file)
            try:
                act(step, chance.choices(actions, weights)[0])
            except DatabaseError as error:
                step.ends("crossed" if is_crossed(error) else "failed", why=str(error)[:500])
    database.dispose()


def act(step: Step, action: Callable[[Step], Any]) -> None:
    """One action and its end; a refusal is an answer like any other."""
    try:
        step.ends("done", result=action(step))
    except DomainError as error:
        step.ends("refused", why=error.code)
