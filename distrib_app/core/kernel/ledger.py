"""Double entry: immutable journals, balanced per owner entity and currency.

Accounts are paths `owner:counterparty:kind` (partner ids and a kind: `1:12:receivable`). Debits are
positive, credits negative. A correction is a reversal; balances are sums; an idempotency key is unique.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, func
from sqlmodel import Field, Session, SQLModel, col, select

from .errors import ConflictError, DomainError, msg


class UnbalancedJournalError(DomainError):
    """The entries of an owner and currency don't add up to zero; nothing was written."""

    code = "unbalanced_journal"
    template = msg("Journal {key} is not balanced for owner {owner}: {difference} {currency}.")


class LedgerJournal(SQLModel, table=True):
    """One posting: a document's effect on the books."""

    __tablename__ = "ledger_journal"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=100, unique=True)
    document: str = Field(max_length=40, index=True)
    posted_at: datetime
    reverses_id: int | None = Field(default=None, foreign_key="ledger_journal.id", unique=True)


class LedgerEntry(SQLModel, table=True):
    """One line of a journal; never updated."""

    __tablename__ = "ledger_entry"

    id: int | None = Field(default=None, primary_key=True)
    journal_id: int = Field(foreign_key="ledger_journal.id", index=True)
    owner_id: int = Field(index=True)
    account: str = Field(max_length=60, index=True)
    currency: str = Field(max_length=3)
    amount: int = Field(sa_type=BigInteger)


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry to post: amount in minor units, debit positive."""

    owner_id: int
    counterparty_id: int
    kind: str
    currency: str
    amount: int

    @property
    def account(self) -> str:
        """The account path."""
        return f"{self.owner_id}:{self.counterparty_id}:{self.kind}"


def check_balanced(key: str, lines: Sequence[EntryLine]) -> None:
    """Refuse entries that don't add up to zero per owner and currency."""
    sums: dict[tuple[int, str], int] = defaultdict(int)
    for line in lines:
        sums[line.owner_id, line.currency] += line.amount
    for (owner, currency), difference in sums.items():
        if difference:
            raise UnbalancedJournalError(key=key, owner=owner, difference=difference, currency=currency)


def post(session: Session, *, key: str, document: str, lines: Sequence[EntryLine], now: datetime) -> int:
    """Post a journal and return its id. Raises `UnbalancedJournalError`, `ConflictError` for a used key."""
    check_balanced(key, lines)
    if session.exec(select(LedgerJournal.id).where(LedgerJournal.key == key)).first():
        raise ConflictError(subject=key)
    journal = LedgerJournal(key=key, document=document, posted_at=now)
    session.add(journal)
    session.flush()
    assert journal.id is not None
    session.add_all(
        LedgerEntry(
            journal_id=journal.id,
            owner_id=line.owner_id,
            account=line.account,
            currency=line.currency,
            amount=line.amount,
        )
        for line in lines
        if line.amount
    )
    return journal.id


def reverse(session: Session, *, journal_id: int, key: str, now: datetime) -> int:
    """Post the exact opposite of a journal and return the new id. `ConflictError` if reversed before."""
    if session.exec(select(LedgerJournal.id).where(LedgerJournal.reverses_id == journal_id)).first():
        raise ConflictError(subject=key)
    original = session.get_one(LedgerJournal, journal_id)
    entries = session.exec(select(LedgerEntry).where(LedgerEntry.journal_id == journal_id)).all()
    lines = []
    for entry in entries:
        owner, counterparty, kind = entry.account.split(":", 2)
        lines.append(EntryLine(int(owner), int(counterparty), kind, entry.currency, -entry.amount))
    reversal_id = post(session, key=key, document=original.document, lines=lines, now=now)
    session.get_one(LedgerJournal, reversal_id).reverses_id = journal_id
    return reversal_id


def balance(session: Session, *, owner_id: int, counterparty_id: int, kind: str) -> int:
    """The balance of one account in minor units, debit positive."""
    account = f"{owner_id}:{counterparty_id}:{kind}"
    total = session.exec(
        select(func.coalesce(func.sum(LedgerEntry.amount), 0)).where(col(LedgerEntry.account) == account)
    ).one()
    return int(total)
