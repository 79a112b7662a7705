"""Memberships, scope levels and territories: nobody hands out more than they hold."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlmodel import select

from distrib_app.core.channels import (
    GrantAboveOwnLevelError,
    Territory,
    TerritoryOutsideParentError,
    TerritoryOverlapError,
    Tier,
    TierScope,
    add_membership,
    create_partner,
    grant_territory,
    set_scope_level,
)
from distrib_app.core.kernel.access import SYSTEM, Actor, Level, Permission, Resource, Scope
from distrib_app.core.kernel.db import Database, get_by
from distrib_app.core.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError

from .acting import do, manager, refused, together
from .town import NEW, actor, partner_ids

Who = Callable[[str], Actor]
TODAY = date(2026, 10, 15)
LAND = {"partner_code": "GZ", "region_code": "440100", "is_exclusive": True, "valid_from": TODAY}


def test_a_member_acts_once_per_role(town: Database, who: Who, now: datetime) -> None:
    facts = {"username": "sz", "partner_code": "TH", "role_code": "owner"}
    made = do(town, who("admin"), add_membership, now, **facts)
    assert (made.valid_from, made.valid_to, made.recorded_by) == (TODAY, None, who("admin").user_id)
    assert isinstance(refused(town, who("admin"), add_membership, now, **facts), ConflictError)
    do(town, who("admin"), add_membership, now, **facts | {"role_code": "finance"})
    assert set(actor(town, "sz").partner_ids) == {partner_ids(town)["SZ"], partner_ids(town)["TH"]}
    for wrong in ({"username": "ghost"}, {"partner_code": "XX"}, {"role_code": "king"}):
        error = refused(town, who("admin"), add_membership, now, **facts | wrong)
        assert isinstance(error, NotFoundError)


def test_nobody_hands_out_a_permission_they_lack(town: Database, who: Who, now: datetime) -> None:
    limited = manager(town, "gd", Permission.ADMIN_ACCESS)
    facts = {"username": "sz", "partner_code": "GZ"}
    error = refused(town, limited, add_membership, now, **facts, role_code="administrator")
    assert isinstance(error, ForbiddenError)
    do(town, limited, add_membership, now, **facts, role_code="owner")


def test_nobody_sets_a_level_above_their_own(town: Database, now: datetime) -> None:
    """T23: the levels of a provincial agent with the right to administer."""
    limited = manager(town, "gd", Permission.ADMIN_ACCESS)
    for resource, level, allowed in (
        ("stock", "partner", True),
        ("stock", "subtree", False),
        ("sales_documents", "subtree", True),
        ("sales_documents", "territory", False),
        ("sales_documents", "all", False),
        ("sales_figures", "all", True),
        ("prices", "none", True),
    ):
        facts = {"tier_code": "county", "resource": resource, "level": level}
        if allowed:
            do(town, limited, set_scope_level, now, **facts)
        else:
            error = refused(town, limited, set_scope_level, now, **facts)
            assert isinstance(error, GrantAboveOwnLevelError)
            assert error.status == 403
    nobody = replace(limited, scopes={Resource.STOCK: Scope(Level.OWN)})
    error = refused(town, nobody, set_scope_level, now, tier_code="city", resource="accounts", level="own")
    assert error.facts == {"level": "own", "resource": "accounts", "own": "none"}


def test_nobody_lifts_a_friend_through_a_higher_tier(town: Database, now: datetime) -> None:
    """T23: a city agent sees a subtree; as a member of a provincial agent its friend would see the nation."""
    city = manager(town, "gz", Permission.ADMIN_ACCESS, Permission.PARTNERS_WRITE)
    do(town, city, create_partner, now, **NEW | {"parent_code": "GZ", "tier_code": "province"})
    facts = {"username": "sz", "partner_code": "FS", "role_code": "owner"}
    error = refused(town, city, add_membership, now, **facts)
    assert isinstance(error, GrantAboveOwnLevelError)
    assert error.facts == {"level": "all", "resource": "sales_figures", "own": "subtree"}
    do(town, manager(town, "gd", Permission.ADMIN_ACCESS), add_membership, now, **facts)


def test_levels_are_written_and_changed(town: Database, who: Who, now: datetime) -> None:
    def level() -> str:
        with town.read(SYSTEM) as session:
            tier = get_by(session, Tier, "tier", code="service")
            row = session.get(TierScope, (tier.id, "stock"))
        return row.level if row else "none"

    found = [level()]
    for wanted in ("own", "territory"):
        do(town, who("admin"), set_scope_level, now, tier_code="service", resource="stock", level=wanted)
        found.append(level())
    assert found == ["none", "own", "territory"]
    for facts in ({"resource": "moon", "level": "own"}, {"resource": "stock", "level": "infinite"}):
        error = refused(town, who("admin"), set_scope_level, now, tier_code="city", **facts)
        assert isinstance(error, InvalidError)


def test_territory_is_granted_inside_the_parents_and_apart_from_others(
    town: Database, who: Who, now: datetime
) -> None:
    ops = who("ops")
    do(town, ops, grant_territory, now, **LAND | {"partner_code": "GD", "region_code": "440000"})
    made = do(town, ops, grant_territory, now, **LAND | {"line_code": "TOOLS"})
    assert (made.valid_from, made.valid_to, made.recorded_by) == (TODAY, None, ops.user_id)
    error = refused(town, ops, grant_territory, now, **LAND | {"partner_code": "SZ", "line_code": "TOOLS"})
    assert isinstance(error, TerritoryOverlapError)
    assert error.facts == {
        "region": "440100",
        "kind": "exclusive",
        "partner": "GZ",
        "since": TODAY,
        "until": "∞",
    }
    do(town, ops, grant_territory, now, **LAND | {"partner_code": "SZ", "line_code": "TOYS"})
    error = refused(town, ops, grant_territory, now, **LAND | {"region_code": "320100"})
    assert isinstance(error, TerritoryOutsideParentError)
    assert error.facts == {"region": "320100", "parent": "GD"}
    # the parent of NJ holds nothing, so nothing limits it but the grants of others
    do(town, ops, grant_territory, now, **LAND | {"partner_code": "NJ", "region_code": "320000"})
    for wrong, kind in (
        ({"valid_to": TODAY}, InvalidError),
        ({"region_code": "x"}, NotFoundError),
        ({"line_code": "x"}, NotFoundError),
    ):
        assert isinstance(refused(town, ops, grant_territory, now, **LAND | wrong), kind)


def test_exclusivity_counts_grants_out_of_sight(town: Database, now: datetime) -> None:
    do(town, SYSTEM, grant_territory, now, **LAND | {"partner_code": "NJ"})
    guangdong = manager(town, "gd", Permission.PARTNERS_WRITE)
    assert isinstance(refused(town, guangdong, grant_territory, now, **LAND), TerritoryOverlapError)


def test_adjacent_periods_are_accepted(town: Database, now: datetime) -> None:
    """T14."""
    end = TODAY + timedelta(days=30)
    do(town, SYSTEM, grant_territory, now, **LAND | {"valid_to": end})
    late = LAND | {"partner_code": "SZ", "valid_from": end - timedelta(days=1)}
    assert isinstance(refused(town, SYSTEM, grant_territory, now, **late), TerritoryOverlapError)
    do(town, SYSTEM, grant_territory, now, **late | {"valid_from": end})


def test_of_two_exclusive_grants_at_once_one_is_refused(town: Database, now: datetime) -> None:
    answers = together(
        *(
            lambda code=code: do(town, SYSTEM, grant_territory, now, **LAND | {"partner_code": code})
            for code in ("GZ", "SZ")
        )
    )
    assert answers == ["done", "territory_overlap"]
    with town.read(SYSTEM) as session:
        assert len(session.exec(select(Territory)).all()) == 1
