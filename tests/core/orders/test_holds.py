"""Debt holds an order instead of refusing it: stock is kept, no credit is taken until it is released."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from distrib_app.core.accounts import Commitment, exposure_of, get_account, set_credit
from distrib_app.core.kernel.access import SYSTEM, Actor
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, NotFoundError, StaleError
from distrib_app.core.kernel.events import Event
from distrib_app.core.kernel.lifecycle import TransitionError
from distrib_app.core.orders import (
    NotYourOrderError,
    ReusedKeyError,
    StillHeldError,
    allocate_order,
    cancel_order,
    deliver_order,
    pick_part,
    release_order,
    ship_order,
)
from distrib_app.core.workbench import Hold
from distrib_app.i18n.catalogue import translate_error
from tests.core.inventory.shop import NOW, stock

from .trade import MILLION_YUAN, Trader, check_books, counts, owe, parts, receive

Who = Callable[[str], Trader]


def limit(database: Database, amount: int, *, version: int) -> None:
    with database.write(SYSTEM) as session:
        set_credit(
            session,
            SYSTEM,
            seller_code="BR",
            buyer_code="GZ",
            credit_limit_amount=amount,
            version=version,
            now=NOW,
        )


def commitments(database: Database, number: str) -> list[int]:
    with database.read(SYSTEM) as session:
        rows = session.exec(select(Commitment).where(Commitment.document == number)).all()
        return [row.amount for row in sorted(rows, key=lambda row: row.id)]


def open_orders(database: Database) -> int:
    with database.read(SYSTEM) as session:
        account = get_account(session, seller_code="BR", buyer_code="GZ")
        return exposure_of(session, account, day=NOW.date()).open_orders


def test_an_order_above_the_limit_is_held_with_its_stock_and_takes_no_credit(
    trade: Database, who: Who
) -> None:
    limit(trade, 1_017_000, version=1)
    gz = who("gz")
    number = gz.place({"AC": 4, "POST": 1})
    detail = gz.get(number)
    assert detail.status == "held"
    assert stock(trade)["PLANT", "AC"] == (5, 4)
    assert (commitments(trade, number), open_orders(trade)) == ([], 0)
    [hold] = detail.holds
    assert (hold.reason, hold.placed_at, hold.until) == ("credit_limit", NOW, NOW + timedelta(hours=48))
    assert hold.text.format(**hold.facts) == (
        "Exposure 0.00 CNY plus this order 13581.20 CNY is above the credit limit 10170.00 CNY "
        "by 3411.20 CNY."
    )
    with trade.read(SYSTEM) as session:
        row = session.exec(select(Hold)).one()
        assert (row.subject_kind, row.subject_key, row.amount) == ("order", number, 1_358_120)
        assert (row.placed_by, row.released_at) == (gz.actor.user_id, None)
    # the part is ready, the order is not
    assert parts(gz, number) == [("1", "allocated", None, [(1, 4), (2, 1)], 1_358_120)]
    check_books(trade)
    before = counts(trade)
    assert gz.place({"AC": 4, "POST": 1}) == number
    with pytest.raises(ReusedKeyError):
        gz.place({"AC": 4})
    assert counts(trade) == before


def test_overdue_debt_and_the_limit_are_two_reasons_to_hold(trade: Database, who: Who) -> None:
    owe(trade)
    limit(trade, 100, version=1)
    number = who("gz").place({"TV": 1})
    assert [hold.reason for hold in who("gz").get(number).holds] == ["overdue", "credit_limit"]
    limit(trade, MILLION_YUAN, version=2)
    before = counts(trade)
    with pytest.raises(StillHeldError) as caught:
        who("ops").do(release_order, number)
    assert caught.value.facts["reasons"] == "Invoices of 1.13 CNY are overdue."
    assert "逾期" in translate_error(caught.value, "zh_CN")
    assert counts(trade) == before


def test_a_held_order_waits_until_nothing_speaks_against_it(trade: Database, who: Who) -> None:
    limit(trade, 1_017_000, version=1)
    ops, number = who("ops"), who("gz").place({"AC": 4})
    before = counts(trade)
    for name, verb, key, facts, error, reason in (
        ("ops", ship_order, number, {}, TransitionError, None),
        ("ops", pick_part, f"{number}-1", {}, TransitionError, "the order is held"),
        ("ops", deliver_order, number, {"signed_by": "x"}, TransitionError, None),
        ("ops", allocate_order, number, {}, TransitionError, "everything is reserved already"),
        (
            "ops",
            release_order,
            number,
            {},
            StillHeldError,
            "Exposure 0.00 CNY plus this order 13560.00 CNY is above the credit limit 10170.00 CNY "
            "by 3390.00 CNY.",
        ),
        ("gz", release_order, number, {}, NotYourOrderError, None),  # a debtor does not release itself
        ("gd", release_order, number, {}, NotYourOrderError, None),
        ("sz", release_order, number, {}, NotFoundError, None),
        ("boss", release_order, number, {}, ForbiddenError, None),
    ):
        with pytest.raises(error) as caught:
            who(name).do(verb, key, **facts)
        if reason is not None:
            told = caught.value.facts.get("reason") or caught.value.facts["reasons"]
            assert told == reason
    with pytest.raises(ForbiddenError):
        Trader(trade, Actor(user_id=None, username="nobody", name="nobody")).do(release_order, number)
    assert counts(trade) == before
    limit(trade, 1_356_000, version=2)  # now exactly at the limit
    with pytest.raises(StaleError):
        ops.do(release_order, number, version=9)
    later = NOW + timedelta(hours=3)
    ops.do(release_order, number, note=" 已回款 ", version=1, now=later)
    detail = ops.get(number)
    assert (detail.status, detail.version, detail.holds) == ("allocated", 2, ())
    assert (commitments(trade, number), open_orders(trade)) == ([1_356_000], 1_356_000)
    with trade.read(SYSTEM) as session:
        row = session.exec(select(Hold)).one()
        assert (row.released_at, row.released_by, row.release_note) == (later, ops.actor.user_id, "已回款")
        kinds = session.exec(select(Event.kind).where(Event.subject_key == number).order_by(Event.id)).all()
    assert kinds == ["order.placed", "order.released"]
    check_books(trade)
    before = counts(trade)
    with pytest.raises(TransitionError):
        ops.do(release_order, number)
    assert counts(trade) == before
    ops.do(ship_order, number)
    assert (open_orders(trade), stock(trade)["PLANT", "AC"]) == (0, (1, 0))
    check_books(trade)


@pytest.mark.parametrize("side", ["gz", "ops"])
def test_either_side_cancels_a_held_order_and_all_is_free(trade: Database, who: Who, side: str) -> None:
    limit(trade, 0, version=1)
    number = who("gz").place({"AC": 7, "LATE": 2})
    assert (stock(trade)["PLANT", "AC"], stock(trade)["SOUTH", "AC"]) == ((5, 5), (5, 2))
    who(side).do(cancel_order, number, reason="不等了")
    assert (stock(trade)["PLANT", "AC"], stock(trade)["SOUTH", "AC"]) == ((5, 0), (5, 0))
    detail = who("gz").get(number)
    assert (detail.status, detail.holds, commitments(trade, number)) == ("cancelled", (), [])
    assert {part.status for part in detail.parts} == {"cancelled"}
    with trade.read(SYSTEM) as session:
        row = session.exec(select(Hold)).one()
        assert (row.released_at, row.release_note) == (NOW, "不等了")
    check_books(trade)
    before = counts(trade)
    with pytest.raises(TransitionError):
        who("ops").do(release_order, number)
    assert counts(trade) == before


def test_what_a_held_order_lacks_may_be_reserved_meanwhile(trade: Database, who: Who) -> None:
    limit(trade, 0, version=1)
    number = who("gz").place({"LATE": 3})
    receive(trade, ("PLANT", "LATE", 2))
    who("ops").do(allocate_order, number)
    detail = who("ops").get(number)
    assert (detail.status, commitments(trade, number)) == ("held", [])
    assert parts(who("ops"), number) == [
        ("1", "waiting", None, [(1, 1)], 113_000),
        ("2", "allocated", "PLANT", [(1, 2)], 226_000),
    ]
    check_books(trade)
    limit(trade, MILLION_YUAN, version=2)
    who("ops").do(release_order, number)
    assert (who("ops").get(number).status, commitments(trade, number)) == ("confirmed", [339_000])
    check_books(trade)


def test_next_actions_of_a_held_order(trade: Database, who: Who) -> None:
    limit(trade, 0, version=1)
    number = who("gz").place({"AC": 1})

    def actions(name: str) -> dict[str, str | None]:
        return {row.verb: row.reason for row in who(name).get(number).actions}

    assert actions("gz") == {"cancel": None}
    assert actions("ops") == {"release": None, "mark_urgent": None, "cancel": None}
    assert actions("gd") == {}
    [part] = who("ops").get(number).parts
    assert {row.verb: row.reason for row in part.actions} == {
        "pick": "the order is held",
        "ship": "the order is held",
    }
