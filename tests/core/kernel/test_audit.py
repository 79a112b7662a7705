"""The audit: found by who, what, on what and when; only administrators look."""

from datetime import datetime, timedelta

import pytest

from distrib_app.core.kernel.access import SYSTEM, Actor, Permission, User
from distrib_app.core.kernel.audit import search_audit
from distrib_app.core.kernel.db import Database, row_id
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError
from distrib_app.core.kernel.events import emit
from distrib_app.core.kernel.listing import ListQuery

DAY = timedelta(days=1)


@pytest.fixture
def admin(house: Database, now: datetime) -> Actor:
    """An administrator, after three days of events (noon in Shanghai) of two people and the system."""
    with house.write(SYSTEM) as session:
        users = [
            User(username=name, name=name.upper(), password_hash="-", created_at=now)
            for name in ("ann", "bob")
        ]
        session.add_all(users)
        session.flush()
        ann, bob = (Actor(row_id(user), user.username, user.name) for user in users)
        emit(session, ann, "order.placed", subject=("order", "SO-1"), now=now - 2 * DAY, qty=3)
        emit(session, bob, "order.placed", subject=("order", "SO-2"), now=now - DAY)
        emit(session, ann, "user.invited", subject=("user", "eve"), now=now)
        emit(session, SYSTEM, "sign_in.failed", subject=("user", "ann"), now=now)
    return Actor(ann.user_id, "ann", "ANN", permissions=frozenset({Permission.ADMIN_ACCESS}))


def subjects(house: Database, admin: Actor, search: str = "", **facets: str) -> list[str]:
    with house.read(admin) as session:
        query = ListQuery(search=search, facets={name: (value,) for name, value in facets.items()})
        found = search_audit(session, admin, query=query)
    assert found.total == len(found.rows)
    return [row.subject_key for row in found.rows]


def test_events_are_found(house: Database, admin: Actor, now: datetime) -> None:
    assert subjects(house, admin) == ["ann", "eve", "SO-2", "SO-1"]
    assert subjects(house, admin, "so-") == ["SO-2", "SO-1"]
    assert subjects(house, admin, "sign_in") == ["ann"]
    assert subjects(house, admin, kind="order.placed") == ["SO-2", "SO-1"]
    assert subjects(house, admin, kind="order.placed", user="bob") == ["SO-2"]
    assert subjects(house, admin, subject="user") == ["ann", "eve"]
    assert subjects(house, admin, **{"from": "2026-10-14", "to": "2026-10-14"}) == ["SO-2"]
    assert subjects(house, admin, to="2026-10-13") == ["SO-1"]
    with house.read(admin) as session:
        found = search_audit(session, admin, query=ListQuery(with_facets=True, limit=1, offset=3))
    row = found.rows[0]
    assert (row.occurred_at, row.username, row.name, row.payload) == (now - 2 * DAY, "ann", "ANN", {"qty": 3})
    assert [(value.value, value.count) for value in found.facets["user"]] == [("ann", 2), ("bob", 1)]
    assert found.facets["kind"][0].value == "order.placed"
    assert "from" not in found.facets


def test_only_administrators_look(house: Database, admin: Actor) -> None:
    nobody = Actor(admin.user_id, "ann", "Ann")
    with house.read(nobody) as session, pytest.raises(ForbiddenError):
        search_audit(session, nobody, query=ListQuery())
    for facets in ({"from": "yesterday"}, {"moon": "x"}):
        with pytest.raises(InvalidError):
            subjects(house, admin, **facets)
