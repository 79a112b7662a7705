"""Partner stock (代发): a partner serves its seller's other buyer, and its own purchase is bought back."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from distrib_app.core.catalog import Sku
from distrib_app.core.inventory import (
    Location,
    Placement,
    ShareTakenError,
    StockShare,
    correct_stock,
    receive_stock,
    take_share,
)
from distrib_app.core.journal import JournalLeg
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, NotFoundError, StaleError
from distrib_app.core.kernel.lifecycle import TransitionError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.orders import (
    NotYourOrderError,
    accept_part,
    allocate_order,
    cancel_order,
    decline_part,
    deliver_order,
    list_parts,
    pick_part,
    return_goods,
    ship_order,
    ship_parts,
)
from distrib_app.core.pricing import add_price
from tests.core.channels.town import partner_ids
from tests.core.inventory.shop import NOW, stock

from .books import committed, invoices, legs
from .trade import Trader, check_books, counts, receive

Who = Callable[[str], Trader]


@pytest.fixture(autouse=True)
def shared(trade: Database) -> None:
    """SZ has five LATE that cost it 800 net and lets GD's other buyers have three; GD sells them at 1200."""
    with trade.write(SYSTEM) as session:
        add_price(
            session,
            SYSTEM,
            seller_code="GD",
            sku_code="LATE",
            unit_price=Decimal(1200),
            valid_from=date(2026, 1, 1),
            now=NOW,
        )
        receive_stock(
            session,
            SYSTEM,
            location_code="SZ-WH",
            lines=[("LATE", 5, Decimal(800))],
            cause="G",
            now=NOW,
        )
        session.add(
            StockShare(
                location_id=session.exec(select(Location.id).where(Location.code == "SZ-WH")).one(),
                sku_id=session.exec(select(Sku.id).where(Sku.code == "LATE")).one(),
                seller_id=partner_ids(trade)["GD"],
                shared_qty=3,
                fee_ppm=20_000,
                answer_hours=6,
            )
        )


def used(database: Database) -> int:
    with database.read(SYSTEM) as session:
        return session.exec(select(StockShare.used_qty)).one()


def offer(who: Who, qty: int = 2, **facts: str) -> tuple[str, str]:
    """An order of GZ that SZ may serve: its number and its part's."""
    number = who("gz").place({"LATE": qty}, seller="GD", **facts)
    return number, f"{number}-1"


def send(trader: Trader, *numbers: str) -> str:
    with trader.database.write(trader.actor) as session:
        return ship_parts(session, trader.actor, numbers=numbers, now=NOW).number


def test_shared_stock_is_offered_to_its_owner(trade: Database, who: Who) -> None:
    number, _ = offer(who)
    detail = who("gd").get(number)
    [part] = detail.parts
    assert (part.mode, part.status, part.owner.code) == ("partner", "offered", "SZ")
    assert part.answer_until == NOW + timedelta(hours=6)
    assert detail.status == "placed"
    assert (stock(trade)["SZ-WH", "LATE"], used(trade)) == ((5, 2), 2)
    assert committed(trade, number) == {"GD:GZ": 240_000}
    check_books(trade)


def test_nobody_is_served_from_what_it_shares_itself(trade: Database, who: Who) -> None:
    # sold to SZ and bought back from SZ: goods would leave, and nothing would stand in the journal
    number = who("sz").place({"LATE": 2}, seller="GD", buyer="SZ")
    [part] = who("gd").get(number).parts
    assert (part.mode, part.status, part.owner.code) == ("direct", "in_production", "BR")
    assert (stock(trade)["SZ-WH", "LATE"], used(trade)) == ((5, 0), 0)
    receive(trade, ("GD-WH", "LATE", 1))
    assert who("gd").do(allocate_order, number) == number
    assert used(trade) == 0
    check_books(trade)


def test_no_more_is_offered_than_is_shared(trade: Database, who: Who) -> None:
    number = who("gz").place({"LATE": 4}, seller="GD")
    assert [(part.status, part.lines[0].qty) for part in who("gd").get(number).parts] == [
        ("offered", 3),
        ("in_production", 1),
    ]
    assert (stock(trade)["SZ-WH", "LATE"], used(trade)) == ((5, 3), 3)
    check_books(trade)
    # the brand's buyers are not those SZ shares with
    other = who("gz").place({"LATE": 1}, key="k2")
    assert [part.status for part in who("gz").get(other).parts] == ["in_production"]


def test_a_share_is_taken_by_one_only(trade: Database, who: Who) -> None:
    offer(who)
    with trade.read(SYSTEM) as session:
        share = session.exec(select(StockShare)).one()
    before = counts(trade)
    for qty in (2, 4):
        wanted = [Placement(share.sku_id, share.location_id, qty)]
        with pytest.raises(ShareTakenError), trade.write(SYSTEM) as session:
            take_share(session, placements=wanted, seller_id=share.seller_id)
    other = [Placement(share.sku_id, share.location_id, 1)]
    with pytest.raises(ShareTakenError), trade.write(SYSTEM) as session:
        take_share(session, placements=other, seller_id=partner_ids(trade)["BR"])
    assert counts(trade) == before


def test_only_the_owner_answers_and_nothing_leaves_before(trade: Database, who: Who) -> None:
    number, part = offer(who)
    before = counts(trade)
    for name, verb, key, facts, error in (
        ("gd", accept_part, part, {}, NotYourOrderError),  # the seller sees it, the goods are not its own
        ("gz", accept_part, part, {}, NotYourOrderError),
        ("gz", decline_part, part, {}, NotYourOrderError),
        ("ops", accept_part, part, {}, NotYourOrderError),
        ("boss", accept_part, part, {}, ForbiddenError),
        ("shop", accept_part, part, {}, NotFoundError),
        ("sz", accept_part, part, {"version": 4}, StaleError),
        ("sz", decline_part, part, {"version": 4}, StaleError),
        ("sz", pick_part, part, {}, TransitionError),
        ("gd", ship_order, number, {}, TransitionError),
    ):
        with pytest.raises(error):
            who(name).do(verb, key, **facts)
    with pytest.raises(TransitionError):
        send(who("sz"), part)
    assert counts(trade) == before


def test_accepted_and_shipped_the_owners_purchase_is_bought_back(trade: Database, who: Who) -> None:
    number, part = offer(who)
    who("sz").do(accept_part, part, version=1)
    detail = who("gd").get(number)
    assert (detail.status, detail.parts[0].status, detail.parts[0].answer_until) == (
        "allocated",
        "allocated",
        None,
    )
    assert detail.events[-1].kind == "order.part_accepted"
    with pytest.raises(TransitionError):
        who("sz").do(accept_part, part)
    with pytest.raises(TransitionError):
        who("gd").do(ship_order, number)  # nothing lies at the seller's own places
    shipment = send(who("sz"), part)
    # 2 × 1200 to the buyer; 2 × 800 net, 13 % on top, back from the owner
    assert legs(trade) == [
        ("sell_through", "GD", "GZ", 2, 240_000, 27_611),
        ("sell_through", "GD", "SZ", -2, -180_800, -20_800),
    ]
    assert invoices(trade) == [("invoice", "GD", "GZ", 240_000), ("credit_note", "GD", "SZ", -180_800)]
    assert (stock(trade)["SZ-WH", "LATE"], used(trade)) == ((3, 0), 2)  # shipped counts as used
    assert committed(trade, number) == {"GD:GZ": 0}
    assert [row.number for row in who("gz").get(number).shipments] == [shipment]
    check_books(trade)
    who("gz").do(deliver_order, number, signed_by="李四")
    assert stock(trade)["GZ-WH", "LATE"] == (2, 0)
    check_books(trade)


def test_each_unit_has_one_credited_partner_per_step(trade: Database, who: Who) -> None:
    """What SZ bought of GD and gave back, GZ bought of GD: two units, counted once."""
    with trade.write(SYSTEM) as session:
        receive_stock(
            session,
            SYSTEM,
            location_code="GD-WH",
            lines=[("LATE", 2, Decimal(700))],
            cause="G",
            now=NOW,
        )
    bought = who("sz").place({"LATE": 2}, seller="GD", buyer="SZ")
    who("gd").do(ship_order, bought)
    _, part = offer(who)
    who("sz").do(accept_part, part)
    send(who("sz"), part)
    with trade.read(SYSTEM) as session:
        rows = session.exec(select(JournalLeg)).all()
    credit: dict[tuple[str, int], int] = {}
    for leg in rows:
        credit[leg.step, leg.buyer_id] = credit.get((leg.step, leg.buyer_id), 0) + leg.qty
    ids = partner_ids(trade)
    assert credit == {("sell_through", ids["SZ"]): 0, ("sell_through", ids["GZ"]): 2}
    check_books(trade)


def test_units_of_unknown_cost_are_worth_what_the_buyer_pays(trade: Database, who: Who) -> None:
    with trade.write(SYSTEM) as session:
        for delta in (-4, 4):  # one of the five keeps its cost, four came out of nowhere
            correct_stock(
                session,
                SYSTEM,
                location_code="SZ-WH",
                sku_code="LATE",
                delta_qty=delta,
                cause="COUNT",
                now=NOW,
            )
    _, part = offer(who)
    who("sz").do(accept_part, part)
    send(who("sz"), part)
    with trade.read(SYSTEM) as session:
        sale, back = session.exec(select(JournalLeg).order_by(JournalLeg.id)).all()
    # the oldest, of 800, and one at half of what the buyer pays: 2 123.89 net in all
    known, unknown = 80_000, 106_195
    net = known + unknown
    tax = 24_205  # 13 % of 1 861.95
    assert (sale.amount - sale.tax_amount) // 10_000 == 212_389
    assert (back.amount, back.tax_amount) == (-(net + tax) * 10_000, -tax * 10_000)
    check_books(trade)


def test_a_return_lets_the_owner_have_its_goods_again(trade: Database, who: Who) -> None:
    number, part = offer(who)
    who("sz").do(accept_part, part)
    send(who("sz"), part)
    who("gz").do(deliver_order, number, signed_by="李四")
    who("gd").do(return_goods, number, lines=[(1, 1)], reason="坏", idempotency_key="r1")
    assert legs(trade)[2:] == [
        ("sell_through", "GD", "GZ", -1, -120_000, -13_806),
        ("sell_through", "GD", "SZ", 1, 90_400, 10_400),
    ]
    assert sorted(invoices(trade)[2:]) == [
        ("credit_note", "GD", "GZ", -120_000),
        ("invoice", "GD", "SZ", 90_400),
    ]
    assert stock(trade)["SZ-WH", "LATE"] == (4, 0)
    assert stock(trade)["GZ-WH", "LATE"] == (1, 0)
    check_books(trade)
    who("gd").do(return_goods, number, lines=[(1, 1)], reason="坏", idempotency_key="r2")
    assert sum(amount for *_, amount, _ in legs(trade)) == 0
    assert sum(qty for _, _, _, qty, _, _ in legs(trade)) == 0
    check_books(trade)


def test_declined_it_is_free_again_and_the_order_waits(trade: Database, who: Who) -> None:
    number, part = offer(who)
    who("sz").do(decline_part, part, reason="自己要卖", version=1)
    detail = who("gd").get(number)
    assert detail.status == "confirmed"
    [row] = detail.parts
    assert (row.status, row.owner.code, row.location_code, row.promised_on, row.answer_until) == (
        "waiting",
        "GD",
        None,
        None,
        None,
    )
    assert detail.events[-1].payload == {"part": part, "reason": "自己要卖"}
    assert (stock(trade)["SZ-WH", "LATE"], used(trade)) == ((5, 0), 0)
    assert committed(trade, number) == {"GD:GZ": 240_000}  # the promise stands
    check_books(trade)
    before = counts(trade)
    for verb in (accept_part, decline_part):
        with pytest.raises(NotFoundError):
            who("sz").do(verb, part)  # it is no longer a party
    assert counts(trade) == before
    receive(trade, ("GD-WH", "LATE", 2))
    who("gd").do(allocate_order, number)
    assert [(one.mode, one.status, one.location_code) for one in who("gd").get(number).parts] == [
        ("own", "allocated", "GD-WH")
    ]
    who("gd").do(ship_order, number)
    assert [leg[:4] for leg in legs(trade)] == [("sell_through", "GD", "GZ", 2)]
    check_books(trade)


@pytest.mark.parametrize("is_accepted", [False, True])
def test_cancelled_before_it_left_the_share_is_free(trade: Database, who: Who, is_accepted: bool) -> None:
    number, part = offer(who)
    if is_accepted:
        who("sz").do(accept_part, part)
    who("gz").do(cancel_order, number)
    assert (stock(trade)["SZ-WH", "LATE"], used(trade)) == ((5, 0), 0)
    assert committed(trade, number) == {"GD:GZ": 0}
    check_books(trade)
    before = counts(trade)
    with pytest.raises(TransitionError):
        who("sz").do(accept_part, part)
    assert counts(trade) == before


def test_the_owner_finds_the_part_it_is_asked_for(trade: Database, who: Who) -> None:
    _, part = offer(who)
    with trade.read(who("sz").actor) as session:
        rows = list_parts(session, today=NOW.date(), query=ListQuery(facets={"status": ("offered",)})).rows
    assert [(row.number, row.location_code, row.piece_count) for row in rows] == [(part, "SZ-WH", 2)]
    assert not rows[0].is_order_visible  # another buyer's order is none of its business
    for name in ("gd", "gz"):
        with trade.read(who(name).actor) as session:
            [row] = list_parts(session, today=NOW.date()).rows
        assert row.is_order_visible
