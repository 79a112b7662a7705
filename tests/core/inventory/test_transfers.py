"""Transfers on both databases: inside one owner, sold, bought back, through the brand; short, called off."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from distrib_app.core.accounts import TradingAccount
from distrib_app.core.channels import Partner
from distrib_app.core.inventory import (
    ArrivedLine,
    InsufficientStockError,
    NoLaneError,
    NoTitleError,
    NotYourLocationError,
    NotYourTransferError,
    RoadQuantityError,
    Shipment,
    TransferCreditError,
    approve_transfer,
    cancel_transfer,
    list_transfers,
    pick_transfer,
    receive_transfer,
    reject_transfer,
    settle_transfer,
    ship_transfer,
    transfer_cycle,
)
from distrib_app.core.inventory import ReusedKeyError as Reused
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.clock import Period
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from distrib_app.core.kernel.events import install_reactions
from distrib_app.core.kernel.lifecycle import TransitionError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.reactions import REACTIONS
from distrib_app.core.workbench import NotYourTaskError, ReasonMissingError, find_open_task, withdraw_task
from tests.core.orders.books import invoices, legs
from tests.core.orders.trade import counts, owe

from .haul import JULY, JUNE, Hauler, broken, held_credit, lines_of, moved, pending
from .shop import NOW, check_stock, stock

AUGUST, TODAY = date(2026, 8, 1), date(2026, 10, 15)
GROSS = 350_000  # what GZ pays GD for one AC
NET_COST = 3097  # of which 3 097.35 without tax
ORIGIN = 226_000  # 2 000 and 13 % tax on top


@pytest.fixture
def ops(haul: Database) -> Hauler:
    return Hauler.named(haul, "ops")


@pytest.fixture
def gd(haul: Database) -> Hauler:
    return Hauler.named(haul, "gd")


@pytest.fixture
def gz(haul: Database) -> Hauler:
    return Hauler.named(haul, "gz")


def test_inside_one_owner_nothing_is_paid_and_nobody_asked(haul: Database, ops: Hauler) -> None:
    number = ops.ask("PLANT", "SOUTH", {"AC": 3, "TV": 10})
    assert number == "TF-20261015-0001"
    assert ops.get(number).status == "approved"
    assert [row.verb for row in ops.get(number).actions] == ["pick", "ship", "cancel"]
    assert stock(haul)["PLANT", "AC"] == (5, 3)
    assert pending(haul, number) == [("SOUTH", "expected", 3, False), ("SOUTH", "expected", 10, False)]
    assert ops.do(pick_transfer, number) == "picked"
    assert ops.do(ship_transfer, number, carrier="自提", waybill="W1") == "in_transit"
    assert stock(haul)["PLANT", "AC"] == (2, 0)
    assert stock(haul)["SOUTH", "AC"] == (5, 0)
    assert pending(haul, number) == [("SOUTH", "expected", 3, True), ("SOUTH", "expected", 10, True)]
    lines = [ArrivedLine(1, 3), ArrivedLine(2, 4)]
    assert ops.do(receive_transfer, number, lines=lines, signed_by="王") == "partly_received"
    assert pending(haul, number) == [("SOUTH", "expected", 6, True)]
    assert broken(haul) == {}
    later = NOW + timedelta(hours=30)
    lines = [ArrivedLine(2, 6)]
    assert ops.do(receive_transfer, number, lines=lines, signed_by="李", now=later) == "settled"
    assert stock(haul)["SOUTH", "AC"] == (8, 0)
    assert stock(haul)["SOUTH", "TV"] == (10, 0)
    assert pending(haul, number) == []
    assert moved(haul, number) == [
        ("PLANT", "transfer_out", -3, AUGUST, 2000),
        ("PLANT", "transfer_out", -10, AUGUST, 2000),
        ("SOUTH", "transfer_in", 3, AUGUST, 2000),
        ("SOUTH", "transfer_in", 4, AUGUST, 2000),
        ("SOUTH", "transfer_in", 6, AUGUST, 2000),
    ]
    assert invoices(haul) == legs(haul) == []
    found = ops.get(number)
    assert (found.shipment.carrier, found.shipment.waybill, found.shipment.signed_by) == ("自提", "W1", "李")
    assert found.shipment.freight_amount == 0
    assert (found.cycle.calendar_seconds, found.cycle.working_seconds) == (30 * 3600, (6 + 8) * 3600 - 3600)
    check_stock(haul)
    assert broken(haul) == {}


def test_sold_to_who_has_an_account_short_units_are_the_givers(
    haul: Database, gd: Hauler, gz: Hauler
) -> None:
    number = gd.ask("GD-WH", "GZ-WH", {"AC": 4})
    assert gd.get(number).status == "requested"
    assert pending(haul, number) == [("GD-WH", "backorder", 4, False), ("GZ-WH", "expected", 4, False)]
    assert gz.inbox() == [("stock_transfer", number)] and gd.inbox() == []
    assert [(row.verb, row.is_allowed) for row in gz.get(number).actions] == [
        ("approve", True),
        ("reject", True),
    ]
    assert [row.verb for row in gd.get(number).actions] == ["cancel"]
    with pytest.raises(NotYourTransferError):
        gd.do(approve_transfer, number)
    assert gz.do(approve_transfer, number) == "approved"
    assert gz.inbox() == []
    assert pending(haul, number) == [("GZ-WH", "expected", 4, False)]
    assert held_credit(haul, number) == 4 * GROSS
    with pytest.raises(NotYourTransferError):
        gz.do(ship_transfer, number)
    assert gd.do(ship_transfer, number) == "in_transit"
    with pytest.raises(NotYourTransferError):
        gd.do(receive_transfer, number, lines=[ArrivedLine(1, 4)], signed_by="x")
    lines = [ArrivedLine(1, 3, 1, "lost")]
    assert gz.do(receive_transfer, number, lines=lines, signed_by="王") == "received"
    assert invoices(haul) == [] and held_credit(haul, number) == 4 * GROSS
    with pytest.raises(NotYourTransferError):
        gz.do(settle_transfer, number)
    assert gd.do(settle_transfer, number) == "settled"
    assert invoices(haul) == [("invoice", "GD", "GZ", 3 * GROSS)]
    tax = 3 * GROSS - round(3 * GROSS / 1.13)
    assert legs(haul) == [("sell_through", "GD", "GZ", 3, 3 * GROSS, tax)]
    assert held_credit(haul, number) == 0
    assert moved(haul, number) == [
        ("GD-WH", "transfer_out", -4, AUGUST, 2000),
        ("GZ-WH", "transfer_in", 3, AUGUST, NET_COST),
        ("GD-WH", "transfer_in", 1, AUGUST, 2000),
        ("GD-WH", "correction", -1, AUGUST, 2000),
    ]
    assert [(row.kind, row.gross_amount) for row in gz.get(number).settlement] == [("invoice", 3 * GROSS)]
    assert lines_of(haul) == [(4, 0, 4, 3, 1, 0, 0)]
    check_stock(haul)
    assert broken(haul) == {}


def test_through_the_brand_credits_one_at_origin_cost_and_bills_the_other(
    haul: Database, ops: Hauler, gz: Hauler
) -> None:
    sz = Hauler.named(haul, "sz")
    number = ops.ask("GZ-WH", "SZ-WH", {"AC": 5})
    assert ops.get(number).title == "brand"
    gz.do(approve_transfer, number)
    assert held_credit(haul, number) == 5 * 339_000
    gz.do(ship_transfer, number)
    assert sz.do(receive_transfer, number, lines=[ArrivedLine(1, 5)], signed_by="王") == "settled"
    # three of June at 2000, two of July at 2100, tax on top; 3390 for each at SZ
    credit = round((3 * 2000 + 2 * 2100) * 100 * 1.13)
    assert invoices(haul) == [("credit_note", "BR", "GZ", -credit), ("invoice", "BR", "SZ", 5 * 339_000)]
    assert [leg[:5] for leg in legs(haul)] == [
        ("sell_in", "BR", "GZ", -5, -credit),
        ("sell_in", "BR", "SZ", 5, 5 * 339_000),
    ]
    assert moved(haul, number) == [
        ("GZ-WH", "transfer_out", -3, JUNE, 2000),
        ("GZ-WH", "transfer_out", -2, JULY, 2100),
        ("SZ-WH", "transfer_in", 3, JUNE, 3000),
        ("SZ-WH", "transfer_in", 2, JULY, 3000),
    ]
    # each side sees its own document, and only who gives the goods sees the freight
    assert [row.kind for row in gz.get(number).settlement] == ["credit_note"]
    assert [row.kind for row in sz.get(number).settlement] == ["invoice"]
    # 12.5 kg: 10.00 and 12 started kilograms at 2.00, 10 % for the zone, 0.50 of handling
    assert gz.get(number).shipment.freight_amount == 1000 + 2400 + 340 + 50
    assert gz.get(number).promised_on == TODAY + timedelta(days=3)
    assert len(gz.get(number).shipment.freight_steps) == 5
    assert sz.get(number).shipment.freight_amount is None
    assert sz.get(number).shipment.freight_steps == ()
    assert broken(haul) == {}


def test_along_the_chain_each_sells_to_the_next(haul: Database, ops: Hauler) -> None:
    gd, gz, sz = (Hauler.named(haul, name) for name in ("gd", "gz", "sz"))
    with haul.write(SYSTEM) as session:
        rows = session.exec(select(TradingAccount).where(TradingAccount.buyer_path == sz_path(session)))
        next(row for row in rows if row.seller_id == 1).is_closed = True
    down = ops.ask("PLANT", "SZ-WH", {"AC": 2}, "down")
    assert ops.get(down).title == "chain"
    # the brand's people asked and give: SZ answers, and sees what it pays; GD's purchase is not its business
    assert sz.get(down).lines[0].gross_amount == 2 * GROSS
    sz.do(approve_transfer, down)
    assert held_credit(haul, down) == 2 * GROSS
    ops.do(ship_transfer, down)
    assert sz.do(receive_transfer, down, lines=[ArrivedLine(1, 2)], signed_by="王") == "settled"
    assert invoices(haul) == [("invoice", "BR", "GD", 2 * 339_000), ("invoice", "GD", "SZ", 2 * GROSS)]
    across = ops.ask("GZ-WH", "SZ-WH", {"AC": 3}, "across")
    assert gz.get(across).lines[0].gross_amount is None
    gz.do(approve_transfer, across)
    gz.do(ship_transfer, across)
    sz.do(receive_transfer, across, lines=[ArrivedLine(1, 3)], signed_by="王")
    assert invoices(haul)[2:] == [
        ("credit_note", "GD", "GZ", -3 * ORIGIN),
        ("invoice", "GD", "SZ", 3 * GROSS),
    ]
    back = ops.ask("SZ-WH", "PLANT", {"AC": 1}, "back")
    sz.do(approve_transfer, back)
    sz.do(ship_transfer, back)
    ops.do(receive_transfer, back, lines=[ArrivedLine(1, 1)], signed_by="王")
    # SZ is credited its net cost of 3 097.35 and 13 % on top, GD its own price of today
    assert invoices(haul)[4:] == [
        ("credit_note", "GD", "SZ", -(309_735 + 40_266)),
        ("credit_note", "BR", "GD", -339_000),
    ]
    assert moved(haul, back)[-1][:3] == ("PLANT", "transfer_in", 1)
    assert gd.inbox() == []
    assert broken(haul) == {}


def sz_path(session: Session) -> str:
    return session.exec(select(Partner.path).where(Partner.code == "SZ")).one()


def test_bought_back_by_who_had_sold_it(haul: Database, gd: Hauler, gz: Hauler) -> None:
    number = gd.ask("GZ-WH", "GD-WH", {"AC": 4})
    assert gd.get(number).title == "buy_back"
    gz.do(approve_transfer, number)
    assert held_credit(haul, number) == 0
    gz.do(ship_transfer, number)
    gd.do(receive_transfer, number, lines=[ArrivedLine(1, 2)], signed_by="王")
    assert (
        gd.do(receive_transfer, number, lines=[ArrivedLine(1, 1, 1, "not_sent")], signed_by="王")
        == "received"
    )
    gz.do(settle_transfer, number)
    assert invoices(haul) == [("credit_note", "GD", "GZ", -3 * ORIGIN)]
    # what was never sent lies where it was, with its own day and cost
    assert moved(haul, number)[2:] == [
        ("GD-WH", "transfer_in", 2, JUNE, 2000),
        ("GD-WH", "transfer_in", 1, JUNE, 2000),
        ("GZ-WH", "transfer_in", 1, JULY, 2100),
    ]
    assert stock(haul)["GZ-WH", "AC"] == (4, 0)
    assert broken(haul) == {}


@pytest.mark.parametrize(
    ("outcome", "kinds", "left"),
    [
        ("restore", ["transfer_in", "transfer_in"], 7),
        ("write_off", ["transfer_in", "transfer_in", "correction", "correction"], 2),
    ],
)
def test_called_off_on_the_road(
    haul: Database, gd: Hauler, gz: Hauler, outcome: str, kinds: list[str], left: int
) -> None:
    number = gd.ask("GZ-WH", "GD-WH", {"AC": 5})
    gz.do(approve_transfer, number)
    gz.do(ship_transfer, number)
    with pytest.raises(InvalidError):
        gz.do(cancel_transfer, number)
    with pytest.raises(TransitionError):  # the taker steps back only before anything left
        gd.do(cancel_transfer, number, outcome="restore")
    assert gz.do(cancel_transfer, number, outcome=outcome, reason="车祸") == "cancelled"
    assert [row[1] for row in moved(haul, number)[2:]] == kinds
    assert [row[2:] for row in moved(haul, number)[2:4]] == [(3, JUNE, 2000), (2, JULY, 2100)]
    assert stock(haul)["GZ-WH", "AC"] == (left, 0)
    assert pending(haul, number) == [] and invoices(haul) == []
    assert broken(haul) == {}


def test_called_off_after_a_part_came_in_settles_that_part(haul: Database, gd: Hauler, gz: Hauler) -> None:
    number = gd.ask("GD-WH", "GZ-WH", {"AC": 4})
    gz.do(approve_transfer, number)
    gd.do(ship_transfer, number)
    gz.do(receive_transfer, number, lines=[ArrivedLine(1, 1)], signed_by="王")
    assert gd.do(cancel_transfer, number, outcome="restore") == "settled"
    assert invoices(haul) == [("invoice", "GD", "GZ", GROSS)]
    assert held_credit(haul, number) == 0
    assert lines_of(haul) == [(4, 0, 4, 1, 0, 3, 0)]
    assert stock(haul)["GD-WH", "AC"] == (3, 0)
    assert broken(haul) == {}


def test_called_off_before_it_left(haul: Database, gd: Hauler, gz: Hauler) -> None:
    asked = gd.ask("GD-WH", "GZ-WH", {"AC": 1}, "a")
    assert gd.do(cancel_transfer, asked) == "cancelled"
    assert gz.inbox() == []
    number = gd.ask("GD-WH", "GZ-WH", {"AC": 4}, "b")
    gz.do(approve_transfer, number)
    with pytest.raises(InvalidError):
        gz.do(cancel_transfer, number, outcome="restore")
    assert gz.do(cancel_transfer, number) == "cancelled"
    assert stock(haul)["GD-WH", "AC"] == (4, 0)
    assert held_credit(haul, number) == 0 and pending(haul, number) == []
    assert broken(haul) == {}


def test_a_no_and_a_withdrawn_request_end_it(haul: Database, gd: Hauler, gz: Hauler) -> None:
    number = gd.ask("GD-WH", "GZ-WH", {"AC": 1}, "a")
    with pytest.raises(ReasonMissingError):
        gz.do(reject_transfer, number, reason=" ")
    assert gz.do(reject_transfer, number, reason="仓库满了") == "rejected"
    assert pending(haul, number) == []
    with pytest.raises(TransitionError):
        gz.do(approve_transfer, number)
    other = gd.ask("GD-WH", "GZ-WH", {"AC": 1}, "b")
    install_reactions({"task.withdrawn": REACTIONS["task.withdrawn"]})
    try:
        with haul.write(gd.actor) as session:
            task = find_open_task(session, kind="stock_transfer", subject=("transfer", other))
            withdraw_task(session, gd.actor, number=task.number, now=NOW)
    finally:
        install_reactions({})
    assert gd.get(other).status == "cancelled"
    assert pending(haul, other) == []
    assert broken(haul) == {}


def test_the_same_key_is_one_transfer(haul: Database, ops: Hauler) -> None:
    number = ops.ask("PLANT", "SOUTH", {"AC": 1})
    assert ops.ask("PLANT", "SOUTH", {"AC": 1}) == number
    before = counts(haul)
    with pytest.raises(Reused):
        ops.ask("PLANT", "SOUTH", {"AC": 2})
    assert counts(haul) == before


def test_what_cannot_be_asked_for(haul: Database, ops: Hauler, gd: Hauler, gz: Hauler) -> None:
    before = counts(haul)
    with pytest.raises(NoTitleError):  # nobody has a price for TV at GD
        gd.ask("GD-WH", "GZ-WH", {"TV": 1})
    with pytest.raises(NotYourLocationError):  # goods of others are for the brand to move
        gd.ask("GZ-WH", "SZ-WH", {"AC": 1})
    with pytest.raises(NotFoundError):  # a sibling's place is out of scope
        gz.ask("SZ-WH", "GZ-WH", {"AC": 1})
    with pytest.raises(InvalidError):
        ops.ask("PLANT", "PLANT", {"AC": 1})
    with pytest.raises(InvalidError):
        ops.ask("PLANT", "SOUTH", {})
    with pytest.raises(InvalidError):
        ops.ask("PLANT", "SOUTH", {"AC": 0})
    with pytest.raises(NotFoundError):
        ops.ask("PLANT", "SOUTH", {"NONE": 1})
    with pytest.raises(InsufficientStockError):  # approved at once, so there must be enough
        ops.ask("PLANT", "SOUTH", {"AC": 6})
    assert counts(haul) == before


def test_no_lane_no_transfer(haul: Database, ops: Hauler) -> None:
    from distrib_app.core.inventory import Lane

    with haul.write(SYSTEM) as session:
        session.exec(select(Lane)).one().closed_reason = "台风"
    before = counts(haul)
    with pytest.raises(NoLaneError):
        ops.ask("GZ-WH", "SZ-WH", {"AC": 1})
    assert counts(haul) == before


def test_debt_keeps_the_goods(haul: Database, gd: Hauler, gz: Hauler) -> None:
    number = gd.ask("GD-WH", "GZ-WH", {"AC": 1})
    owe(haul, seller="GD", buyer="GZ")
    before = counts(haul)
    with pytest.raises(TransferCreditError):
        gz.do(approve_transfer, number)
    assert counts(haul) == before
    assert gz.get(number).status == "requested"


def test_only_who_was_asked_answers(haul: Database, ops: Hauler) -> None:
    number = Hauler.named(haul, "gd").ask("GZ-WH", "GD-WH", {"AC": 1})
    with pytest.raises(NotYourTransferError):
        ops.do(approve_transfer, number)
    with pytest.raises(ForbiddenError):
        Hauler.named(haul, "boss").do(approve_transfer, number)
    with pytest.raises(NotFoundError):
        Hauler.named(haul, "sz").get(number)


def test_what_came_in_must_be_on_the_road(haul: Database, gd: Hauler, gz: Hauler) -> None:
    number = gd.ask("GD-WH", "GZ-WH", {"AC": 4})
    gz.do(approve_transfer, number)
    gd.do(ship_transfer, number)
    before, lines = counts(haul), lines_of(haul)
    for said, refusal in (
        ([ArrivedLine(1, 5)], RoadQuantityError),
        ([ArrivedLine(1, 3, 2, "lost")], RoadQuantityError),
        ([ArrivedLine(1, 3, 1)], ReasonMissingError),
        ([ArrivedLine(1, 3, 1, "eaten")], InvalidError),
        ([ArrivedLine(1, -1)], InvalidError),
        ([ArrivedLine(2, 1)], InvalidError),
        ([ArrivedLine(1, 1), ArrivedLine(1, 1)], InvalidError),
        ([ArrivedLine(1, 0)], InvalidError),
        ([], InvalidError),
    ):
        with pytest.raises(refusal):
            gz.do(receive_transfer, number, lines=said, signed_by="王")
    with pytest.raises(InvalidError):
        gz.do(receive_transfer, number, lines=[ArrivedLine(1, 4)], signed_by=" ")
    with pytest.raises(StaleError):
        gz.do(receive_transfer, number, lines=[ArrivedLine(1, 4)], signed_by="王", version=1)
    assert (counts(haul), lines_of(haul)) == (before, lines)


def test_a_person_without_the_post_does_not_answer(haul: Database, gd: Hauler) -> None:
    from dataclasses import replace

    number = gd.ask("GD-WH", "GZ-WH", {"AC": 1})
    gz = Hauler.named(haul, "gz")
    clerk = Hauler(haul, replace(gz.actor, posts=frozenset({(gz.actor.partner_ids[0], "sales")})))
    with pytest.raises(NotYourTaskError):
        clerk.do(approve_transfer, number)
    assert gd.get(number).status == "requested"


def test_the_list_shows_each_its_own(haul: Database, ops: Hauler, gd: Hauler, gz: Hauler) -> None:
    first = gd.ask("GD-WH", "GZ-WH", {"AC": 1}, "a")
    second = ops.ask("PLANT", "SOUTH", {"AC": 1, "TV": 2}, "b")
    ops.do(ship_transfer, second)

    def seen(who: Hauler, today: date = TODAY, **facets: str) -> list[tuple[str, int, bool]]:
        query = ListQuery(facets={name: (value,) for name, value in facets.items()})
        with haul.read(who.actor) as session:
            rows = list_transfers(session, today=today, query=query).rows
        return [(row.number, row.piece_count, row.is_late) for row in rows]

    assert seen(ops) == [(second, 3, False), (first, 1, False)]
    assert seen(gz) == [(first, 1, False)]
    assert seen(Hauler.named(haul, "sz")) == []
    assert seen(gz, role="in") == [(first, 1, False)] and seen(gz, role="out") == []
    assert seen(ops, state="road") == [(second, 3, False)]
    assert seen(ops, TODAY + timedelta(days=3), state="late") == [(second, 3, True)]
    assert seen(ops, giver="GD") == [(first, 1, False)]


def test_how_long_transfers_take(haul: Database, ops: Hauler) -> None:
    for key, hours in (("a", 2), ("b", 24), ("c", 5)):
        number = ops.ask("PLANT", "SOUTH", {"TV": 1}, key)
        ops.do(ship_transfer, number)
        arrived = NOW + timedelta(hours=hours)
        ops.do(receive_transfer, number, lines=[ArrivedLine(1, 1)], signed_by="王", now=arrived)
    period = Period(TODAY, TODAY + timedelta(days=1))
    with haul.read(ops.actor) as session:
        both = transfer_cycle(session)
        first_day = transfer_cycle(session, period=period)
        nothing = transfer_cycle(session, period=Period(date(2026, 1, 1), date(2026, 1, 2)))
    # asked at noon: 13–14, 13–17, and 13–18 with 9–12 of the next day
    assert (both.count, both.median_calendar_seconds, both.median_working_seconds) == (3, 5 * 3600, 4 * 3600)
    assert (first_day.count, first_day.median_calendar_seconds) == (2, 3 * 3600 + 1800)
    assert (nothing.count, nothing.median_working_seconds) == (0, None)
    assert datetime(2026, 10, 15, 4, tzinfo=UTC) == NOW


def test_the_shipment_says_what_became_of_it(haul: Database, ops: Hauler) -> None:
    number = ops.ask("PLANT", "SOUTH", {"TV": 1})
    ops.do(ship_transfer, number)
    ops.do(cancel_transfer, number, outcome="write_off")
    with haul.read(SYSTEM) as session:
        shipment = session.exec(select(Shipment)).one()
        assert (shipment.purpose, shipment.status) == ("transfer", "lost")
