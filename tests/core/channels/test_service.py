"""Founding, admitting, moving, changing status: what is written, what is refused and then leaves nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from distrib_app.core.channels import (
    Membership,
    Network,
    NoNetworkError,
    Partner,
    PartnerPath,
    Region,
    SecondNetworkError,
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
from distrib_app.core.kernel.access import SYSTEM, Actor, Permission
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
)
from distrib_app.core.kernel.events import Event

from .acting import do, manager, refused, together
from .town import NEW, PLAN, SINCE, partner_ids, paths, record

Who = Callable[[str], Actor]
TODAY = date(2026, 10, 15)
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


def test_whoever_lacks_the_permission_changes_nothing(town: Database, who: Who, now: datetime) -> None:
    nobody = Actor(user_id=None, username="nobody", name="nobody")
    for verb, facts in VERBS:
        for person in (nobody, who("boss"), who("gd")):
            # distributors give posts to their own people, and know nobody else's
            may_admit = verb is add_membership and person.can(Permission.USERS_INVITE)
            wanted = NotFoundError if may_admit else ForbiddenError
            assert isinstance(refused(town, person, verb, now, **facts), wanted)


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
