"""Reads of users: the list, one user with posts, sessions and tokens, and what somebody would see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, func, select

from ..kernel.access import (
    Actor,
    Invitation,
    Permission,
    Resource,
    SessionRow,
    TokenRow,
    User,
    UserSession,
    has_password,
    has_second_factor,
    scoped_models,
    sessions_of,
    tokens_of,
    view_refusal,
)
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.errors import DomainError
from ..kernel.listing import Choices, Facet, Listing, ListQuery, ListSpec, run
from ..workbench.subjects import seen_by
from .actors import resolve_actor
from .managing import find_managed, find_person
from .models import Membership, Partner, Role

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class PostRow:
    """A role somebody holds in a company."""

    partner_code: str
    partner_name: str
    partner_name_en: str
    role_code: str
    role_name: str
    role_name_en: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user in a list; `status` is active, invited or disabled."""

    username: str
    name: str
    email: str
    status: str
    has_second_factor: bool
    seen_at: datetime | None
    posts: tuple[PostRow, ...]
    version: int


@dataclass(frozen=True, slots=True)
class UserDetail:
    """A user with what hangs on it; sessions and tokens only for administrators."""

    user: UserRow
    created_at: datetime
    link_until: datetime | None
    sessions: tuple[SessionRow, ...]
    tokens: tuple[TokenRow, ...]
    is_self: bool
    can_manage: bool
    can_administer: bool
    view_refusal: str


@dataclass(frozen=True, slots=True)
class ReachCount:
    """How many rows of a table somebody sees, and the newest few by their number or code."""

    table: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReachRow:
    """How far somebody sees into a data set, and what that comes to."""

    resource: str
    level: str
    counts: tuple[ReachCount, ...]


@dataclass(frozen=True, slots=True)
class ReachPreview:
    """What somebody may do and would see at this moment."""

    username: str
    permissions: tuple[str, ...]
    rows: tuple[ReachRow, ...]


def list_users(session: Session, actor: Actor, *, query: ListQuery, now: datetime) -> Listing[UserRow]:
    """Users by name: all for administrators, the people of one's own company for who may invite.

    Facets: status (active, invited, disabled), second_factor (on, off), role. Raises `ForbiddenError`.
    """
    today = business_day(now, actor.zone)
    extra: list[ColumnElement[bool]] = []
    if not actor.can(Permission.ADMIN_ACCESS):
        actor.require(Permission.USERS_INVITE)
        colleagues = select(Membership.user_id).where(
            col(Membership.partner_id).in_(actor.partner_ids), Membership.as_of(today)
        )
        extra.append(col(User.id).in_(colleagues))
    found = run(session, USERS, query, extra)
    return found.showing(_rows(session, found.rows, today))


def _holds_role(_session: Session, codes: tuple[str, ...]) -> ColumnElement[bool]:
    holders = (
        select(Membership.user_id)
        .join(Role, col(Role.id) == col(Membership.role_id))
        .where(col(Role.code).in_(codes), col(Membership.valid_to).is_(None))
    )
    return col(User.id).in_(holders)


_ENABLED = col(User.is_disabled).is_(False)
USERS = ListSpec(
    entity=User,
    key=(col(User.id),),
    sorts={
        "username": (col(User.username),),
        "name": (col(User.name),),
        "created_at": (col(User.created_at),),
    },
    default_sort="username",
    codes=(col(User.username),),
    names=(col(User.name), col(User.email)),
    facets={
        "status": Choices(
            {
                "active": and_(_ENABLED, col(User.password_hash) != ""),
                "invited": and_(_ENABLED, col(User.password_hash) == ""),
                "disabled": and_(col(User.is_disabled)),
            }
        ),
        "second_factor": Choices(
            {"on": and_(col(User.totp_counter) > 0), "off": and_(col(User.totp_counter) == 0)}
        ),
        "role": Facet(col(User.id), where=_holds_role, is_counted=False),
    },
)


def _rows(session: Session, users: Sequence[User], today: date) -> list[UserRow]:
    ids = [row_id(user) for user in users]
    posts: dict[int, list[PostRow]] = {}
    for user_id, post in _posts(session, ids, today):
        posts.setdefault(user_id, []).append(post)
    seen = dict(
        session.exec(
            select(UserSession.user_id, func.max(UserSession.seen_at))
            .where(col(UserSession.user_id).in_(ids))
            .group_by(col(UserSession.user_id))
        ).all()
    )
    return [
        UserRow(
            username=user.username,
            name=user.name,
            email=user.email,
            status=_status(user),
            has_second_factor=has_second_factor(user),
            seen_at=seen.get(row_id(user)),
            posts=tuple(posts.get(row_id(user), ())),
            version=user.version,
        )
        for user in users
    ]


def _status(user: User) -> str:
    if user.is_disabled:
        return "disabled"
    return "active" if has_password(user) else "invited"


def _posts(session: Session, user_ids: Sequence[int], today: date) -> list[tuple[int, PostRow]]:
    """Posts of today, in companies the reader sees."""
    rows = session.exec(
        select(Membership, Partner, Role)
        .join(Partner, col(Partner.id) == col(Membership.partner_id))
        .join(Role, col(Role.id) == col(Membership.role_id))
        .where(col(Membership.user_id).in_(user_ids), Membership.as_of(today))
        .order_by(col(Membership.id))
    ).all()
    return [
        (
            membership.user_id,
            PostRow(
                partner_code=partner.code,
                partner_name=partner.name,
                partner_name_en=partner.name_en or partner.name,
                role_code=role.code,
                role_name=role.name,
                role_name_en=role.name_en,
                valid_from=membership.valid_from,
            ),
        )
        for membership, partner, role in rows
    ]


def get_user(session: Session, actor: Actor, *, username: str, now: datetime) -> UserDetail:
    """One user. Raises `ForbiddenError`, `NotFoundError` (for owners also people of other companies)."""
    user = find_person(session, actor, username, now=now)
    is_administrator = actor.can(Permission.ADMIN_ACCESS)
    link = session.exec(
        select(func.max(Invitation.expires_at)).where(
            Invitation.user_id == user.id,
            col(Invitation.used_at).is_(None),
            col(Invitation.expires_at) > now,
        )
    ).one()
    can_manage = _can_manage(session, actor, username, now=now)
    return UserDetail(
        user=_rows(session, [user], business_day(now, actor.zone))[0],
        created_at=user.created_at,
        link_until=link,
        sessions=sessions_of(session, user=user, now=now) if is_administrator else (),
        tokens=tokens_of(session, user=user, now=now) if is_administrator else (),
        is_self=user.id == actor.user_id,
        can_manage=can_manage,
        can_administer=is_administrator and can_manage,
        view_refusal=view_refusal(actor, resolve_actor(session, user, now=now)) or "",
    )


def _can_manage(session: Session, actor: Actor, username: str, *, now: datetime) -> bool:
    try:
        find_managed(session, actor, username, now=now)
    except DomainError:
        return False
    return True


def preview_reach(session: Session, actor: Actor, *, username: str, now: datetime) -> ReachPreview:
    """What somebody would see: per data set the level, and rows counted through that person's own scope.

    Administrators only, and of nobody who may do more (`HigherUserError`). Raises `NotFoundError`.
    """
    actor.require(Permission.ADMIN_ACCESS)
    user = find_managed(session, actor, username, now=now)
    eyes = resolve_actor(session, user, now=now)
    with seen_by(session, eyes) as theirs:
        rows = tuple(
            ReachRow(resource.value, eyes.scope(resource).level.value, _counts(theirs, resource))
            for resource in Resource
        )
    return ReachPreview(username, tuple(sorted(eyes.permissions)), rows)


def _counts(session: Session, resource: Resource) -> tuple[ReachCount, ...]:
    """Every table of a data set, as the session's actor sees it."""
    found = []
    for model in scoped_models():
        entity = cast(Any, model)
        if entity.__scope_resource__ != resource:
            continue
        count = session.exec(select(func.count()).select_from(entity)).one()
        name = next((name for name in ("number", "code", "key") if name in model.model_fields), "")
        examples: tuple[str, ...] = ()
        if name and count:
            newest = select(getattr(entity, name)).order_by(entity.id.desc()).limit(EXAMPLES)
            examples = tuple(session.exec(newest).all())
        found.append(ReachCount(entity.__tablename__, count, examples))
    return tuple(found)
