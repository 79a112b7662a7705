"""From a user to an actor: the union over memberships, capped by tiers, in the user's zone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select, update

from distrib_app.core.channels import (
    Membership,
    Partner,
    Tier,
    add_membership,
    grant_territory,
    move_partner,
    resolve_actor,
    set_partner_status,
    set_scope_level,
)
from distrib_app.core.channels.setup import PARTNER_PERMISSIONS, ROLES
from distrib_app.core.kernel.access import NO_SCOPE, SYSTEM, Actor, Level, Permission, Resource, Scope, User
from distrib_app.core.kernel.db import Database, get_by

from .town import actor, partner_ids


def change(database: Database, verb, now: datetime, **facts: object) -> None:
    """A verb of the system."""
    with database.write(SYSTEM) as session:
        verb(session, SYSTEM, now=now, **facts)


def level(database: Database, tier: str, resource: str, wanted: str, now: datetime) -> None:
    """Set a level."""
    change(database, set_scope_level, now, tier_code=tier, resource=resource, level=wanted)


def stand_in(database: Database, now: datetime, **facts: str) -> None:
    """Another membership of `gz`."""
    change(database, add_membership, now, **{"username": "gz", "role_code": "owner"} | facts)


def test_a_city_agent_sees_its_subtree_and_its_own(town: Database) -> None:
    ids = partner_ids(town)
    gz = actor(town, "gz")
    path = f"/{ids['BR']}/{ids['GD']}/{ids['GZ']}/"
    subtree = Scope(
        Level.SUBTREE, user_id=gz.user_id, party_ids=(ids["GZ"],), paths=(path,), past_paths=(path,)
    )
    own = Scope(Level.PARTNER, user_id=gz.user_id, party_ids=(ids["GZ"],))
    assert gz.scopes == {
        Resource.PARTNERS: subtree,
        Resource.SALES_FIGURES: subtree,
        Resource.SALES_DOCUMENTS: subtree,
        Resource.STOCK: own,
        Resource.ACCOUNTS: own,
        Resource.PRICES: own,
        Resource.CUSTOMERS: own,
        Resource.WORK: own,
    }
    assert (gz.partner_ids, gz.tier_codes, gz.name) == ((ids["GZ"],), ("city",), "GZ")
    assert gz.permissions == set(PARTNER_PERMISSIONS)
    assert not gz.is_system


def test_a_provincial_agent_sees_national_figures_but_no_rivals_documents(town: Database) -> None:
    gd = actor(town, "gd")
    assert gd.scope(Resource.SALES_FIGURES).is_all
    assert gd.scope(Resource.SALES_DOCUMENTS).level is Level.SUBTREE


def test_the_brand_sees_everything_its_roles_allow(town: Database) -> None:
    roles = {code: set(permissions) for code, _, _, permissions in ROLES}
    for username, role in (("admin", "administrator"), ("ops", "operations"), ("boss", "executive")):
        person = actor(town, username)
        assert person.permissions == roles[role]
        own = {Resource.CUSTOMERS, Resource.WORK}  # the brand's own customers and work, nobody else's
        assert all(person.scope(resource).is_all for resource in set(Resource) - own)
        assert {person.scope(resource).level for resource in own} == {Level.PARTNER}
    assert not actor(town, "boss").can(Permission.PARTNERS_WRITE)


def test_a_tier_caps_the_role(town: Database, now: datetime) -> None:
    stand_in(town, now, partner_code="SZ", role_code="administrator", username="sz")
    assert actor(town, "sz").permissions == set(PARTNER_PERMISSIONS)
    with town.write(SYSTEM) as session:
        get_by(session, Tier, "tier", code="city").permissions = [Permission.ORDERS_READ]
    assert actor(town, "sz").permissions == {Permission.ORDERS_READ}


def test_two_memberships_are_a_union(town: Database, now: datetime) -> None:
    ids = partner_ids(town)
    stand_in(town, now, partner_code="JS")
    both = actor(town, "gz")
    assert both.partner_ids == (ids["GZ"], ids["JS"])
    assert both.tier_codes == ("city", "province")
    assert both.scope(Resource.SALES_FIGURES).level is Level.ALL
    documents = both.scope(Resource.SALES_DOCUMENTS)
    assert documents.party_ids == (ids["GZ"], ids["JS"])
    assert documents.paths == (f"/{ids['BR']}/{ids['GD']}/{ids['GZ']}/", f"/{ids['BR']}/{ids['JS']}/")


def test_a_user_without_a_membership_sees_nothing(town: Database, now: datetime) -> None:
    with town.write(SYSTEM) as session:
        session.add(User(username="ghost", name="Ghost", password_hash="-", created_at=now))
    ghost = actor(town, "ghost")
    assert (ghost.permissions, ghost.scopes, ghost.partner_ids) == (frozenset(), {}, ())
    assert ghost.scope(Resource.STOCK) == NO_SCOPE
    with town.read(ghost) as session:
        assert session.exec(select(Partner)).all() == []


@pytest.mark.parametrize(
    ("status", "acts"), [("terminated", False), ("suspended", True), ("applicant", True)]
)
def test_only_a_terminated_partner_has_no_actors(
    town: Database, now: datetime, status: str, acts: bool
) -> None:
    change(town, set_partner_status, now, code="GZ", status=status)
    gz = actor(town, "gz")
    assert bool(gz.partner_ids) is acts
    assert bool(gz.permissions) is acts
    assert gz.scope(Resource.PARTNERS).level is (Level.SUBTREE if acts else Level.NONE)


def test_a_membership_holds_from_its_first_day_to_the_day_before_its_end(town: Database) -> None:
    """In the user's zone: 16:00 UTC is midnight in Shanghai."""
    with town.write(SYSTEM) as session:
        gz = get_by(session, User, "user", username="gz")
        session.exec(
            update(Membership)
            .where(Membership.user_id == gz.id)
            .values(valid_from=date(2026, 10, 20), valid_to=date(2026, 10, 22))
        )
    begin, end = (datetime(2026, 10, day, 16, tzinfo=UTC) for day in (19, 21))
    moment = timedelta(microseconds=1)

    def acts(at: datetime) -> bool:
        with town.read(SYSTEM) as session:
            return bool(
                resolve_actor(session, get_by(session, User, "user", username="gz"), now=at).partner_ids
            )

    assert [acts(at) for at in (begin - moment, begin, end - moment, end)] == [False, True, True, False]


def test_every_level_has_its_own_shape(town: Database, now: datetime) -> None:
    ids = partner_ids(town)
    change(
        town,
        grant_territory,
        now,
        partner_code="GZ",
        region_code="440100",
        line_code="TOOLS",
        is_exclusive=False,
        valid_from=date(2026, 1, 1),
    )
    for region, first, last in (
        ("440600", date(2027, 1, 1), None),
        ("440700", date(2025, 1, 1), date(2026, 1, 1)),
    ):
        change(
            town,
            grant_territory,
            now,
            partner_code="GZ",
            region_code=region,
            is_exclusive=False,
            valid_from=first,
            valid_to=last,
        )
    shapes = {}
    for wanted in Level:
        level(town, "city", "stock", wanted, now)
        shapes[wanted] = actor(town, "gz").scope(Resource.STOCK)
    path = f"/{ids['BR']}/{ids['GD']}/{ids['GZ']}/"
    me = actor(town, "gz").user_id
    mine = {"user_id": me, "party_ids": (ids["GZ"],)}
    assert shapes == {
        Level.NONE: Scope(),
        Level.OWN: Scope(Level.OWN, user_id=me),
        Level.PARTNER: Scope(Level.PARTNER, **mine),
        Level.SUBTREE: Scope(Level.SUBTREE, **mine, paths=(path,), past_paths=(path,)),
        # only the grant that holds today
        Level.TERRITORY: Scope(Level.TERRITORY, **mine, territory=(("CN/440000/440100/", "TOOLS/"),)),
        Level.ALL: Scope(Level.ALL, user_id=me),
    }


def test_after_a_move_past_paths_stay_and_the_present_one_counts_for_masters(
    town: Database, now: datetime
) -> None:
    ids = partner_ids(town)
    change(town, move_partner, now, code="GZ", parent_code="JS")
    scope = actor(town, "gz").scope(Resource.SALES_DOCUMENTS)
    old, new = (f"/{ids['BR']}/{ids[parent]}/{ids['GZ']}/" for parent in ("GD", "JS"))
    assert scope.paths == (new,)
    assert set(scope.past_paths) == {old, new}


def test_an_actor_is_resolved_anew(town: Database, now: datetime) -> None:
    before = actor(town, "gz")
    level(town, "city", "partners", "partner", now)
    assert before.scope(Resource.PARTNERS).level is Level.SUBTREE
    assert actor(town, "gz").scope(Resource.PARTNERS).level is Level.PARTNER


def test_the_resolver_reads_unscoped_and_leaves_the_session_as_it_was(town: Database, now: datetime) -> None:
    gz = actor(town, "gz")
    with town.read(gz) as session:
        user = get_by(session, User, "user", username="sz")
        other: Actor = resolve_actor(session, user, now=now)
        assert other.partner_ids == (partner_ids(town)["SZ"],)
        assert session.info["actor"] is gz
        assert not session.info.get("unscoped")
        session.expunge_all()
        assert visible(session) == ["GZ", "TH"]


def visible(session: Session) -> list[str]:
    """Codes of the partners that the session shows."""
    return sorted(session.exec(select(Partner.code)).all())
