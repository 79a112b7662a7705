"""Preferences: what may be chosen, what stays, and that a refusal changes nothing."""

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session, col, select

from distrib_app.core.kernel.access import (
    CHOICES,
    SYSTEM,
    Actor,
    Preferences,
    User,
    check_preferences,
    get_preferences,
    set_preferences,
)
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError
from distrib_app.core.kernel.events import Event

FRESH = Preferences(language="zh_CN", zone="Asia/Shanghai")


def add_user(database: Database, now: datetime, **facts: Any) -> Actor:
    with database.write(SYSTEM) as session:
        user = User(username="li", name="Li", password_hash="-", created_at=now, **facts)
        session.add(user)
        session.flush()
        return Actor(user_id=user.id, username="li", name="Li")


def events(session: Session) -> list[dict[str, Any]]:
    statement = select(Event).where(Event.kind == "user.preferences_changed").order_by(col(Event.id))
    return [event.payload for event in session.exec(statement)]


def test_nobody_has_chosen_yet(house: Database, now: datetime) -> None:
    actor = add_user(house, now)
    with house.read(actor) as session:
        assert get_preferences(session, actor) == FRESH


def test_what_is_left_out_stays(house: Database, now: datetime) -> None:
    actor = add_user(house, now)
    with house.write(actor) as session:
        first = set_preferences(session, actor, language="en", numbers="full", rise="green", now=now)
    assert first == Preferences("en", "Asia/Shanghai", numbers="full", rise="green")
    with house.write(actor) as session:
        set_preferences(session, actor, zone="Europe/Berlin", theme="dark", currency="code", now=now)
    with house.read(actor) as session:
        assert get_preferences(session, actor) == Preferences(
            "en", "Europe/Berlin", numbers="full", rise="green", theme="dark", currency="code"
        )
        assert events(session) == [
            {"changed": {"language": "en", "numbers": "full", "rise": "green"}},
            {"changed": {"zone": "Europe/Berlin", "theme": "dark", "currency": "code"}},
        ]


def test_the_same_again_is_no_change(house: Database, now: datetime) -> None:
    actor = add_user(house, now)
    with house.write(actor) as session:
        set_preferences(session, actor, language="zh_CN", numbers="auto", now=now)
    with house.read(SYSTEM) as session:
        assert events(session) == []
        assert session.exec(select(User)).one().version == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"language": "fr"}, "language"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": ""}, "zone"),
        ({"zone": "Asia/" + "x" * 60}, "zone"),
        ({"numbers": "lakh"}, "numbers"),
        ({"rise": "blue"}, "rise"),
        ({"theme": ""}, "theme"),
        ({"currency": "EUR"}, "currency"),
    ],
)
def test_what_cannot_be_chosen_changes_nothing(
    house: Database, now: datetime, changes: dict[str, str], field: str
) -> None:
    actor = add_user(house, now)
    with pytest.raises(InvalidError) as refusal, house.write(actor) as session:
        set_preferences(session, actor, **({"rise": "red"} | changes), now=now)
    assert refusal.value.facts["field"] == field
    with house.read(actor) as session:
        assert get_preferences(session, actor) == FRESH
        assert events(session) == []


def test_a_narrowed_token_and_the_system_choose_nothing(house: Database, now: datetime) -> None:
    actor = add_user(house, now)
    narrowed = Actor(user_id=actor.user_id, username="li", name="Li", token_scopes=frozenset({"orders.read"}))
    for stranger in (narrowed, SYSTEM):
        with pytest.raises(ForbiddenError), house.write(stranger) as session:
            set_preferences(session, stranger, language="en", now=now)
    with pytest.raises(ForbiddenError), house.read(SYSTEM) as session:
        get_preferences(session, SYSTEM)
    with house.read(narrowed) as session:
        assert get_preferences(session, narrowed) == FRESH


def test_a_value_of_long_ago_counts_as_never_chosen(house: Database, now: datetime) -> None:
    actor = add_user(house, now, preferences={"numbers": "roman", "font": "song", "rise": "red"})
    with house.read(actor) as session:
        assert get_preferences(session, actor) == Preferences("zh_CN", "Asia/Shanghai", rise="red")


def test_every_choice_is_taken() -> None:
    for field, values in CHOICES.items():
        for value in values:
            check_preferences(**{field: value})
    with pytest.raises(InvalidError):
        check_preferences(font="song")
