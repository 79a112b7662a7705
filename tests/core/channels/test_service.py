"""Founding, admitting, moving, granting: what is written, what is refused and then leaves nothing."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from distrib_app.core.channels import (
    GrantAboveOwnLevelError,
    Membership,
    Network,
    NoNetworkError,
    Partner,
    PartnerPath,
    Region,
    SecondNetworkError,
    Territory,
    TerritoryOutsideParentError,
    TerritoryOverlapError,
    Tier,
    TierScope,
    TreeCycleError,
    add_membership,
    add_region,
    create_partner,
    found_network,
    get_network,
    grant_territory,
    has_partners,
    move_partner,
    require_partner,
    set_partner_status,
    set_scope_level,
)
from distrib_app.core.kernel.access import SYSTEM, Actor, Level, Permission, Resource, Scope
from distrib_app.core.kernel.db import Database, get_by
from distrib_app.core.kernel.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
)
from distrib_app.core.kernel.events import Event

from .town import PLAN, SINCE, actor, partner_ids, paths, record

Who = Callable[[str], Actor]
TODAY = date(2026, 10, 15)
NEW = {"code": "FS", "name": "佛山", "tier_code": "city", "parent_code": "GD", "region_code": "440600"}
LAND = {"partner_code": "GZ", "region_code": "440100", "is_exclusive": True, "valid_from": TODAY}
VERBS: tuple[tuple[Callable[..., Any], dict[str, Any]], ...] = (
    (create_partner, NEW),
    (move_partner, {"code": "GZ", "parent_code": "JS"}),
    (set_partner_status, {"code": "GZ", "status": "suspended"}),
    (add_membership, {"username": "sz", "partner_code": "GZ", "role_code": "owner"}),
    (set_scope_level, {"tier_code": "city", "resource": "stock", "level": "own"}),
    (grant_territory, LAND),
    (found_network, {"plan": replace(PLAN, source="other")}),
)


def do(database: Database, who: Actor, verb: Callable[..., Any], now: datetime, **facts: Any) -> Any:
    """One verb in a transaction of its own, as at the gate."""
    with database.write(who) as session:
        return verb(session, who, now=now, **facts)


def refused(
    database: Database, who: Actor, verb: Callable[..., Any], now: datetime, **facts: Any
) -> DomainError:
    """The refusal, after showing that nothing changed."""
    before = record(database)
    with pytest.raises(DomainError) as caught:
        do(database, who, verb, now, **facts)
    assert record(database) == before
    return caught.value


def manager(database: Database, username: str, *more: Permission) -> Actor:
    """An owner below the brand whose tier was given more permissions."""
    found = actor(database, username)
    return replace(found, permissions=found.permissions | set(more))


def history(database: Database, code: str) -> list[tuple[str, date, date | None]]:
    """The paths a partner stood under, oldest first."""
    with database.read(SYSTEM) as session:
        rows = session.exec(
            select(PartnerPath)
            .join(Partner, Partner.id == PartnerPath.partner_id)
            .where(Partner.code == code)
            .order_by(PartnerPath.id)
        ).all()
        codes = {str(row.id): row.code for row in session.exec(select(Partner))}
    return [
        ("/".join(codes[part] for part in row.path.strip("/").split("/")), row.valid_from, row.valid_to)
        for row in rows
    ]


def together(*calls: Callable[[], Any]) -> list[str]:
    """What calls that begin at once, each in a thread, were answered: `done` or the code of the refusal."""
    barrier = threading.Barrier(len(calls))
    answers: list[str] = []

    def run(call: Callable[[], Any]) -> None:
        barrier.wait(10)
        try:
            call()
            answers.append("done")
        except DomainError as error:
            answers.append(error.code)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(answers)


def test_whoever_lacks_the_permission_changes_nothing(town: Database, who: Who, now: datetime) -> None:
    nobody = Actor(user_id=None, username="nobody", name="nobody")
    for verb, facts in VERBS:
        for person in (nobody, who("boss"), who("gd")):
            assert isinstance(refused(town, person, verb, now, **facts), ForbiddenError)


def test_what_lies_out_of_scope_does_not_exist(town: Database, now: datetime) -> None:
    jiangsu = manager(town, "js", Permission.PARTNERS_WRITE, Permission.ADMIN_ACCESS)
    for verb, facts in (*VERBS[:4], VERBS[5]):
        error = refused(town, jiangsu, verb, now, **facts)
        assert isinstance(error, NotFoundError), verb
        assert error.facts["kind"] == "partner"


def test_the_network_is_founded_once(town: Database, who: Who, now: datetime) -> None:
    with town.read(SYSTEM) as session:
        network = get_network(session)
        brand = session.get_one(Partner, network.brand_id)
    assert (brand.code, brand.kind, brand.parent_id, brand.path) == ("BR", "brand", None, f"/{brand.id}/")
    assert (network.currency, network.zone, network.area_level) == ("CNY", "Asia/Shanghai", "province")
    before = record(town)
    again = do(town, who("admin"), found_network, now, plan=replace(PLAN, brand_name="whatever"))
    assert (again.id, again.brand_id, record(town)) == (1, brand.id, before)
    other = replace(PLAN, brand_code="AW", brand_name="Adventure Works", source="adventureworks")
    error = refused(town, SYSTEM, found_network, now, plan=other)
    assert isinstance(error, SecondNetworkError)
    assert error.facts == {"existing": "远山", "source": "town", "wanted": "Adventure Works"}


def test_an_empty_database_says_so(sqlite: Database) -> None:
    with sqlite.read(SYSTEM) as session:
        assert not has_partners(session)
        with pytest.raises(NoNetworkError):
            get_network(session)


def test_a_partner_is_admitted_below_its_parent(town: Database, who: Who, now: datetime) -> None:
    made = do(town, who("ops"), create_partner, now, **NEW | {"code": " FS ", "name_en": "Foshan"})
    ids = partner_ids(town)
    assert (made.code, made.path) == ("FS", f"/{ids['BR']}/{ids['GD']}/{ids['FS']}/")
    assert (made.status, made.version, made.zone) == ("active", 1, "Asia/Shanghai")
    assert history(town, "FS") == [("BR/GD/FS", TODAY, None)]
    with town.read(SYSTEM) as session:
        event = session.exec(select(Event).order_by(Event.id.desc())).first()
        row = session.exec(select(PartnerPath).order_by(PartnerPath.id.desc())).first()
        assert has_partners(session)
        assert require_partner(session, "FS").id == made.id
    admin = who("ops")
    assert (event.kind, event.subject_key, event.payload) == ("partner.created", "FS", {"tier": "city"})
    assert (event.actor_user_id, row.recorded_by, row.recorded_at) == (admin.user_id, admin.user_id, now)


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"code": "NJ"}, ConflictError),
        ({"code": "  "}, InvalidError),
        ({"name": ""}, InvalidError),
        ({"tier_code": "moon"}, NotFoundError),
        ({"parent_code": "XX"}, NotFoundError),
        ({"region_code": "999999"}, NotFoundError),
    ],
)
def test_a_partner_that_does_not_fit_is_refused(
    town: Database, who: Who, now: datetime, facts: dict[str, str], error: type[DomainError]
) -> None:
    assert isinstance(refused(town, who("ops"), create_partner, now, **NEW | facts), error)


def test_a_code_out_of_sight_is_taken_all_the_same(town: Database, now: datetime) -> None:
    guangdong = manager(town, "gd", Permission.PARTNERS_WRITE)
    assert isinstance(refused(town, guangdong, create_partner, now, **NEW | {"code": "NJ"}), ConflictError)
    do(town, guangdong, create_partner, now, **NEW)
    assert paths(town)["FS"] == "BR/GD/FS/"


def test_a_move_takes_the_subtree_along_and_keeps_its_history(
    town: Database, who: Who, now: datetime
) -> None:
    moved = do(town, who("ops"), move_partner, now, code="GZ", parent_code="JS", version=1)
    assert moved.version == 2
    assert paths(town) == {
        "BR": "BR/",
        "GD": "BR/GD/",
        "GZ": "BR/JS/GZ/",
        "TH": "BR/JS/GZ/TH/",
        "SZ": "BR/GD/SZ/",
        "JS": "BR/JS/",
        "NJ": "BR/JS/NJ/",
    }
    assert history(town, "GZ") == [("BR/GD/GZ", SINCE, TODAY), ("BR/JS/GZ", TODAY, None)]
    assert history(town, "TH") == [("BR/GD/GZ/TH", SINCE, TODAY), ("BR/JS/GZ/TH", TODAY, None)]
    assert history(town, "SZ") == [("BR/GD/SZ", SINCE, None)]


def test_a_second_move_on_the_same_day_keeps_the_path_of_the_hours_between(
    town: Database, now: datetime
) -> None:
    for parent in ("JS", "BR"):
        do(town, SYSTEM, move_partner, now, code="GZ", parent_code=parent)
    assert history(town, "GZ") == [
        ("BR/GD/GZ", SINCE, TODAY),
        ("BR/JS/GZ", TODAY, TODAY),
        ("BR/GZ", TODAY, None),
    ]
    with town.read(SYSTEM) as session:
        for day in (SINCE, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=400)):
            holding = session.exec(select(PartnerPath).where(PartnerPath.as_of(day))).all()
            assert len(holding) == len({row.partner_id for row in holding}) == 7


def test_nobody_is_moved_below_itself(town: Database, who: Who, now: datetime) -> None:
    for parent in ("GD", "GZ", "TH"):
        error = refused(town, who("ops"), move_partner, now, code="GD", parent_code=parent)
        assert isinstance(error, TreeCycleError)
    assert isinstance(
        refused(town, who("ops"), move_partner, now, code="GZ", parent_code="JS", version=7), StaleError
    )


def test_two_moves_at_once_never_close_a_circle(town: Database, now: datetime) -> None:
    answers = together(
        lambda: do(town, SYSTEM, move_partner, now, code="GD", parent_code="JS"),
        lambda: do(town, SYSTEM, move_partner, now, code="JS", parent_code="GD"),
    )
    assert answers == ["done", "tree_cycle"]
    found = paths(town)
    assert found["BR"] == "BR/"
    above = {code: path.removesuffix(f"{code}/") for code, path in found.items()}
    assert all(above[code] in found.values() for code in found if code != "BR")


def test_a_partner_admitted_while_its_parent_moves_stands_below_it(town: Database, now: datetime) -> None:
    answers = together(
        lambda: do(town, SYSTEM, move_partner, now, code="GD", parent_code="JS"),
        lambda: do(town, SYSTEM, create_partner, now, **NEW),
    )
    assert answers == ["done", "done"]
    assert paths(town)["FS"] == "BR/JS/GD/FS/"


def test_a_status_changes_with_its_version(town: Database, who: Who, now: datetime) -> None:
    changed = do(town, who("ops"), set_partner_status, now, code="GZ", status="suspended", version=1)
    assert (changed.status, changed.version) == ("suspended", 2)
    for facts, error in (
        ({"code": "GZ", "status": "active", "version": 1}, StaleError),
        ({"code": "GZ", "status": "sleeping"}, InvalidError),
        ({"code": "BR", "status": "terminated"}, InvalidError),
    ):
        assert isinstance(refused(town, who("ops"), set_partner_status, now, **facts), error)
    with town.read(SYSTEM) as session:
        event = session.exec(select(Event).where(Event.kind == "partner.status_changed")).one()
    assert event.payload == {"old": "active", "new": "suspended"}


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


def test_regions_of_an_own_namespace(town: Database, who: Who) -> None:
    with town.write(who("admin")) as session:
        france = add_region(
            session, who("admin"), code="OR-FR", name="France", parent_code=None, level="country"
        )
        paris = add_region(
            session, who("admin"), code="OR-75", name="Paris", parent_code="OR-FR", level="city"
        )
        again = add_region(session, who("admin"), code="OR-75", name="x", parent_code=None, level="city")
    assert (france.path, paris.path, paris.parent_id) == ("OR-FR/", "OR-FR/OR-75/", france.id)
    assert (again.id, again.name) == (paris.id, "Paris")
    with pytest.raises(ForbiddenError), town.write(who("gd")) as session:
        add_region(session, who("gd"), code="OR-1", name="x", parent_code=None, level="city")
    with town.read(SYSTEM) as session:
        assert session.exec(select(Region).where(Region.code == "OR-1")).first() is None


def test_the_town_is_what_it_says(town: Database) -> None:
    with town.read(SYSTEM) as session:
        assert session.exec(select(Network.source)).all() == ["town"]
        assert len(session.exec(select(Membership)).all()) == 9
