"""Saved views: own ones, those colleagues share, and what nobody may do with them."""

from collections.abc import Callable

import pytest

from distrib_app.core.kernel.access import Actor
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.workbench import delete_view, list_views, rename_view, save_view
from distrib_app.core.workbench.views import MAX_VIEWS, TooManyViewsError
from tests.conftest import NOW
from tests.core.channels.conftest import postgres_towns, sqlite_towns, town, who

__all__ = ["postgres_towns", "sqlite_towns", "town", "who"]
Who = Callable[[str], Actor]


def save(database: Database, actor: Actor, name: str, query: str = "status=placed", **facts: object) -> None:
    with database.write(actor) as session:
        save_view(session, actor, **({"page": "orders", "name": name, "query": query, "now": NOW} | facts))


def seen(database: Database, actor: Actor, page: str = "orders") -> list[tuple[str, str, bool, bool]]:
    with database.read(actor) as session:
        rows = list_views(session, actor, page=page)
    return [(row.name, row.query, row.is_shared, row.is_own) for row in rows]


def test_a_shared_view_is_seen_in_the_company_and_nowhere_else(town: Database, who: Who) -> None:
    save(town, who("ops"), "Open")
    save(town, who("ops"), "Late", "status=placed&sort=placed_at", is_shared=True)
    save(town, who("boss"), "Mine")
    assert seen(town, who("ops")) == [
        ("Late", "status=placed&sort=placed_at", True, True),
        ("Open", "status=placed", False, True),
    ]
    assert seen(town, who("boss")) == [
        ("Mine", "status=placed", False, True),
        ("Late", "status=placed&sort=placed_at", True, False),
    ]
    for name in ("gd", "gz", "js"):
        assert seen(town, who(name)) == []
    assert seen(town, who("ops"), "stock") == []


def test_a_view_is_replaced_renamed_and_deleted_by_its_owner(town: Database, who: Who) -> None:
    ops, boss = who("ops"), who("boss")
    save(town, ops, "Late", is_shared=True)
    save(town, ops, "  Late ", "status=shipped", is_shared=True)
    save(town, ops, "Other")
    with town.write(ops) as session:
        row = rename_view(session, ops, page="orders", name="Late", new_name="Very late", now=NOW)
        assert (row.name, row.query, row.version) == ("Very late", "status=shipped", 3)
    for actor, name, error in (
        (boss, "Very late", NotFoundError),
        (ops, "Late", NotFoundError),
        (ops, "Other", ConflictError),
    ):
        before = seen(town, ops)
        with pytest.raises(error), town.write(actor) as session:
            rename_view(session, actor, page="orders", name=name, new_name="Very late", now=NOW)
        assert seen(town, ops) == before
    with pytest.raises(NotFoundError), town.write(boss) as session:
        delete_view(session, boss, page="orders", name="Very late", now=NOW)
    with town.write(ops) as session:
        delete_view(session, ops, page="orders", name="Very late", now=NOW)
    assert [row[0] for row in seen(town, ops)] == ["Other"]
    assert seen(town, boss) == []


def test_refusals_leave_nothing(town: Database, who: Who) -> None:
    ops = who("ops")
    nobody = Actor(user_id=None, username="nobody", name="nobody")
    for actor, facts, error in (
        (ops, {"name": " "}, InvalidError),
        (ops, {"name": "x" * 61}, InvalidError),
        (ops, {"name": "a\x00b"}, InvalidError),
        (ops, {"query": "x" * 1001}, InvalidError),
        (ops, {"query": "a\x00"}, InvalidError),
        (nobody, {}, ForbiddenError),
    ):
        with pytest.raises(error):
            save(town, actor, **({"name": "View"} | facts))
    assert seen(town, ops) == []
    for index in range(MAX_VIEWS):
        save(town, ops, f"View {index}")
    with pytest.raises(TooManyViewsError):
        save(town, ops, "One more")
    save(town, ops, "View 7", "status=shipped")
    assert len(seen(town, ops)) == MAX_VIEWS
