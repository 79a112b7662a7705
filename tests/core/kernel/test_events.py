"""Facts are appended with their actor, and the one table of reactions runs in the same transaction."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlmodel import Session, func, select

from distrib_app.core.kernel import events
from distrib_app.core.kernel.access import SYSTEM, Actor, create_user
from distrib_app.core.kernel.db import Database, row_id
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.kernel.events import Event, emit, install_reactions
from distrib_app.core.kernel.numbers import next_number


@pytest.fixture(autouse=True)
def reactions() -> Iterator[None]:
    """Whatever a test installs is taken away again."""
    before = dict(events._reactions)
    yield
    install_reactions(before)


def tell(database: Database, kind: str, now: datetime, actor: Actor = SYSTEM) -> None:
    """Emit one event in a transaction of its own."""
    with database.write(SYSTEM) as session:
        emit(session, actor, kind, subject=("parcel", "P-1"), now=now, weight=3, tags=["a", "箱"])


def stored(database: Database) -> list[Event]:
    """All events."""
    with database.read(SYSTEM) as session:
        return list(session.exec(select(Event).order_by(Event.id)))


def test_an_event_keeps_who_what_and_when(house: Database, now: datetime) -> None:
    with house.write(SYSTEM) as session:
        user = create_user(session, username="clerk", name="", password="long enough", now=now)
        clerk = Actor(user_id=row_id(user), username="clerk", name="clerk")
    tell(house, "parcel.sent", now, clerk)
    tell(house, "parcel.lost", now)
    sent, lost = stored(house)
    assert (sent.kind, sent.subject_kind, sent.subject_key) == ("parcel.sent", "parcel", "P-1")
    assert (sent.actor_user_id, lost.actor_user_id) == (clerk.user_id, None)
    assert (sent.occurred_at, sent.payload) == (now, {"weight": 3, "tags": ["a", "箱"]})


def test_reactions_run_in_order_within_the_transaction(house: Database, now: datetime) -> None:
    calls: list[tuple[str, str, datetime]] = []

    def first(session: Session, event: Event, at: datetime) -> None:
        calls.append(("first", event.kind, at))
        next_number(session, "RX", at.date())

    def second(session: Session, event: Event, at: datetime) -> None:
        calls.append(("second", str(session.exec(select(func.count(Event.id))).one()), at))

    install_reactions({"parcel.sent": (first, second)})
    tell(house, "parcel.lost", now)
    assert calls == []
    tell(house, "parcel.sent", now)
    assert calls == [("first", "parcel.sent", now), ("second", "2", now)]


def test_a_failing_reaction_takes_the_event_back(house: Database, now: datetime) -> None:
    def fail(_session: Session, _event: Event, _now: datetime) -> None:
        raise InvalidError(field="parcel", reason="lost")

    install_reactions({"parcel.sent": (fail,)})
    with pytest.raises(InvalidError):
        tell(house, "parcel.sent", now)
    assert stored(house) == []


def test_a_new_table_replaces_the_old_one(house: Database, now: datetime) -> None:
    calls: list[str] = []
    install_reactions({"parcel.sent": (lambda *_: calls.append("old"),)})
    install_reactions({"parcel.lost": (lambda *_: calls.append("new"),)})
    tell(house, "parcel.sent", now)
    tell(house, "parcel.lost", now)
    assert calls == ["new"]
