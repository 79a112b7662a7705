"""A part that waits is fed by a transfer: what arrives is reserved for it first."""

from collections.abc import Callable, Iterator

import pytest
from sqlmodel import select

from distrib_app.core.channels import Region
from distrib_app.core.inventory import (
    ArrivedLine,
    CarrierTariff,
    InsufficientStockError,
    Lane,
    Location,
    Transfer,
    cancel_transfer,
    pick_transfer,
    receive_transfer,
    ship_transfer,
)
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, NotFoundError, StaleError
from distrib_app.core.kernel.events import install_reactions
from distrib_app.core.kernel.lifecycle import TransitionError
from distrib_app.core.orders import (
    FedAlreadyError,
    FeedChoice,
    cancel_order,
    feed_choice,
    feed_part,
    ship_order,
)
from distrib_app.core.reactions import REACTIONS
from distrib_app.core.workbench import Task, decide
from tests.core.inventory.shop import NOW, stock

from .books import committed
from .test_fees import broken
from .test_made_goods import for_gd, price
from .test_production import one, requests
from .trade import Trader, check_books, counts, parts, receive

Who = Callable[[str], Trader]


@pytest.fixture(autouse=True)
def _reactions() -> Iterator[None]:
    """What the composition root does; afterwards none again, as in the other tests."""
    install_reactions({kind: found for kind, found in REACTIONS.items() if kind.startswith("transfer.")})
    yield
    install_reactions({})


@pytest.fixture
def far(trade: Database) -> str:
    """PLANT has four LATE but no open lane to GZ; it has one to SOUTH, which reaches GZ."""
    price(trade, "BR", "LATE", 100)
    with trade.write(SYSTEM) as session:
        bands = [{"over_g": 0, "first_g": 1000, "base_amount": 1000, "kg_amount": 200}]
        tariff = CarrierTariff(code="T", name="T", carrier="T", currency="CNY", bands=bands, zones={"1": {}})
        session.add(tariff)
        session.flush()
        plant = session.exec(select(Location.id).where(Location.code == "PLANT")).one()
        for code, closed in (("440000", ""), ("440100", "flooded")):
            region = session.exec(select(Region.id).where(Region.code == code)).one()
            session.add(
                Lane(
                    from_location_id=plant,
                    to_region_id=region,
                    tariff_id=tariff.id,
                    zone="1",
                    lead_days=2,
                    closed_reason=closed,
                )
            )
    receive(trade, ("PLANT", "LATE", 4))
    return "PLANT"


def choices(trader: Trader, part: str) -> FeedChoice:
    with trader.database.read(trader.actor) as session:
        return feed_choice(session, trader.actor, number=part, now=NOW)


def transfer_of(trade: Database) -> Transfer:
    with trade.read(SYSTEM) as session:
        return session.exec(select(Transfer).order_by(Transfer.id.desc())).first()


def carry(giver: Trader, taker: Trader, qty: int) -> str:
    """The last transfer is picked, sent and received."""
    number = transfer_of(giver.database).number
    giver.do(pick_transfer, number)
    giver.do(ship_transfer, number)
    taker.do(receive_transfer, number, lines=[ArrivedLine(1, qty)], signed_by="仓管")
    return number


def agree(trader: Trader) -> None:
    with trader.database.write(trader.actor) as session:
        task = session.exec(select(Task).where(Task.kind == "stock_transfer")).one()
        decide(session, trader.actor, number=task.number, decision="approved", now=NOW)


def test_goods_are_brought_to_where_the_buyer_is_served_from(trade: Database, who: Who, far: str) -> None:
    ops = who("ops")
    number = who("gz").place({"LATE": 3, "POST": 1})
    assert who("gz").get(number).status == "in_production"
    [request] = requests(ops)
    found = choices(ops, f"{number}-1")
    assert (found.to_code, found.needs) == ("SOUTH", {"LATE": 3})
    assert [(one.place_code, one.qtys) for one in found.sources] == [(far, {"LATE": 3})]
    ops.do(feed_part, f"{number}-1", from_code=far)
    [row] = ops.get(number).feeds
    assert (row.part_number, row.status, row.from_code, row.to_code, row.qty, row.received_qty) == (
        f"{number}-1",
        "approved",
        far,
        "SOUTH",
        3,
        0,
    )
    assert stock(trade)[far, "LATE"] == (4, 3)
    carry(ops, ops, 3)
    assert parts(ops, number) == [("2", "allocated", "SOUTH", [(1, 3), (2, 1)], 32_120)]
    assert (stock(trade)[far, "LATE"], stock(trade)["SOUTH", "LATE"]) == ((1, 0), (3, 3))
    assert one(ops, request.number).status == "cancelled"
    kinds = [event.kind for event in who("gz").get(number).events]
    assert "order.feed_asked" in kinds
    assert "order.fed" in kinds
    assert who("gz").get(number).feeds == ()  # whose transfers are nobody else's business
    ops.do(ship_order, number)
    assert broken(trade) == []


def test_what_arrives_in_several_goes_is_reserved_each_time(trade: Database, who: Who, far: str) -> None:
    ops = who("ops")
    number = who("gz").place({"LATE": 3})
    ops.do(feed_part, f"{number}-1", from_code=far)
    sent = carry(ops, ops, 1)
    assert sorted(row[1:4:2] for row in parts(ops, number)) == [
        ("allocated", [(1, 1)]),
        ("in_production", [(1, 2)]),
    ]
    check_books(trade)
    ops.do(receive_transfer, sent, lines=[ArrivedLine(1, 2)], signed_by="仓管")
    assert {row[1] for row in parts(ops, number)} == {"allocated"}
    assert stock(trade)["SOUTH", "LATE"] == (3, 3)
    assert broken(trade) == []


def test_refusals_change_nothing(trade: Database, who: Who, far: str) -> None:
    number = who("gz").place({"LATE": 3, "AC": 1})
    numbers = {part.status: part.number for part in who("gz").get(number).parts}
    late = numbers["in_production"]
    before = counts(trade)
    for name, part, facts, refusal in (
        ("boss", late, {"from_code": far}, ForbiddenError),
        ("sz", late, {"from_code": far}, NotFoundError),
        ("ops", late, {"from_code": far, "version": 9}, StaleError),
        ("ops", late, {"from_code": "GD-WH"}, InsufficientStockError),
        ("ops", numbers["allocated"], {"from_code": far}, TransitionError),
    ):
        with pytest.raises(refusal):
            who(name).do(feed_part, part, **facts)
    assert counts(trade) == before
    who("ops").do(feed_part, late, from_code=far)
    before = counts(trade)
    with pytest.raises(FedAlreadyError):
        who("ops").do(feed_part, late, from_code=far)
    assert counts(trade) == before


def test_called_off_the_part_waits_and_may_be_fed_anew(trade: Database, who: Who, far: str) -> None:
    ops = who("ops")
    number = who("gz").place({"LATE": 3})
    ops.do(feed_part, f"{number}-1", from_code=far)
    ops.do(cancel_transfer, transfer_of(trade).number, reason="改派")
    assert "order.feed_lost" in [event.kind for event in ops.get(number).events]
    ops.do(feed_part, f"{number}-1", from_code=far)
    who("gz").do(cancel_order, number)
    carry(ops, ops, 3)
    assert stock(trade)["SOUTH", "LATE"] == (3, 0)  # nobody waits for it any more
    assert [row.status for row in ops.get(number).feeds] == ["cancelled", "settled"]
    assert broken(trade) == []


def test_another_seller_is_fed_from_the_brand(trade: Database, who: Who) -> None:
    """GD buys what it is short of into its own stock: the brand agrees, and makes nothing any more."""
    number, request = for_gd(trade, who)
    receive(trade, ("PLANT", "LATE", 2))
    gd, ops = who("gd"), who("ops")
    gd.do(feed_part, f"{number}-1", from_code="PLANT")
    assert [row.status for row in gd.get(number).feeds] == ["requested"]
    agree(ops)
    carry(ops, gd, 2)
    # GD serves two itself; one is still made, and bought, for it
    assert committed(trade, number) == {"GD:GZ": 360_000, "BR:GD": 113_000}
    assert one(ops, request).qty == 1
    assert stock(trade)["GD-WH", "LATE"] == (2, 2)
    assert gd.get(number).promised_on is None
    assert broken(trade) == []
