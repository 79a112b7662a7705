"""What the pages of the network and of accounts are given, and what they make of what people type."""

from datetime import UTC, date, datetime

import pytest

from distrib_app.core.accounts import Exposure, OpenItem, Receipt
from distrib_app.core.channels import (
    PartnerDetail,
    PartnerRow,
    TerritoryRow,
    TierRow,
    set_partner_status,
)
from distrib_app.core.kernel.clock import Period
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.workbench import TimelineRow
from distrib_app.state import accounts, accounts_view, partners, partners_view, record_view
from distrib_app.state.record_view import Words

from ..core.accounts import network

net = network.net
sqlite_net = network.sqlite_net
postgres_net = network.postgres_net
TODAY = date(2026, 10, 15)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("12,345.60", "CNY", 1_234_560),
        ("¥ 0.01", "CNY", 1),
        ("500", "CNY", 50_000),
        ("500", "JPY", 500),
        ("1,234", "KWD", 1_234_000),
        ("9999999999999.99", "CNY", 999_999_999_999_999),
    ],
)
def test_amounts_as_people_type_them(text: str, currency: str, amount: int) -> None:
    assert accounts_view.parse_amount(text, currency, "Amount") == amount


@pytest.mark.parametrize("text", ["", "abc", "-5", "1e5", "NaN", "12.345", "1.", "99999999999999", "1 or 2"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidError):
        accounts_view.parse_amount(text, "CNY", "Amount")


@pytest.mark.parametrize(
    ("asked", "name", "first", "end"),
    [
        ("", "3m", date(2026, 8, 1), date(2026, 11, 1)),
        ("2026-02", "2026-02", date(2026, 2, 1), date(2026, 3, 1)),
        ("2026-13", "3m", date(2026, 8, 1), date(2026, 11, 1)),
        ("../..", "3m", date(2026, 8, 1), date(2026, 11, 1)),
    ],
)
def test_period_of_a_statement(asked: str, name: str, first: date, end: date) -> None:
    assert accounts_view.parse_period(asked, TODAY) == (name, Period(first, end))


def test_months_to_choose_begin_with_the_network_and_reach_back_two_years() -> None:
    young = [row["value"] for row in accounts_view.period_options(TODAY, date(2026, 8, 20), "en")]
    assert young == ["3m", "2026-10", "2026-09", "2026-08"]
    old = accounts_view.period_options(TODAY, date(2010, 1, 1), "en")
    assert (len(old), old[-1]["value"]) == (25, "2024-11")


def test_explained_amounts_are_written_for_people() -> None:
    exposure = Exposure(unpaid=123_450, overdue=0, open_orders=0, unapplied=50, limit=100_000)
    results = [step["result"] for step in accounts_view.steps(exposure, "zh_CN", "Asia/Shanghai")]
    assert results == ["¥1,234.50", "¥0.00", "−¥0.50", "¥1,234.00", "¥1,000.00", "−¥234.00"]


@pytest.mark.parametrize(
    ("due_on", "text", "tone"),
    [
        (date(2026, 10, 14), "1 d overdue", "bad"),
        (TODAY, "due today", "warn"),
        (date(2026, 10, 22), "due in 7 d", "warn"),
        (date(2026, 10, 23), "due in 8 d", "neutral"),
    ],
)
def test_days_of_an_open_item(due_on: date, text: str, tone: str) -> None:
    row = accounts_view.open_items([OpenItem(1, "IN-1", due_on, 100)], "CNY", TODAY, "en")[0]
    assert (row["due"], row["due_tone"], row["amount"]) == (text, tone, "1.00")


@pytest.mark.parametrize(
    ("overdue", "unpaid", "tone"), [(1, 50, "bad"), (0, 101, "warn"), (0, 100, "good"), (1, 101, "bad")]
)
def test_the_worst_word_stands_for_an_account(overdue: int, unpaid: int, tone: str) -> None:
    exposure = Exposure(unpaid=unpaid, overdue=overdue, open_orders=0, unapplied=0, limit=100)
    assert accounts_view.standing(exposure, "en")["standing_tone"] == tone


def test_a_timeline_speaks_in_words() -> None:
    row = PartnerRow(
        "GD", "粤海", "", "agent", "province", "省级代理", "Provincial agent", "BR", "品牌", "Brand",
        "440000", "广东省", "Guangdong", "active", 1,
    )  # fmt: skip
    at = datetime(2026, 10, 1, 16, 30, tzinfo=UTC)
    detail = PartnerDetail(
        partner=row,
        language="zh_CN",
        zone="Asia/Shanghai",
        children=(),
        territories=(TerritoryRow("440000", "广东省", "Guangdong", "", "", True, TODAY, None),),
        members=(),
        events=(),
    )
    words = Words(partners_view.event_words(detail, "en"))
    found = [
        record_view.entry(TimelineRow("event", at, who, what, facts), words, "en", "Asia/Shanghai")
        for who, what, facts in (
            ("Li", "partner.status_changed", {"old": "active", "new": "suspended"}),
            ("", "territory.granted", {"region": "440000"}),
            ("", "something.new", {}),
        )
    ]
    assert [entry.title for entry in found] == [
        "Status changed: Active → Suspended",
        "Territory granted: Guangdong",
        "something.new",
    ]
    assert found[0].note == "Li · 2026-10-02 00:30"
    assert found[1].note.startswith("System · ")


def test_the_next_tier_is_offered_first() -> None:
    tiers = [
        TierRow(code, code, code, rank, 0, (), {}) for rank, code in enumerate(("brand", "city", "shop"))
    ]
    assert [partners_view.next_tier(tiers, code) for code in ("brand", "city", "shop")] == [
        "city",
        "shop",
        "shop",
    ]


# --- what is read, and for whom -----------------------------------------------------------------------


def _account(net: network.Net, username: str) -> accounts._Record:
    actor = net.actors[username]
    with net.database.read(actor) as session:
        return accounts._record(session, actor, seller_code="BR", buyer_code="GD", asked="", now=net.now)


def test_an_account_is_read_by_its_parties_only(net: network.Net) -> None:
    net.open("BR", "GD", limit=10_000)
    number = net.invoice("BR", "GD", 1_130, TODAY)
    seller, buyer = _account(net, "finance"), _account(net, "gd")
    assert [(row.verb, row.reason) for row in seller.actions] == [
        ("receive", None),
        ("credit", None),
        ("urgency", None),
    ]
    # may write receipts of its own sales, not of its purchases
    assert {row.reason for row in buyer.actions} == {"the seller does this"}
    assert (seller.seen_codes, buyer.seen_codes) == ({"BR", "GD"}, {"GD"})
    assert [item.number for item in buyer.items] == [number]
    assert (buyer.statement.closing, buyer.account.exposure.available) == (1_130, 8_870)
    with pytest.raises(NotFoundError):
        _account(net, "js")
    with pytest.raises(ForbiddenError):
        _account(net, "operations")


def test_a_typed_receipt_is_recorded_once(net: network.Net) -> None:
    net.open("BR", "GD", limit=10_000)
    actor = net.actors["finance"]
    form = {"amount": "12.50", "method": "transfer", "received_on": "2026-10-15", "reference": "x"}

    def receive(**changes: str) -> str:
        with net.database.write(actor) as session:
            return accounts._receive(
                session,
                actor,
                form=form | changes,
                currency="CNY",
                seller_code="BR",
                buyer_code="GD",
                idempotency_key="key-1",
                now=net.now,
            )

    refused = [
        {"amount": "much"},
        {"received_on": "15/10/2026"},
        {"method": "acceptance_bill"},
        {"method": ""},
    ]
    for changes in refused:
        with pytest.raises(InvalidError):
            receive(**changes)
    assert net.count(Receipt) == (0,)
    assert receive() == receive()
    assert net.count(Receipt) == (1,)


def test_a_partner_record_shows_what_the_reader_may_see(net: network.Net) -> None:
    net.open("BR", "GD", limit=10_000)
    operations, owner = net.actors["operations"], net.actors["gd"]
    with net.database.write(operations) as session:
        set_partner_status(session, operations, code="GD", status="suspended", now=net.now)
    with net.database.read(operations) as session:
        brand = partners._record(session, operations, partner_code="GD", now=net.now)
    with net.database.read(owner) as session:
        own = partners._record(session, owner, partner_code="GD", now=net.now)
        with pytest.raises(NotFoundError):
            partners._record(session, owner, partner_code="JS", now=net.now)
    with net.database.write(operations) as session:
        set_partner_status(session, operations, code="GD", status="active", now=net.now)
    assert [row.verb for row in brand.actions] == ["add", "move", "activate"]
    assert own.actions == ()
    assert (brand.can_see_accounts, brand.account_total) == (False, 0)
    assert (own.can_see_accounts, own.account_total) == (True, 1)
    assert (brand.is_parent_seen, own.is_parent_seen) == (True, False)
    assert [row.code for row in own.detail.children] == ["GZ", "SZ"]
    assert [row.actor_name for row in own.detail.events] == ["operations"]
    assert brand.regions
    assert not own.regions
