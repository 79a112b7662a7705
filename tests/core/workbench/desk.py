"""The trading network with everybody who decides at the brand, the approval rules and kinds as in the app.

Import `desk`, `sqlite_desks` and `postgres_desks` into a test module to use the fixture.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, func, select

from distrib_app.core.accounts import TradingAccount, get_account, set_credit
from distrib_app.core.channels import PEOPLE, add_membership
from distrib_app.core.inventory import Balance, Movement
from distrib_app.core.kernel.access import SYSTEM, Actor, User
from distrib_app.core.kernel.db import Database, get_by
from distrib_app.core.kernel.errors import DomainError
from distrib_app.core.kernel.events import Event, install_reactions
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.orders import SalesReturn, deliver_order, ship_order
from distrib_app.core.reactions import NOTICE_KINDS, REACTIONS, SUBJECTS, TASK_KINDS
from distrib_app.core.workbench import (
    Task,
    decide,
    get_task,
    install_notice_kinds,
    install_subjects,
    install_task_kinds,
    list_tasks,
)
from distrib_app.core.workbench.models import ApprovalRule, Delegation, Notice, TaskStep
from tests.core.inventory.copies import PostgresCopies, SqliteCopies
from tests.core.inventory.shop import LONG_AGO, NOW
from tests.core.orders.trade import Trader, build_trade

MORE_USERS = {
    "fin": ("BR", "finance"),
    "fin2": ("BR", "finance"),
    "fin3": ("BR", "finance"),
    "admin": ("BR", "administrator"),
    "gd2": ("GD", "owner"),
}
WATCHED = (Task, TaskStep, TradingAccount, SalesReturn, Movement, Event, Notice, Delegation, ApprovalRule)


def build_desk(session: Session) -> None:
    """The trading network with finance, an administrator, and a second owner of GD."""
    build_trade(session)
    for username, (partner, role) in MORE_USERS.items():
        session.add(User(username=username, name=username.upper(), password_hash="-", created_at=LONG_AGO))
        session.flush()
        add_membership(session, SYSTEM, username=username, partner_code=partner, role_code=role, now=LONG_AGO)


@dataclass
class Desk:
    """One copy of it; every call is a transaction of its own, as at the gate."""

    database: Database

    def who(self, username: str, now: datetime = NOW) -> Actor:
        """The actor a user is at `now`."""
        with self.database.read(SYSTEM) as session:
            found = PEOPLE.find(session, username=username, now=now)
        assert found is not None
        return found

    def do(self, username: str, verb: Callable[..., Any], now: datetime = NOW, /, **facts: Any) -> Any:
        """A verb as a user (`system` for the system)."""
        doer = SYSTEM if username == "system" else self.who(username, now)
        with self.database.write(doer) as session:
            return verb(session, doer, now=now, **facts)

    def see(self, username: str, read: Callable[..., Any], /, **facts: Any) -> Any:
        """A query as a user."""
        reader = self.who(username)
        with self.database.read(reader) as session:
            return read(session, reader, **facts)

    def refuse(
        self,
        error: type[DomainError],
        username: str,
        verb: Callable[..., Any],
        now: datetime = NOW,
        /,
        **facts: Any,
    ) -> DomainError:
        """A verb that is refused and leaves nothing behind."""
        before = self.state()
        with pytest.raises(error) as caught:
            self.do(username, verb, now, **facts)
        assert self.state() == before
        return caught.value

    def state(self) -> tuple[object, ...]:
        """What a refusal must not touch."""
        with self.database.read(SYSTEM) as session:
            counts = tuple(session.exec(select(func.count()).select_from(table)).one() for table in WATCHED)
            tasks = tuple(
                (row.number, row.status, row.version, row.due_at) for row in session.exec(select(Task))
            )
            steps = tuple((row.id, row.decision, row.decided_by) for row in session.exec(select(TaskStep)))
            stock = tuple(session.exec(select(Balance.sku_id, Balance.on_hand_qty)).all())
            limits = tuple(
                session.exec(select(TradingAccount.credit_limit_amount, TradingAccount.version)).all()
            )
        return counts, tasks, steps, stock, limits

    def rows(self, model: type[SQLModel], **where: Any) -> list[Any]:
        """Rows of a table."""
        with self.database.read(SYSTEM) as session:
            return list(session.exec(select(model).filter_by(**where)).all())

    def task(self, number: str) -> Any:
        """A task's row."""
        with self.database.read(SYSTEM) as session:
            return get_by(session, Task, "task", number=number)

    def ask_credit(
        self,
        amount: int = 50_000_000,
        *,
        by: str = "fin",
        buyer: str = "GD",
        now: datetime = NOW,
        **more: Any,
    ) -> str:
        """Ask for another credit limit of a buyer of the brand; the number of the task."""
        version = self.account(buyer).version
        task = self.do(
            by,
            set_credit,
            now,
            seller_code="BR",
            buyer_code=buyer,
            credit_limit_amount=amount,
            version=version,
            **more,
        )
        return task.number

    def decide(
        self, by: str, number: str, decision: str = "approved", now: datetime = NOW, **more: Any
    ) -> Any:
        """Take the current step."""
        return self.do(by, decide, now, number=number, decision=decision, **more)

    def account(self, buyer: str) -> TradingAccount:
        """The account of a buyer with the brand."""
        with self.database.read(SYSTEM) as session:
            return get_account(session, seller_code="BR", buyer_code=buyer)

    def box(self, username: str, box: str = "inbox", **more: Any) -> list[str]:
        """The numbers in somebody's box."""
        listing = self.see(username, list_tasks, query=ListQuery(**more), box=box, now=NOW)
        assert listing.total == len(listing.rows)
        return [row.number for row in listing.rows]

    def actions(self, username: str, number: str) -> Mapping[str, str | None]:
        """What somebody may do with a task, and why not."""
        return {row.verb: row.reason for row in self.see(username, get_task, number=number).actions}

    def delivered(self, buyer: str = "gd", lines: Mapping[str, int] = {"TV": 10}) -> str:
        """An order of a buyer at the brand that has arrived; its number."""
        number = Trader(self.database, self.who(buyer)).place(dict(lines), buyer=buyer.upper())
        self.do("ops", ship_order, number=number)
        self.do(buyer, deliver_order, number=number, signed_by="李")
        return number


@pytest.fixture(scope="session")
def sqlite_desks(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    return SqliteCopies(sqlite_template, tmp_path_factory.mktemp("desk"), build_desk)


@pytest.fixture(scope="session")
def postgres_desks(postgres_url: str, postgres_template: str) -> Iterator[PostgresCopies]:
    copies = PostgresCopies(postgres_url, postgres_template, build_desk)
    yield copies
    copies.close()


@pytest.fixture(params=["sqlite_desks", "postgres_desks"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A fresh desk on either database, with the tables of the app installed."""
    install_reactions(REACTIONS)
    install_task_kinds(TASK_KINDS)
    install_subjects(SUBJECTS, PEOPLE)
    install_notice_kinds(NOTICE_KINDS)
    yield Desk(request.getfixturevalue(request.param).fresh())
    install_reactions({})
