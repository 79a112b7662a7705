"""Trading accounts: open, set credit, who may, who sees."""

from datetime import date, datetime
from threading import Barrier, Thread

import pytest
from sqlmodel import select

from distrib_app.core.accounts import (
    AccountExistsError,
    NotYourSellerError,
    TradingAccount,
    commit_amount,
    exposure_of,
    find_account,
    follow_partner_move,
    list_accounts,
    list_invoices,
    lock_account,
    open_account,
    set_credit,
)
from distrib_app.core.channels import move_partner, resolve_actor, set_scope_level
from distrib_app.core.kernel.access import SYSTEM, Actor, User
from distrib_app.core.kernel.db import Database, get_by
from distrib_app.core.kernel.errors import (
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
)
from distrib_app.core.kernel.events import Event, install_reactions
from distrib_app.core.kernel.listing import ListQuery

from .network import Net, account, build

TODAY = date(2026, 10, 15)


def open_as(net: Net, actor: Actor, seller: str, buyer: str, **changes: int) -> None:
    facts = {"terms_days": 30, "credit_limit_amount": 1_000} | changes
    with net.database.write(actor) as session:
        open_account(session, actor, seller_code=seller, buyer_code=buyer, now=net.now, **facts)


def test_an_agent_opens_an_account_for_its_own_sub_partner(net: Net) -> None:
    open_as(net, net.actors["gd"], "GD", "GZ")
    with net.database.read(net.actors["gd"]) as session:
        row = find_account(session, seller_id=net.ids["GD"], buyer_id=net.ids["GZ"])
        assert row is not None
        assert (row.currency, row.terms_days, row.credit_limit_amount) == ("CNY", 30, 1_000)
        kinds = session.exec(select(Event.kind).where(Event.subject_kind == "account")).all()
        assert kinds == ["account.opened"]


def test_refusals_leave_nothing(net: Net) -> None:
    cases: list[tuple[str, str, str, dict[str, int], type[DomainError]]] = [
        ("gz", "GZ", "SZ", {}, NotFoundError),  # a rival does not exist for the city agent
        ("gd", "GZ", "GD", {}, NotYourSellerError),  # the seller is seen, but not one's own
        ("gd", "JS", "GZ", {}, NotFoundError),
        ("operations", "BR", "GD", {}, ForbiddenError),
        ("finance", "BR", "BR", {}, InvalidError),
        ("finance", "BR", "GD", {"terms_days": -1}, InvalidError),
        ("finance", "BR", "GD", {"credit_limit_amount": -1}, InvalidError),
        ("finance", "BR", "JS", {}, AccountExistsError),
    ]
    net.open("BR", "JS")
    before = net.count(TradingAccount, Event)
    for who, seller, buyer, changes, error in cases:
        with pytest.raises(error):
            open_as(net, net.actors[who], seller, buyer, **changes)
    assert net.count(TradingAccount, Event) == before


def test_the_temporary_limit_lasts_through_its_last_day(net: Net) -> None:
    net.open("BR", "GD", limit=100)
    with net.database.write(net.actors["finance"]) as session:
        set_credit(
            session,
            net.actors["finance"],
            seller_code="BR",
            buyer_code="GD",
            credit_limit_amount=200,
            temporary_limit_amount=900,
            temporary_limit_until_on=date(2026, 10, 20),
            version=1,
            now=net.now,
        )
    with net.database.read(SYSTEM) as session:
        row = account(session, "BR", "GD")
        assert row.version == 2
        assert exposure_of(session, row, day=date(2026, 10, 20)).limit == 900
        assert exposure_of(session, row, day=date(2026, 10, 21)).limit == 200


def test_refused_credit_changes_nothing(net: Net) -> None:
    cases: list[tuple[str, dict[str, int], type[DomainError]]] = [
        ("finance", {"version": 7}, StaleError),
        ("finance", {"temporary_limit_amount": 5}, InvalidError),
        ("finance", {"terms_days": 99_999}, InvalidError),
        ("gd", {}, NotFoundError),  # the buyer does not set its own credit: it does not even see the seller
        ("js", {}, NotFoundError),
    ]
    net.open("BR", "GD", limit=100)
    for who, changes, error in cases:
        facts = {"credit_limit_amount": 10**9, "version": 1} | changes
        with pytest.raises(error), net.database.write(net.actors[who]) as session:
            set_credit(session, net.actors[who], seller_code="BR", buyer_code="GD", now=net.now, **facts)
    with net.database.read(SYSTEM) as session:
        row = account(session, "BR", "GD")
        assert (row.credit_limit_amount, row.temporary_limit_amount, row.version) == (100, 0, 1)


def test_a_city_agent_sees_its_own_accounts_only(net: Net) -> None:
    for seller, buyer in (("BR", "GD"), ("BR", "JS"), ("GD", "GZ"), ("GD", "SZ")):
        net.open(seller, buyer)
    seen = {}
    for who, actor in net.actors.items():
        with net.database.read(actor) as session:
            page = list_accounts(session, day=TODAY)
            seen[who] = {(row.seller.code, row.buyer.code) for row in page.rows}
            assert page.total == len(page.rows)
    assert seen["gz"] == {("GD", "GZ")}
    assert seen["sz"] == {("GD", "SZ")}
    assert seen["js"] == {("BR", "JS")}
    assert seen["gd"] == {("BR", "GD"), ("GD", "GZ"), ("GD", "SZ")}
    assert len(seen["finance"]) == 4
    with net.database.read(net.actors["gz"]) as session:
        assert find_account(session, seller_id=net.ids["GD"], buyer_id=net.ids["SZ"]) is None
        with pytest.raises(NotFoundError):
            account(session, "GD", "SZ")


def test_accounts_are_found_by_either_party_and_paged(net: Net) -> None:
    for seller, buyer in (("BR", "GD"), ("BR", "JS"), ("GD", "GZ"), ("GD", "SZ")):
        net.open(seller, buyer)
    with net.database.read(net.actors["finance"]) as session:
        found = list_accounts(session, day=TODAY, query=ListQuery("gz"))
        assert [row.buyer.code for row in found.rows] == ["GZ"]
        page = list_accounts(session, day=TODAY, query=ListQuery("品牌", offset=1, limit=1))
        assert (page.total, [row.buyer.code for row in page.rows]) == (2, ["GD"])
        assert list_accounts(session, day=TODAY, query=ListQuery("%")).total == 0
    with net.database.read(net.actors["gz"]) as session:
        assert list_accounts(session, day=TODAY, query=ListQuery("GD")).total == 1


def test_commitments_of_open_orders_take_credit_and_give_it_back(net: Net) -> None:
    net.open("BR", "GD", limit=10_000)
    with net.database.write(SYSTEM) as session:
        row = account(session, "BR", "GD")
        commit_amount(session, row, document="SO-1", amount=4_000, now=net.now)
        commit_amount(session, row, document="SO-2", amount=1_000, now=net.now)
        commit_amount(session, row, document="SO-1", amount=-1_500, now=net.now)
    with net.database.read(net.actors["gd"]) as session:
        state = exposure_of(session, account(session, "BR", "GD"), day=TODAY)
        assert (state.open_orders, state.total, state.available) == (3_500, 3_500, 6_500)


def test_two_orders_race_for_the_last_credit(net: Net) -> None:
    net.open("BR", "GD", limit=1_000)
    barrier, accepted = Barrier(4), []

    def order(number: int) -> None:
        barrier.wait()
        with net.database.write(SYSTEM) as session:
            row = account(session, "BR", "GD")
            lock_account(session, row)
            if exposure_of(session, row, day=TODAY).available >= 600:
                commit_amount(session, row, document=f"SO-{number}", amount=600, now=net.now)
                accepted.append(number)

    threads = [Thread(target=order, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accepted) == 1


def test_an_account_moves_with_its_partner_and_its_documents_stay(database: Database, now: datetime) -> None:
    net = build(database, now)
    net.open("BR", "GZ")
    net.open("GD", "GZ")
    number = net.invoice("GD", "GZ", 1_000, TODAY)
    install_reactions({"partner.moved": (follow_partner_move,)})
    try:
        with database.write(SYSTEM) as session:
            set_scope_level(
                session, SYSTEM, tier_code="province", resource="accounts", level="subtree", now=now
            )
            move_partner(session, SYSTEM, code="GZ", parent_code="JS", now=now)
    finally:
        install_reactions({})
    seen = {}
    for who in ("gd", "js"):
        with database.write(SYSTEM) as session:
            actor = resolve_actor(session, get_by(session, User, "user", username=who), now=now)
        with database.read(actor) as session:
            accounts = {(row.seller.code, row.buyer.code) for row in list_accounts(session, day=TODAY).rows}
            invoices = [row.number for row in list_invoices(session, day=TODAY).rows]
            seen[who] = (accounts, invoices)
    assert seen["js"] == ({("BR", "GZ"), ("GD", "GZ")}, [])
    assert seen["gd"] == ({("GD", "GZ")}, [number])
