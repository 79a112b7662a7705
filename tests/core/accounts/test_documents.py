"""Invoices, credit notes, receipts: amounts, application, ledger, statement, once per key."""

from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlmodel import select

from distrib_app.core.accounts import (
    Application,
    Invoice,
    InvoiceLine,
    InvoiceLinesError,
    NotYourSellerError,
    Receipt,
    ReusedKeyError,
    account_statement,
    exposure_of,
    get_invoice,
    issue_credit_note,
    issue_invoice,
    list_invoices,
    list_receipts,
    open_items,
    record_receipt,
)
from distrib_app.core.kernel.access import SYSTEM, Actor
from distrib_app.core.kernel.clock import Period
from distrib_app.core.kernel.errors import DomainError, ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.events import Event
from distrib_app.core.kernel.ledger import LedgerEntry, LedgerJournal, balance
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.kernel.money import allocate

from .network import Net, account, line

TODAY = date(2026, 10, 15)
TABLES = (Invoice, InvoiceLine, Receipt, Application, LedgerJournal, LedgerEntry, Event)


def pay(net: Net, amount: int, key: str, *, actor: Actor = SYSTEM, **changes: Any) -> str:
    facts: dict[str, Any] = {
        "seller_code": "BR",
        "buyer_code": "GD",
        "method": "transfer",
        "received_on": TODAY,
    } | changes
    with net.database.write(actor) as session:
        return record_receipt(session, actor, amount=amount, idempotency_key=key, now=net.now, **facts).number


def credit(net: Net, gross: int, *, of: str | None, document: str = "RT-1") -> str:
    with net.database.write(SYSTEM) as session:
        return issue_credit_note(
            session,
            SYSTEM,
            account=account(session, "BR", "GD"),
            document=document,
            lines=[line(gross, qty=-1)],
            day=TODAY,
            applies_to_document=of,
            now=net.now,
        ).number


def left_open(net: Net) -> dict[str, int]:
    with net.database.read(SYSTEM) as session:
        return {item.number: item.open_amount for item in open_items(session, account(session, "BR", "GD"))}


def ledger(net: Net, kind: str) -> int:
    with net.database.read(SYSTEM) as session:
        return balance(session, owner_id=net.ids["BR"], counterparty_id=net.ids["GD"], kind=kind)


def test_an_invoice_freezes_its_lines_and_is_posted(net: Net) -> None:
    net.open("BR", "GD", terms=30)
    number = net.invoice("BR", "GD", 500_000_000, TODAY)
    assert number == "IN-20261015-0001"
    with net.database.read(net.actors["gd"]) as session:
        detail = get_invoice(session, number, day=TODAY)
    row = detail.invoice
    assert (row.net_amount, row.tax_amount, row.gross_amount) == (442_477_876, 57_522_124, 500_000_000)
    assert (row.due_on, row.open_amount, row.is_overdue) == (date(2026, 11, 14), 500_000_000, False)
    assert (row.seller.code, row.buyer.code, row.document) == ("BR", "GD", "SO-1")
    assert [(part.sku_code, part.text, part.tax_ppm) for part in detail.lines] == [("A-1", "Drill", 130_000)]
    assert (ledger(net, "receivable"), ledger(net, "sales"), ledger(net, "tax")) == (
        500_000_000,
        -442_477_876,
        -57_522_124,
    )


def test_the_header_is_the_sum_of_its_lines(net: Net) -> None:
    net.open("BR", "GD")
    parts = allocate(1_000, [1, 1, 1])
    assert parts == [334, 333, 333]
    with net.database.write(SYSTEM) as session:
        invoice = issue_invoice(
            session,
            SYSTEM,
            account=account(session, "BR", "GD"),
            document="SO-1",
            lines=[line(part) for part in parts],
            day=TODAY,
            now=net.now,
        )
    # 334 → 296 + 38, 333 → 295 + 38: each line is rounded once, the header only adds
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (886, 114, 1_000)


def test_lines_that_contradict_themselves_are_refused(net: Net) -> None:
    cases: list[list[Any]] = [
        [],
        [line(-100)],
        [replace(line(113), tax=12)],
        [line(113), replace(line(113), net=-100, tax=213)],
    ]
    net.open("BR", "GD")
    before = net.count(*TABLES)
    for lines in cases:
        with pytest.raises(InvoiceLinesError), net.database.write(SYSTEM) as session:
            issue_invoice(
                session,
                SYSTEM,
                account=account(session, "BR", "GD"),
                document="SO-1",
                lines=lines,
                day=TODAY,
                now=net.now,
            )
    assert net.count(*TABLES) == before


def test_a_credit_note_must_be_negative(net: Net) -> None:
    net.open("BR", "GD")
    with pytest.raises(InvoiceLinesError):
        credit(net, 100, of=None)
    assert net.count(Invoice) == (0,)


def test_a_receipt_pays_the_oldest_due_and_lowers_the_receivable(net: Net) -> None:
    net.open("BR", "GD")
    late = net.invoice("BR", "GD", 1_000, date(2026, 10, 1))
    early = net.invoice("BR", "GD", 500, date(2026, 9, 1))
    pay(net, 700, "k1", actor=net.actors["finance"])
    assert left_open(net) == {late: 800}
    pay(net, 900, "k2")
    assert left_open(net) == {}
    assert (ledger(net, "cash"), ledger(net, "receivable")) == (1_600, -100)
    with net.database.read(SYSTEM) as session:
        state = exposure_of(session, account(session, "BR", "GD"), day=TODAY)
        assert (state.unpaid, state.unapplied, state.total) == (0, 100, -100)
        assert [row.unapplied_amount for row in list_receipts(session).rows] == [100, 0]
        detail = get_invoice(session, early, day=TODAY)
        assert detail.applied == (("RC-20261015-0001", 500),)


def test_named_invoices_are_paid_first(net: Net) -> None:
    net.open("BR", "GD")
    first = net.invoice("BR", "GD", 500, date(2026, 9, 1))
    second = net.invoice("BR", "GD", 1_000, date(2026, 10, 1))
    pay(net, 1_100, "k1", invoice_numbers=[second])
    assert left_open(net) == {first: 400}


def test_unapplied_cash_and_credit_go_to_the_next_invoice_oldest_first(net: Net) -> None:
    net.open("BR", "GD")
    pay(net, 300, "k1", received_on=date(2026, 10, 10))
    pay(net, 200, "k2", received_on=date(2026, 10, 5))
    note = credit(net, -100, of=None)
    number = net.invoice("BR", "GD", 550, TODAY)
    assert left_open(net) == {}
    with net.database.read(SYSTEM) as session:
        applied = get_invoice(session, number, day=TODAY).applied
        assert applied == (("RC-20261015-0002", 200), ("RC-20261015-0001", 300), (note, 50))
        state = exposure_of(session, account(session, "BR", "GD"), day=TODAY)
        assert (state.unpaid, state.unapplied) == (0, 50)
    assert ledger(net, "receivable") == -50


def test_a_credit_note_settles_its_own_document_first(net: Net) -> None:
    net.open("BR", "GD")
    older = net.invoice("BR", "GD", 500, date(2026, 9, 1), document="SO-1")
    own = net.invoice("BR", "GD", 400, date(2026, 10, 1), document="SO-2")
    note = credit(net, -600, of="SO-2")
    assert left_open(net) == {older: 300}
    assert ledger(net, "receivable") == 300
    with net.database.read(net.actors["gd"]) as session:
        assert get_invoice(session, own, day=TODAY).applied == ((note, 400),)
        row = get_invoice(session, note, day=TODAY).invoice
        assert (row.kind, row.gross_amount, row.net_amount, row.open_amount) == ("credit_note", -600, -531, 0)


def test_a_credit_note_of_a_paid_document_goes_to_the_oldest_due_and_the_rest_stays(net: Net) -> None:
    net.open("BR", "GD")
    net.invoice("BR", "GD", 400, date(2026, 9, 1), document="SO-1")
    pay(net, 400, "k1")
    net.invoice("BR", "GD", 100, date(2026, 10, 1), document="SO-2")
    note = credit(net, -250, of="SO-1")
    assert left_open(net) == {}
    with net.database.read(SYSTEM) as session:
        assert get_invoice(session, note, day=TODAY).invoice.open_amount == -150
        state = exposure_of(session, account(session, "BR", "GD"), day=TODAY)
        assert (state.unpaid, state.unapplied) == (0, 150)


def test_a_bill_counts_from_its_maturity(net: Net) -> None:
    net.open("BR", "GD", limit=10_000)
    number = net.invoice("BR", "GD", 1_000, date(2026, 8, 1))
    matures = date(2026, 12, 1)
    pay(net, 1_000, "k1", method="acceptance_bill", cleared_on=matures)
    assert left_open(net) == {}  # nothing else can be applied to it
    with net.database.read(SYSTEM) as session:
        row = account(session, "BR", "GD")
        before = exposure_of(session, row, day=matures - timedelta(days=1))
        assert (before.unpaid, before.overdue, before.unapplied) == (1_000, 1_000, 0)
        after = exposure_of(session, row, day=matures)
        assert (after.unpaid, after.overdue, after.unapplied, after.total) == (0, 0, 0, 0)
        unpaid = open_items(session, row, day=TODAY)
        assert [(item.number, item.open_amount) for item in unpaid] == [(number, 1_000)]
        unpaid = ListQuery(facets={"state": ("open",)})
        assert [row.is_overdue for row in list_invoices(session, day=TODAY, query=unpaid).rows] == [True]
        assert list_invoices(session, day=matures, query=unpaid).total == 0


def test_cash_beside_a_bill_that_has_not_cleared_covers_the_overdue_debt(net: Net) -> None:
    net.open("BR", "GD")
    net.invoice("BR", "GD", 1_000, date(2026, 8, 1))
    pay(net, 1_000, "k1", method="acceptance_bill", cleared_on=date(2026, 12, 1))
    pay(net, 600, "k2")
    with net.database.read(SYSTEM) as session:
        state = exposure_of(session, account(session, "BR", "GD"), day=TODAY)
        assert (state.unpaid, state.unapplied, state.total, state.overdue) == (1_000, 600, 400, 400)


def test_overdue_begins_the_day_after_the_due_day(net: Net) -> None:
    net.open("BR", "GD", terms=10)
    net.invoice("BR", "GD", 1_000, date(2026, 10, 1))
    with net.database.read(SYSTEM) as session:
        row = account(session, "BR", "GD")
        assert exposure_of(session, row, day=date(2026, 10, 11)).overdue == 0
        assert exposure_of(session, row, day=date(2026, 10, 12)).overdue == 1_000


def test_the_same_key_again_changes_nothing(net: Net) -> None:
    net.open("BR", "GD")
    net.invoice("BR", "GD", 1_000, TODAY)
    number = pay(net, 700, "k1")
    before = net.count(*TABLES)
    assert pay(net, 700, "k1") == number
    assert net.count(*TABLES) == before
    for changes in ({"method": "cash"}, {"reference": "x"}, {"received_on": date(2026, 10, 1)}):
        with pytest.raises(ReusedKeyError):
            pay(net, 700, "k1", **changes)
    with pytest.raises(ReusedKeyError):
        pay(net, 701, "k1")
    with pytest.raises(ReusedKeyError):
        pay(net, 700, "k1", invoice_numbers=["IN-20261015-0001"])
    net.open("BR", "JS")
    with pytest.raises(ReusedKeyError):
        pay(net, 700, "k1", buyer_code="JS")
    assert net.count(*TABLES[:-1]) == before[:-1]


def test_refused_receipts_leave_nothing(net: Net) -> None:
    cases: list[tuple[str, int, dict[str, Any], type[DomainError]]] = [
        ("operations", 100, {}, ForbiddenError),
        ("gd", 100, {}, NotFoundError),  # the buyer does not confirm its own payment
        ("gd", 100, {"seller_code": "GZ", "buyer_code": "GD"}, NotYourSellerError),
        ("js", 100, {}, NotFoundError),
        ("finance", 0, {}, InvalidError),
        ("finance", -5, {}, InvalidError),
        ("finance", 100, {"method": "barter"}, InvalidError),
        ("finance", 100, {"method": "acceptance_bill"}, InvalidError),
        ("finance", 100, {"received_on": date(2026, 10, 16)}, InvalidError),
        ("finance", 100, {"cleared_on": date(2026, 10, 14)}, InvalidError),
        ("finance", 100, {"reference": "x" * 81}, InvalidError),
        ("finance", 100, {"buyer_code": "JS"}, NotFoundError),
        ("finance", 100, {"invoice_numbers": ["IN-1"]}, NotFoundError),
    ]
    net.open("BR", "GD")
    net.invoice("BR", "GD", 1_000, TODAY)
    before = net.count(*TABLES)
    for who, amount, changes, error in cases:
        with pytest.raises(error):
            pay(net, amount, "k1", actor=net.actors[who], **changes)
    assert net.count(*TABLES) == before


def test_the_invoice_of_another_account_cannot_be_named(net: Net) -> None:
    net.open("BR", "GD")
    net.open("BR", "JS")
    other = net.invoice("BR", "JS", 1_000, TODAY)
    with pytest.raises(NotFoundError):
        pay(net, 100, "k1", invoice_numbers=[other])
    assert net.count(Receipt) == (0,)


def test_racing_receipts_pay_an_invoice_once(net: Net) -> None:
    net.open("BR", "GD")
    number = net.invoice("BR", "GD", 1_000, TODAY)
    barrier, numbers = Barrier(6), []

    def work(key: str) -> None:
        barrier.wait()
        numbers.append(pay(net, 800, key))

    threads = [Thread(target=work, args=(key,)) for key in ("a", "a", "a", "b", "b", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 6
    assert len(set(numbers)) == 2
    assert left_open(net) == {}
    with net.database.read(SYSTEM) as session:
        applied = session.exec(select(Application.amount)).all()
        assert sorted(applied) == [200, 800]
        assert get_invoice(session, number, day=TODAY).invoice.open_amount == 0
        assert exposure_of(session, account(session, "BR", "GD"), day=TODAY).total == -600


def test_the_statement_runs_with_the_ledger(net: Net) -> None:
    net.open("BR", "GD")
    net.invoice("BR", "GD", 1_000, date(2026, 8, 20))
    net.invoice("BR", "GD", 2_000, date(2026, 9, 10), document="SO-2")
    pay(net, 700, "k1", received_on=date(2026, 9, 12), reference="bank 1")
    pay(net, 500, "k2", method="acceptance_bill", received_on=date(2026, 9, 30), cleared_on=date(2027, 3, 1))
    credit(net, -300, of="SO-2")
    with net.database.read(net.actors["gd"]) as session:
        whole = account_statement(session, seller_code="BR", buyer_code="GD")
        september = account_statement(
            session, seller_code="BR", buyer_code="GD", period=Period.month(date(2026, 9, 1))
        )
    assert [(row.kind, row.amount, row.balance) for row in whole.rows] == [
        ("invoice", 1_000, 1_000),
        ("invoice", 2_000, 3_000),
        ("receipt", -700, 2_300),
        ("receipt", -500, 1_800),
        ("credit_note", -300, 1_500),
    ]
    assert whole.closing == ledger(net, "receivable") == 1_500
    assert (september.opening, september.closing) == (1_000, 1_800)
    assert [(row.document, row.balance) for row in september.rows] == [
        ("SO-2", 3_000),
        ("bank 1", 2_300),
        ("", 1_800),
    ]


def test_rivals_see_no_document(net: Net) -> None:
    net.open("GD", "GZ")
    number = net.invoice("GD", "GZ", 1_000, TODAY)
    pay(net, 100, "k1", seller_code="GD", buyer_code="GZ")
    for who, count in {"gd": 1, "gz": 1, "sz": 0, "js": 0, "finance": 1}.items():
        with net.database.read(net.actors[who]) as session:
            assert list_invoices(session, day=TODAY).total == count
            assert list_invoices(session, day=TODAY, query=ListQuery("GZ")).total == count
            assert list_receipts(session).total == count
            assert len(session.exec(select(InvoiceLine)).all()) == count
            assert len(session.exec(select(Application)).all()) == count
            if not count:
                with pytest.raises(NotFoundError):
                    get_invoice(session, number, day=TODAY)
                with pytest.raises(NotFoundError):
                    account_statement(session, seller_code="GD", buyer_code="GZ")


def test_every_journal_balances_per_owner(net: Net) -> None:
    net.open("BR", "GD")
    net.invoice("BR", "GD", 1_001, TODAY)
    pay(net, 333, "k1")
    credit(net, -77, of="SO-1")
    with net.database.read(SYSTEM) as session:
        sums: dict[tuple[int, int], int] = {}
        for entry in session.exec(select(LedgerEntry)):
            key = (entry.journal_id, entry.owner_id)
            sums[key] = sums.get(key, 0) + entry.amount
        assert set(sums.values()) == {0}
        assert sorted(session.exec(select(LedgerJournal.key)).all()) == [
            "invoice:CN-20261015-0001",
            "invoice:IN-20261015-0001",
            "receipt:RC-20261015-0001",
        ]
