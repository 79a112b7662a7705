"""Verbs of user accounts that others take: invite, open a link, disable, reset, end sessions and tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from ..kernel.access import (
    Actor,
    Permission,
    User,
    check_email,
    clear_second_factor,
    create_user,
    end_session,
    end_sessions,
    end_token,
    has_second_factor,
    is_known,
    open_invitation_link,
)
from ..kernel.clock import business_day
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import ConflictError, InvalidError, msg
from ..kernel.events import Event, emit
from ..workbench import Task, ask_approval, notify
from .managing import (
    administrator_ids,
    check_company,
    check_post,
    find_managed,
    keep_an_administrator,
    lock_administrators,
)
from .memberships import insert_membership
from .models import Partner, Role

ASKED_LATELY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class InvitationAnswer:
    """What came of an invitation: the one-time `link` (its token), or the task to be approved first."""

    username: str
    link: str = ""
    task_number: str = ""


def invite_user(
    session: Session,
    actor: Actor,
    *,
    username: str,
    name: str,
    email: str = "",
    partner_code: str,
    role_code: str,
    now: datetime,
) -> InvitationAnswer:
    """Invite somebody into one's own company or one below; administrators into any.

    The company's approval rule may ask somebody else first, unless the only administrator invites. Raises
    `NotFoundError`, `ForbiddenError`, `GrantAboveOwnLevelError`, `InvalidError`, `ConflictError`.
    """
    if not actor.can(Permission.ADMIN_ACCESS):
        actor.require(Permission.USERS_INVITE)
    partner = get_by(session, Partner, "partner", code=partner_code)
    check_company(session, actor, partner)
    role = get_by(session, Role, "role", code=role_code)
    check_post(session, actor, partner, role)
    if not name.strip():
        raise InvalidError(field="name", reason=msg("empty"))
    check_email(email)
    if is_known(session, username):
        raise ConflictError(subject=username)
    payload = {"username": username, "name": name.strip(), "email": email}
    task = None
    if not _is_alone(session, actor, now=now):
        task = ask_approval(
            session,
            actor,
            kind="user_invitation",
            subject=("user", username),
            title=msg("Invite {user} to {partner} as {role}"),
            facts={"user": username, "partner": partner.name, "role": role.name},
            owner_id=row_id(partner),
            payload=payload | {"partner": partner_code, "role": role_code},
            now=now,
        )
    if task is not None:
        return InvitationAnswer(username, task_number=task.number)
    user = _admit(session, actor, partner=partner, role=role, now=now, **payload)
    return InvitationAnswer(username, link=open_invitation_link(session, actor, user=user, now=now))


def _is_alone(session: Session, actor: Actor, *, now: datetime) -> bool:
    """Whether the only administrator acts, who has nobody to ask: there could never be a second one."""
    if not actor.can(Permission.ADMIN_ACCESS):
        return False
    return administrator_ids(session, day=business_day(now, actor.zone)) == [actor.user_id]


def open_invitation(session: Session, actor: Actor, task: Task, _amount: int | None, now: datetime) -> None:
    """The invitation was approved: the user exists; who asked opens the link on the user's page."""
    asked = task.payload
    _admit(
        session,
        actor,
        username=asked["username"],
        name=asked["name"],
        email=asked["email"],
        partner=get_by(session, Partner, "partner", code=asked["partner"]),
        role=get_by(session, Role, "role", code=asked["role"]),
        now=now,
    )


def _admit(
    session: Session,
    actor: Actor,
    *,
    username: str,
    name: str,
    email: str,
    partner: Partner,
    role: Role,
    now: datetime,
) -> User:
    user = create_user(
        session,
        username=username,
        name=name,
        password=None,
        email=email,
        language=partner.language,
        zone=partner.zone,
        now=now,
    )
    insert_membership(session, actor, user=user, partner=partner, role=role, now=now)
    emit(session, actor, "user.invited", subject=("user", username), now=now, partner=partner.code)
    return user


def open_link(session: Session, actor: Actor, *, username: str, now: datetime) -> str:
    """The token of a new one-time link: to join, or to choose another password. Shown once.

    Raises `ForbiddenError`, `NotFoundError`, `HigherUserError`.
    """
    user = find_managed(session, actor, username, now=now)
    if user.is_disabled:
        raise InvalidError(field="username", reason=msg("the user is disabled"))
    return open_invitation_link(session, actor, user=user, now=now)


def find_forgetful(session: Session, *, username: str, now: datetime) -> User | None:
    """Who has forgotten a password: an enabled user for whom nobody asked within a quarter of an hour."""
    user = session.exec(
        select(User).where(User.username == username, col(User.is_disabled).is_(False))
    ).one_or_none()
    lately = select(Event.id).where(
        Event.kind == "user.reset_asked",
        Event.subject_key == username,
        col(Event.occurred_at) > now - ASKED_LATELY,
    )
    return None if session.exec(lately).first() is not None else user


def tell_of_forgotten_password(session: Session, actor: Actor, *, user: User, now: datetime) -> None:
    """Somebody who cannot sign in asks for help: the administrators are told, who hand over a link."""
    emit(session, actor, "user.reset_asked", subject=("user", user.username), now=now)
    notify(
        session,
        user_ids=administrator_ids(session, day=business_day(now, actor.zone)),
        kind="user.reset_asked",
        title=msg("{user} has forgotten the password and asks for a link"),
        facts={"user": user.username},
        subject=("user", user.username),
        now=now,
    )


def set_user_disabled(
    session: Session,
    actor: Actor,
    *,
    username: str,
    is_disabled: bool,
    version: int | None = None,
    now: datetime,
) -> None:
    """Shut somebody out at once (sessions end), or let them in again.

    Raises `ForbiddenError`, `NotFoundError`, `HigherUserError`, `LastAdministratorError`, `StaleError`, and
    `InvalidError` for oneself.
    """
    lock_administrators(session)
    user = find_managed(session, actor, username, now=now)
    if user.id == actor.user_id:
        raise InvalidError(field="username", reason=msg("that is you"))
    check_version(user, version, username)
    user.is_disabled = is_disabled
    if is_disabled:
        end_sessions(session, user=user)
        keep_an_administrator(session, actor, now=now)
    kind = "user.disabled" if is_disabled else "user.enabled"
    emit(session, actor, kind, subject=("user", username), now=now)


def reset_second_factor(session: Session, actor: Actor, *, username: str, now: datetime) -> None:
    """Switch somebody's second factor off (a lost device); only administrators, and their sessions end."""
    actor.require(Permission.ADMIN_ACCESS)
    user = find_managed(session, actor, username, now=now)
    if not has_second_factor(user) or user.id == actor.user_id:
        raise InvalidError(field="username", reason=msg("there is no second factor to reset"))
    clear_second_factor(user)
    end_sessions(session, user=user)
    emit(session, actor, "user.second_factor_reset", subject=("user", username), now=now)


def end_user_session(session: Session, actor: Actor, *, username: str, key: str, now: datetime) -> None:
    """Sign a browser out: one's own, or as an administrator anybody's. Raises `NotFoundError`."""
    end_session(session, actor, user=_own_or_managed(session, actor, username, now), key=key, now=now)


def end_user_sessions(session: Session, actor: Actor, *, username: str, keep: str = "", now: datetime) -> int:
    """Sign every browser of a user out but the one whose token is `keep`; how many that were."""
    user = _own_or_managed(session, actor, username, now)
    count = end_sessions(session, user=user, keep=keep)
    emit(session, actor, "user.sessions_ended", subject=("user", username), now=now, count=count)
    return count


def end_user_token(session: Session, actor: Actor, *, username: str, key: str, now: datetime) -> None:
    """End a bearer token: one's own, or as an administrator anybody's. Raises `NotFoundError`."""
    end_token(session, actor, user=_own_or_managed(session, actor, username, now), key=key, now=now)


def _own_or_managed(session: Session, actor: Actor, username: str, now: datetime) -> User:
    if username == actor.username and not actor.token_scopes:
        return get_by(session, User, "user", username=username)
    actor.require(Permission.ADMIN_ACCESS)
    return find_managed(session, actor, username, now=now)
