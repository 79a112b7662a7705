"""Who may invite, manage, shut out and look through whose eyes; the last administrator stays."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from distrib_app.core.channels import (
    HigherUserError,
    LastAdministratorError,
    Membership,
    Partner,
    add_membership,
    change_role,
    end_membership,
    end_user_session,
    end_user_sessions,
    end_user_token,
    get_user,
    invite_user,
    list_users,
    open_link,
    preview_reach,
    reset_second_factor,
    set_user_disabled,
    start_view,
)
from distrib_app.core.kernel.access import (
    SYSTEM,
    Actor,
    Level,
    NoViewError,
    Permission,
    User,
    UserSession,
    accept_invitation,
    create_token,
    find_session,
    open_session,
)
from distrib_app.core.kernel.db import Database, get_by, row_id
from distrib_app.core.kernel.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
)
from distrib_app.core.kernel.events import Event
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.workbench import decide
from distrib_app.core.workbench.rule_book import read_rules

from .acting import do, refused
from .town import actor

Who = Callable[[str], Actor]
EVE = {"username": "eve", "name": "Eve", "email": "eve@x.cn", "role_code": "owner"}


def names(database: Database, who: Actor, now: datetime, **query: Any) -> list[str]:
    """User names of a list."""
    with database.read(who) as session:
        return [row.username for row in list_users(session, who, query=ListQuery(**query), now=now).rows]


def look(database: Database, who: Actor, query: Callable[..., Any], now: datetime, **facts: Any) -> Any:
    """A read as somebody."""
    with database.read(who) as session:
        return query(session, who, now=now, **facts)


def unseen(
    database: Database, who: Actor, query: Callable[..., Any], now: datetime, **facts: Any
) -> DomainError:
    """The refusal of a read."""
    with pytest.raises(DomainError) as caught:
        look(database, who, query, now, **facts)
    return caught.value


def test_somebody_invited_joins_with_a_link(town: Database, who: Who, now: datetime) -> None:
    answer = do(town, who("gz"), invite_user, now, **EVE, partner_code="GZ")
    assert (answer.username, answer.task_number) == ("eve", "")
    row = look(town, who("gz"), get_user, now, username="eve")
    assert (row.user.status, row.user.email, row.link_until) == (
        "invited",
        "eve@x.cn",
        now + timedelta(days=7),
    )
    assert [(post.partner_code, post.role_code) for post in row.user.posts] == [("GZ", "owner")]
    with town.write(SYSTEM) as session:
        accept_invitation(session, token=answer.link, password="ten--chars", now=now)
    eve = actor(town, "eve")
    assert (eve.permissions, eve.partner_ids) == (who("gz").permissions, who("gz").partner_ids)
    with town.read(SYSTEM) as session:
        events = session.exec(select(Event).where(Event.subject_key == "eve").order_by(Event.id)).all()
    assert [event.kind for event in events] == ["user.invited", "user.link_opened", "user.joined"]
    assert "x.cn" not in str([event.payload for event in events])


def test_an_owner_invites_into_the_own_company_and_below_only(
    town: Database, who: Who, now: datetime
) -> None:
    gz = who("gz")
    for partner_code in ("GD", "SZ", "JS", "BR", "XX"):
        error = refused(town, gz, invite_user, now, **EVE, partner_code=partner_code)
        assert isinstance(error, NotFoundError), partner_code
    do(town, gz, invite_user, now, **EVE, partner_code="TH")
    do(town, who("admin"), invite_user, now, **EVE | {"username": "adam"}, partner_code="NJ")


def test_an_invitation_that_does_not_fit_is_refused(town: Database, who: Who, now: datetime) -> None:
    for wrong, kind in (
        ({"username": "gd"}, ConflictError),
        ({"username": "Eve"}, InvalidError),
        ({"name": " "}, InvalidError),
        ({"email": "nowhere"}, InvalidError),
        ({"role_code": "administrator"}, ForbiddenError),
        ({"role_code": "operations"}, ForbiddenError),
        ({"role_code": "king"}, NotFoundError),
    ):
        error = refused(town, who("gz"), invite_user, now, **EVE | wrong, partner_code="GZ")
        assert isinstance(error, kind), wrong
    for name in ("ops", "boss"):
        error = refused(town, who(name), invite_user, now, **EVE, partner_code="GZ")
        assert isinstance(error, ForbiddenError)


def test_owners_see_their_own_people_administrators_everybody(
    town: Database, who: Who, now: datetime
) -> None:
    do(town, who("gz"), invite_user, now, **EVE, partner_code="GZ")
    do(town, who("gz"), invite_user, now, **EVE | {"username": "tom"}, partner_code="TH")
    everybody = ["admin", "boss", "eve", "gd", "gz", "js", "nj", "ops", "sz", "th", "tom"]
    admin = who("admin")
    assert names(town, admin, now) == everybody
    assert names(town, who("gz"), now) == ["eve", "gz"]
    assert names(town, admin, now, search="G") == ["gd", "gz"]
    assert names(town, admin, now, facets={"status": ("invited",)}) == ["eve", "tom"]
    assert names(town, admin, now, facets={"role": ("administrator", "executive")}) == ["admin", "boss"]
    assert names(town, who("th"), now) == ["th", "tom"]
    for stranger in ("gd", "th", "tom", "admin", "ghost"):
        assert isinstance(unseen(town, who("gz"), get_user, now, username=stranger), NotFoundError)
    with pytest.raises(ForbiddenError):
        names(town, who("ops"), now)
    assert isinstance(unseen(town, who("ops"), get_user, now, username="ops"), ForbiddenError)


def test_owners_manage_nobody_else(town: Database, who: Who, now: datetime) -> None:
    do(town, who("gz"), invite_user, now, **EVE, partner_code="GZ")
    for verb, facts in (
        (open_link, {}),
        (set_user_disabled, {"is_disabled": True}),
        (end_membership, {"partner_code": "SZ", "role_code": "owner"}),
        (add_membership, {"partner_code": "GZ", "role_code": "finance"}),
    ):
        error = refused(town, who("gz"), verb, now, username="sz", **facts)
        assert isinstance(error, NotFoundError)
    # somebody of the own company who works elsewhere too is an administrator's business
    do(town, who("admin"), add_membership, now, username="eve", partner_code="SZ", role_code="finance")
    assert isinstance(refused(town, who("gz"), open_link, now, username="eve"), HigherUserError)
    detail = look(town, who("gz"), get_user, now, username="eve")
    assert (detail.can_manage, detail.can_administer, detail.sessions, detail.tokens) == (
        False,
        False,
        (),
        (),
    )
    assert [post.partner_code for post in detail.user.posts] == ["GZ"]  # the other company stays hidden
    do(town, who("admin"), open_link, now, username="eve")


def test_posts_are_given_changed_and_ended_at_once(town: Database, who: Who, now: datetime) -> None:
    do(town, who("gz"), invite_user, now, **EVE, partner_code="GZ")
    post = {"username": "eve", "partner_code": "GZ"}
    do(town, who("gz"), change_role, now, **post, role_code="owner", new_role_code="finance")
    assert Permission.ORDERS_PLACE not in actor(town, "eve").permissions
    error = refused(
        town, who("gz"), change_role, now, **post, role_code="finance", new_role_code="operations"
    )
    assert isinstance(error, ForbiddenError)
    do(town, who("gz"), end_membership, now, **post, role_code="finance")
    assert actor(town, "eve").permissions == frozenset()
    error = refused(town, who("gz"), end_membership, now, **post, role_code="finance")
    assert isinstance(error, NotFoundError)
    with town.read(SYSTEM) as session:
        eve = get_by(session, User, "user", username="eve")
        rows = session.exec(select(Membership).where(Membership.user_id == eve.id)).all()
    assert all(row.valid_to == row.valid_from for row in rows) and len(rows) == 2


def test_nobody_lifts_somebody_above_themselves(town: Database, who: Who, now: datetime) -> None:
    """A brand role that may invite, but not administer, opens no link of an administrator."""
    from dataclasses import replace

    ops = replace(who("ops"), permissions=who("ops").permissions | {Permission.USERS_INVITE})
    for verb, facts in ((open_link, {}), (set_user_disabled, {"is_disabled": True})):
        assert isinstance(refused(town, ops, verb, now, username="admin", **facts), HigherUserError)


def test_the_last_administrator_stays(town: Database, who: Who, now: datetime) -> None:
    admin = who("admin")
    post = {"username": "admin", "partner_code": "BR", "role_code": "administrator"}
    assert isinstance(refused(town, admin, end_membership, now, **post), LastAdministratorError)
    error = refused(town, admin, change_role, now, **post, new_role_code="finance")
    assert isinstance(error, LastAdministratorError)
    error = refused(town, admin, set_user_disabled, now, username="admin", is_disabled=True)
    assert isinstance(error, InvalidError)
    do(town, admin, add_membership, now, **post | {"username": "boss"})
    boss = actor(town, "boss")
    do(town, boss, set_user_disabled, now, username="admin", is_disabled=True)
    error = refused(town, boss, end_membership, now, **post | {"username": "boss"})
    assert isinstance(error, LastAdministratorError)
    do(town, boss, set_user_disabled, now, username="admin", is_disabled=False)
    do(town, admin, end_membership, now, **post | {"username": "boss"})


def test_who_is_shut_out_is_out_at_once(town: Database, who: Who, now: datetime) -> None:
    with town.write(SYSTEM) as session:
        gz = get_by(session, User, "user", username="gz")
        token = open_session(session, user=gz, hours=1, now=now)
        version = gz.version
    facts = {"username": "gz", "is_disabled": True}
    error = refused(town, who("admin"), set_user_disabled, now, **facts, version=version + 1)
    assert isinstance(error, StaleError)
    do(town, who("admin"), set_user_disabled, now, **facts, version=version)
    with town.read(SYSTEM) as session:
        assert find_session(session, token=token, now=now) is None
        assert session.exec(select(UserSession)).all() == []
    assert isinstance(refused(town, who("admin"), open_link, now, username="gz"), InvalidError)
    do(town, who("admin"), set_user_disabled, now, **facts | {"is_disabled": False})


def test_an_administrator_ends_sessions_tokens_and_second_factors(
    town: Database, who: Who, now: datetime
) -> None:
    with town.write(SYSTEM) as session:
        gz = get_by(session, User, "user", username="gz")
        tokens = [open_session(session, user=gz, hours=1, now=now, agent=str(n)) for n in range(3)]
        create_token(session, username="gz", name="erp", now=now)
        gz.totp_secret, gz.totp_counter, gz.recovery_hashes = "S", 7, ["x"]
    admin = who("admin")
    detail = look(town, admin, get_user, now, username="gz")
    assert (len(detail.sessions), [row.name for row in detail.tokens]) == (3, ["erp"])
    assert detail.user.has_second_factor
    key, of = detail.sessions[0].key, {"username": "gz"}
    for verb, facts in (
        (end_user_session, {"key": key}),
        (end_user_sessions, {}),
        (end_user_token, {"key": detail.tokens[0].key}),
        (reset_second_factor, {}),
    ):
        assert isinstance(refused(town, who("sz"), verb, now, **of, **facts), ForbiddenError)
    do(town, admin, end_user_session, now, **of, key=key)
    assert do(town, who("gz"), end_user_sessions, now, **of, keep=tokens[0]) == 1
    do(town, admin, end_user_token, now, **of, key=detail.tokens[0].key)
    do(town, who("sz"), end_user_sessions, now, username="sz")
    with town.write(SYSTEM) as session:
        half = open_session(session, user=get_by(session, User, "u", username="gz"), hours=1, now=now)
    do(town, admin, reset_second_factor, now, **of)
    detail = look(town, admin, get_user, now, username="gz")
    assert (detail.sessions, detail.tokens, detail.user.has_second_factor) == ((), (), False)
    with town.read(SYSTEM) as session:
        assert find_session(session, token=half, now=now, is_half=True) is None
    assert isinstance(refused(town, admin, reset_second_factor, now, **of), InvalidError)


def test_whose_eyes_an_administrator_looks_through(town: Database, who: Who, now: datetime) -> None:
    admin = who("admin")
    assert do(town, admin, start_view, now, username="gz").username == "gz"
    for name, kind in (("admin", NoViewError), ("ghost", NotFoundError)):
        assert isinstance(refused(town, admin, start_view, now, username=name), kind)
    assert isinstance(refused(town, who("gz"), start_view, now, username="th"), ForbiddenError)
    do(town, admin, add_membership, now, username="boss", partner_code="BR", role_code="administrator")
    assert isinstance(refused(town, admin, start_view, now, username="boss"), NoViewError)
    with town.read(SYSTEM) as session:
        event = session.exec(select(Event).where(Event.kind == "admin.view_as_started")).one()
    assert (event.actor_user_id, event.subject_key) == (admin.user_id, "gz")


def test_what_somebody_would_see(town: Database, who: Who, now: datetime) -> None:
    found = look(town, who("admin"), preview_reach, now, username="gd")
    rows = {row.resource: row for row in found.rows}
    counts = {count.table: count for row in found.rows for count in row.counts}
    assert found.permissions == tuple(sorted(who("gd").permissions))
    assert (rows["partners"].level, rows["stock"].level) == (Level.SUBTREE, Level.PARTNER)
    assert (counts["partner"].count, counts["partner"].examples) == (4, ("SZ", "TH", "GZ"))
    assert (counts["sales_order"].count, counts["sales_order"].examples) == (0, ())
    own = look(town, who("admin"), preview_reach, now, username="th")
    assert [count.count for row in own.rows for count in row.counts if count.table == "partner"] == [1]
    for name, kind in (("gd", ForbiddenError), ("ops", ForbiddenError)):
        assert isinstance(unseen(town, who(name), preview_reach, now, username="gd"), kind)
    assert isinstance(unseen(town, who("admin"), preview_reach, now, username="ghost"), NotFoundError)


def test_a_preview_leaves_the_session_as_it_was(town: Database, who: Who, now: datetime) -> None:
    admin = who("admin")
    with town.read(admin) as session:
        preview_reach(session, admin, username="th", now=now)
        assert session.info["actor"] is admin
        assert len(list_users(session, admin, query=ListQuery(), now=now).rows) == 9


def test_where_a_rule_says_so_a_second_administrator_approves(
    town: Database, who: Who, now: datetime
) -> None:
    """Alone, the administrator has nobody to ask; with a colleague, the brand's rule asks that one."""
    admin = who("admin")
    with town.read(SYSTEM) as session:
        brand = get_by(session, Partner, "partner", code="BR")
        rule = read_rules(session, party_id=row_id(brand), kind="user_invitation")
    assert [step.roles for step in rule["user_invitation"]] == [("administrator",)]
    facts = {"partner_code": "BR", "role_code": "operations"}
    assert do(town, admin, invite_user, now, **EVE | facts | {"username": "first"}).link
    do(town, admin, add_membership, now, username="boss", partner_code="BR", role_code="administrator")
    answer = do(town, admin, invite_user, now, **EVE | facts)
    assert (answer.link, bool(answer.task_number)) == ("", True)
    assert isinstance(unseen(town, admin, get_user, now, username="eve"), NotFoundError)
    again = refused(town, admin, invite_user, now, **EVE | facts)
    assert again.code == "open_task"
    do(town, actor(town, "boss"), decide, now, number=answer.task_number, decision="approved")
    detail = look(town, admin, get_user, now, username="eve")
    assert (detail.user.status, detail.user.email, detail.link_until) == ("invited", "eve@x.cn", None)
    assert do(town, admin, open_link, now, username="eve")
