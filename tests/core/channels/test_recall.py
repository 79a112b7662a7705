"""Remembered actors: the very same until something changes that makes them another."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, delete, select, update

from distrib_app.core.channels import (
    ActorMemory,
    Membership,
    Partner,
    Role,
    add_membership,
    grant_territory,
    move_partner,
    resolve_actor,
    set_partner_status,
    set_scope_level,
)
from distrib_app.core.kernel.access import (
    SYSTEM,
    Actor,
    Level,
    Resource,
    User,
    access_version,
    forget_access_changes,
    granting_models,
    unscoped,
)
from distrib_app.core.kernel.db import Database, get_by, row_id
from distrib_app.core.workbench.models import Delegation

from .town import actor

LAND = {"partner_code": "GZ", "region_code": "440100", "is_exclusive": False, "valid_from": date(2026, 1, 1)}


def recall(database: Database, memory: ActorMemory, username: str, at: datetime) -> Actor:
    with database.read(SYSTEM) as session:
        user = get_by(session, User, "user", username=username)
        return memory.resolve(session, row_id(user), zone=user.zone, now=at)


def verb(function: Callable[..., Any], **facts: Any) -> Callable[[Session, datetime], None]:
    """A change by a verb of the system."""

    def change(session: Session, now: datetime) -> None:
        function(session, SYSTEM, now=now, **facts)

    return change


def rename(session: Session, _now: datetime) -> None:
    get_by(session, User, "user", username="gz").name = "Guangzhou"


def narrow_role(session: Session, _now: datetime) -> None:
    session.exec(update(Role).where(Role.code == "owner").values(permissions=["orders.read"]))


def drop_posts(session: Session, _now: datetime) -> None:
    gz = get_by(session, User, "user", username="gz")
    session.exec(delete(Membership).where(Membership.user_id == gz.id))


CHANGES = {
    "another post": verb(add_membership, username="gz", partner_code="JS", role_code="owner"),
    "no post": drop_posts,
    "a level": verb(set_scope_level, tier_code="city", resource="stock", level="own"),
    "a move": verb(move_partner, code="GZ", parent_code="JS"),
    "an end": verb(set_partner_status, code="GZ", status="terminated"),
    "a name": rename,
    "a role": narrow_role,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_same_actor_until_its_access_changes(
    town: Database, now: datetime, change: Callable[[Session, datetime], None]
) -> None:
    memory = ActorMemory()
    first = recall(town, memory, "gz", now)
    assert first == actor(town, "gz")
    assert recall(town, memory, "gz", now + timedelta(hours=1)) is first
    with town.write(SYSTEM) as session:
        change(session, now)
    second = recall(town, memory, "gz", now)
    assert second == actor(town, "gz")
    assert second != first


def test_a_grant_of_land_counts_at_once(town: Database, now: datetime) -> None:
    memory = ActorMemory()
    with town.write(SYSTEM) as session:
        set_scope_level(session, SYSTEM, tier_code="city", resource="stock", level=Level.TERRITORY, now=now)
    assert recall(town, memory, "gz", now).scope(Resource.STOCK).territory == ()
    with town.write(SYSTEM) as session:
        grant_territory(session, SYSTEM, **LAND, now=now)
    assert recall(town, memory, "gz", now).scope(Resource.STOCK).territory == (("CN/440000/440100/", ""),)


def test_deputies_begin_and_end_at_their_instants(town: Database, now: datetime) -> None:
    memory, moment = ActorMemory(), timedelta(microseconds=1)
    begin, end = now + timedelta(hours=1), now + timedelta(hours=2)
    recall(town, memory, "ops", now)
    with town.write(SYSTEM) as session:
        ids = {name: row_id(get_by(session, User, "user", username=name)) for name in ("admin", "ops")}
        lent_post = Delegation(
            from_user_id=ids["admin"], to_user_id=ids["ops"], valid_from=begin, valid_to=end
        )
        session.add(lent_post)
    lent = [
        bool(recall(town, memory, "ops", at).delegated)
        for at in (now, begin - moment, begin, end - moment, end)
    ]
    assert lent == [False, False, True, True, False]
    assert recall(town, memory, "ops", begin).delegated
    with town.write(SYSTEM) as session:
        session.exec(select(Delegation)).one().revoked_at = now
    assert not recall(town, memory, "ops", begin).delegated


def test_a_post_ends_with_its_day(town: Database) -> None:
    """In the user's zone: 16:00 UTC is midnight in Shanghai."""
    with town.write(SYSTEM) as session:
        gz = get_by(session, User, "user", username="gz")
        session.exec(
            update(Membership)
            .where(Membership.user_id == gz.id)
            .values(valid_from=date(2026, 10, 20), valid_to=date(2026, 10, 22))
        )
    memory, end = ActorMemory(), datetime(2026, 10, 21, 16, tzinfo=UTC)
    assert recall(town, memory, "gz", end - timedelta(microseconds=1)).partner_ids
    assert not recall(town, memory, "gz", end).partner_ids


def test_other_work_and_work_undone_forget_nobody(town: Database, now: datetime) -> None:
    memory = ActorMemory()
    first = recall(town, memory, "gz", now)
    with suppress(ZeroDivisionError), town.write(SYSTEM) as session:
        rename(session, now)
        session.flush()
        raise ZeroDivisionError
    assert recall(town, memory, "gz", now) is first


def test_each_change_counts_once_and_savepoints_for_themselves(town: Database, now: datetime) -> None:
    with town.write(SYSTEM) as session:
        before = access_version(session)
        rename(session, now)
        session.flush()
        narrow_role(session, now)
        session.flush()
        assert access_version(session)[0] == before[0] + 1
    with town.write(SYSTEM) as session:
        nested = session.begin_nested()
        rename(session, now)
        session.flush()
        nested.rollback()
        get_by(session, User, "user", username="sz").name = "Shenzhen"
    with town.write(SYSTEM) as session:
        assert access_version(session)[0] == before[0] + 2


def test_a_database_set_back_is_another_version(town: Database, now: datetime) -> None:
    with town.write(SYSTEM) as session:
        rename(session, now)
    with town.write(SYSTEM) as session:
        version = access_version(session)
        session.connection().exec_driver_sql(
            "DELETE FROM access_change WHERE id = (SELECT max(id) FROM access_change)"
        )
        get_by(session, User, "user", username="gz").name = "again"
        session.flush()
        assert access_version(session)[0] == version[0]
        assert access_version(session) != version


def test_old_changes_are_forgotten_the_newest_never(
    town: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("distrib_app.core.kernel.access.changes.KEPT", 2)
    for name in ("a", "b", "c", "d"):
        with town.write(SYSTEM) as session:
            get_by(session, User, "user", username="gz").name = name
    with town.write(SYSTEM) as session:
        mark = access_version(session)[1]
        assert forget_access_changes(session) >= 2
        assert access_version(session) == (2, mark)
        assert forget_access_changes(session) == 0


def test_every_table_an_actor_comes_from_is_marked(town: Database, now: datetime) -> None:
    """What `resolve_actor` reads decides what somebody may do: a change there must be noted."""
    statements: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    with town.write(SYSTEM) as session:
        grant_territory(session, SYSTEM, **LAND, now=now)
    with town.read(SYSTEM) as session, unscoped(session, "as the resolver"):
        gz = get_by(session, User, "user", username="gz")
        event.listen(town.engine, "before_cursor_execute", note)
        resolve_actor(session, gz, now=now)
        event.remove(town.engine, "before_cursor_execute", note)
    read = {name for text in statements for name in re.findall(r"(?:FROM|JOIN) \"?(\w+)", text)}
    marked = {str(model.__tablename__) for model in granting_models()}
    assert {"membership", "partner", "tier", "role", "tier_scope", "partner_path", "delegation"} <= read
    assert read <= marked
    assert {User.__tablename__, Partner.__tablename__} <= marked
