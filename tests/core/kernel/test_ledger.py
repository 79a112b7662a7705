"""Double entry: balanced per owner and currency, once per key, corrected by reversal."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import func, select

from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ConflictError
from distrib_app.core.kernel.ledger import (
    EntryLine,
    LedgerEntry,
    LedgerJournal,
    UnbalancedJournalError,
    balance,
    check_balanced,
    post,
    reverse,
)

LINE = st.builds(
    EntryLine,
    owner_id=st.integers(1, 3),
    counterparty_id=st.integers(1, 3),
    kind=st.sampled_from(["receivable", "revenue", "tax"]),
    currency=st.sampled_from(["CNY", "USD"]),
    amount=st.integers(-(10**12), 10**12),
)


def sale(net: int, tax: int, buyer: int = 2) -> list[EntryLine]:
    """A sale of 1 to `buyer`, in the seller's and the buyer's books."""
    return [
        EntryLine(1, buyer, "receivable", "CNY", net + tax),
        EntryLine(1, buyer, "revenue", "CNY", -net),
        EntryLine(1, buyer, "tax", "CNY", -tax),
        EntryLine(buyer, 1, "payable", "CNY", -net - tax),
        EntryLine(buyer, 1, "stock", "CNY", net + tax),
    ]


def counts(database: Database) -> tuple[int, int]:
    """Journals and entries."""
    with database.read(SYSTEM) as session:
        return tuple(
            session.exec(select(func.count(model.id))).one() for model in (LedgerJournal, LedgerEntry)
        )


@settings(max_examples=100, deadline=None)
@given(st.lists(LINE, max_size=6))
def test_only_zero_sums_per_owner_and_currency_pass(lines: list[EntryLine]) -> None:
    sums = {
        sum(line.amount for line in lines if (line.owner_id, line.currency) == key)
        for key in {(line.owner_id, line.currency) for line in lines}
    }
    mirrored = [EntryLine(x.owner_id, 9, "contra", x.currency, -x.amount) for x in lines]
    check_balanced("k", [*lines, *mirrored])
    if any(sums):
        with pytest.raises(UnbalancedJournalError):
            check_balanced("k", lines)
    else:
        check_balanced("k", lines)


def test_a_posting_moves_the_balances_of_both_books(house: Database, now: datetime) -> None:
    with house.write(SYSTEM) as session:
        post(session, key="a", document="IN-1", lines=sale(100_00, 13_00), now=now)
        post(session, key="b", document="IN-2", lines=sale(50_00, 0, buyer=3), now=now)
    with house.read(SYSTEM) as session:
        found = {
            (owner, other, kind): balance(session, owner_id=owner, counterparty_id=other, kind=kind)
            for owner, other, kind in [
                (1, 2, "receivable"),
                (1, 3, "receivable"),
                (2, 1, "payable"),
                (1, 2, "tax"),
            ]
        }
        assert balance(session, owner_id=7, counterparty_id=8, kind="receivable") == 0
    assert found == {
        (1, 2, "receivable"): 113_00,
        (1, 3, "receivable"): 50_00,
        (2, 1, "payable"): -113_00,
        (1, 2, "tax"): -13_00,
    }
    assert counts(house) == (2, 9)  # entries of zero are not written


def test_an_unbalanced_journal_and_a_used_key_leave_nothing(house: Database, now: datetime) -> None:
    with house.write(SYSTEM) as session:
        post(session, key="a", document="IN-1", lines=sale(100, 13), now=now)
    before = counts(house)
    # balanced over all, but not within owner 1: its books would be wrong
    crossed = [EntryLine(1, 2, "receivable", "CNY", 5), EntryLine(2, 1, "payable", "CNY", -5)]
    mixed = [EntryLine(1, 2, "receivable", "CNY", 5), EntryLine(1, 2, "revenue", "USD", -5)]
    for lines in (crossed, mixed):
        with pytest.raises(UnbalancedJournalError) as caught, house.write(SYSTEM) as session:
            post(session, key="b", document="IN-2", lines=lines, now=now)
        assert caught.value.facts == {"key": "b", "owner": 1, "difference": 5, "currency": "CNY"}
    with pytest.raises(ConflictError), house.write(SYSTEM) as session:
        post(session, key="a", document="IN-1", lines=sale(1, 0), now=now)
    assert counts(house) == before


def test_a_reversal_is_the_exact_opposite_and_happens_once(house: Database, now: datetime) -> None:
    with house.write(SYSTEM) as session:
        first = post(session, key="a", document="IN-1", lines=sale(100_00, 13_00), now=now)
    with house.write(SYSTEM) as session:
        second = reverse(session, journal_id=first, key="a:reversed", now=now)
    with house.read(SYSTEM) as session:
        assert session.get_one(LedgerJournal, second).reverses_id == first
        assert balance(session, owner_id=1, counterparty_id=2, kind="receivable") == 0
        assert session.exec(select(func.sum(LedgerEntry.amount))).one() == 0
    before = counts(house)
    assert before == (2, 10)
    for key in ("a:reversed", "another key"):
        with pytest.raises(ConflictError), house.write(SYSTEM) as session:
            reverse(session, journal_id=first, key=key, now=now)
    assert counts(house) == before
