"""Roles and tiers: changed by administrators, never beyond what they hold, and somebody is left to do it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from distrib_app.core.channels import (
    LastAdministratorError,
    create_role,
    create_tier,
    edit_role,
    list_roles,
    list_tiers,
    order_tiers,
    rename_tier,
    set_tier_permission,
)
from distrib_app.core.channels.setup import ROLES
from distrib_app.core.kernel.access import Actor, Permission
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
)

from .acting import do, manager, refused
from .town import actor

Who = Callable[[str], Actor]
CLERK = {"code": "clerk", "name": "文员", "name_en": "Clerk", "permissions": ["orders.read", "stock.read"]}


def roles(database: Database, who: Actor, now: datetime) -> dict[str, tuple[object, ...]]:
    with database.read(who) as session:
        rows = list_roles(session, who, now=now)
    return {row.code: (row.name, row.permissions, row.member_count, row.can_grant) for row in rows}


def test_roles_say_who_holds_them_and_who_may_give_them(town: Database, who: Who, now: datetime) -> None:
    found = roles(town, who("admin"), now)
    assert {code: row[2] for code, row in found.items()} == {
        "administrator": 1,
        "executive": 1,
        "operations": 1,
        "finance": 0,
        "owner": 6,
    }
    assert all(row[3] for row in found.values())
    mine = roles(town, who("gz"), now)
    assert {code: row[2:] for code, row in mine.items()} == {
        "administrator": (0, False),
        "executive": (0, True),
        "operations": (0, False),
        "finance": (0, True),
        "owner": (0, True),
    }


def test_a_role_is_made_and_changed(town: Database, who: Who, now: datetime) -> None:
    admin = who("admin")
    made = do(town, admin, create_role, now, **CLERK)
    assert made.permissions == ["stock.read", "orders.read"]  # in the order of the table
    do(town, admin, edit_role, now, **CLERK | {"permissions": ["orders.read"], "name": "助理"}, version=1)
    assert roles(town, admin, now)["clerk"][:2] == ("助理", ("orders.read",))
    for facts, kind in (
        (CLERK, StaleError),
        (CLERK | {"code": "ghost"}, NotFoundError),
        (CLERK | {"name": ""}, InvalidError),
    ):
        assert isinstance(refused(town, admin, edit_role, now, **facts, version=1), kind)
    for facts, kind in (
        (CLERK, ConflictError),
        (CLERK | {"code": "Two Words"}, InvalidError),
        (CLERK | {"code": "new", "permissions": ["moon.read"]}, InvalidError),
    ):
        assert isinstance(refused(town, admin, create_role, now, **facts), kind)


def test_a_role_never_exceeds_its_editor(town: Database, now: datetime) -> None:
    limited = manager(town, "gd", Permission.ADMIN_ACCESS)
    facts = {"code": "king", "name": "King", "permissions": ["catalog.write"]}
    assert isinstance(refused(town, limited, create_role, now, **facts), ForbiddenError)
    operations = next(list(permissions) for code, _, _, permissions in ROLES if code == "operations")
    kept = {"code": "operations", "name": "运营", "permissions": operations[:-1]}
    do(town, limited, edit_role, now, **kept)  # taking away what one lacks is no grant
    more = kept | {"permissions": [*kept["permissions"], "users.invite", "admin.access"]}
    do(town, limited, edit_role, now, **more)
    with town.read(limited) as session:
        held = next(
            row.permissions for row in list_roles(session, limited, now=now) if row.code == "operations"
        )
    assert {"catalog.write", "prices.write"} <= set(held)  # held before: no grant either
    weaker = {"code": "executive", "name": "高管", "permissions": ["catalog.write"]}
    assert isinstance(refused(town, limited, edit_role, now, **weaker), ForbiddenError)
    nobody = replace(limited, permissions=frozenset())
    assert isinstance(refused(town, nobody, edit_role, now, **kept), ForbiddenError)


def test_nobody_locks_everybody_out(town: Database, who: Who, now: datetime) -> None:
    admin = who("admin")
    without = [permission.value for permission in Permission if permission != Permission.ADMIN_ACCESS]
    facts = {"code": "administrator", "name": "系统管理员", "permissions": without}
    assert isinstance(refused(town, admin, edit_role, now, **facts), LastAdministratorError)
    facts = {"tier_code": "brand", "permission": "admin.access", "is_allowed": False}
    assert isinstance(refused(town, admin, set_tier_permission, now, **facts), LastAdministratorError)


def test_a_tier_permission_holds_from_the_next_call(town: Database, who: Who, now: datetime) -> None:
    facts = {"tier_code": "city", "permission": "orders.place"}
    assert actor(town, "gz").can("orders.place")
    do(town, who("admin"), set_tier_permission, now, **facts, is_allowed=False)
    assert not actor(town, "gz").can("orders.place")
    assert actor(town, "gd").can("orders.place")
    do(town, who("admin"), set_tier_permission, now, **facts, is_allowed=True)
    assert actor(town, "gz").can("orders.place")
    wrong = facts | {"permission": "moon.read"}
    assert isinstance(
        refused(town, who("admin"), set_tier_permission, now, **wrong, is_allowed=True), InvalidError
    )
    assert isinstance(
        refused(town, who("gz"), set_tier_permission, now, **facts, is_allowed=True), ForbiddenError
    )


def test_tiers_are_added_renamed_and_ordered(town: Database, who: Who, now: datetime) -> None:
    admin = who("admin")

    def tiers() -> list[tuple[str, str, tuple[str, ...]]]:
        with town.read(admin) as session:
            return [(row.code, row.name, row.permissions) for row in list_tiers(session)]

    codes = [code for code, _, _ in tiers()]
    do(town, admin, create_tier, now, code="district", name="区级代理", name_en="District agent")
    assert tiers()[-1] == ("district", "区级代理", ())
    do(town, admin, rename_tier, now, code="district", name="街道代理")
    order = [*codes[:4], "district", *codes[4:]]
    do(town, admin, order_tiers, now, codes=order)
    assert [code for code, _, _ in tiers()] == order
    assert tiers()[4][1] == "街道代理"
    for wrong in (codes, [*order, "x"], [*order[:-1], order[0]], []):
        assert isinstance(refused(town, admin, order_tiers, now, codes=wrong), InvalidError)
    taken = {"code": "city", "name": "x"}
    assert isinstance(refused(town, admin, create_tier, now, **taken), ConflictError)
    assert isinstance(refused(town, who("gz"), create_tier, now, **taken | {"code": "y"}), ForbiddenError)
