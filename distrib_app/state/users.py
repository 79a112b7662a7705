"""Users: the list with its invitations, and one user with posts, browsers, tokens and reach."""

from datetime import datetime
from typing import Any
from urllib.parse import unquote

import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.channels import (
    Partner,
    RoleRow,
    UserDetail,
    UserRow,
    add_membership,
    end_membership,
    end_user_session,
    end_user_sessions,
    end_user_token,
    get_user,
    invite_user,
    list_roles,
    open_link,
    preview_reach,
    reset_second_factor,
    set_user_disabled,
)
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import ForbiddenError, NotFoundError, msg
from . import users_view as view
from .base import Gate
from .listed import Listed


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {key: str(value).strip() for key, value in values.items()}


def _form(session: Session, actor: Actor, *, now: datetime) -> tuple[tuple[RoleRow, ...], str]:
    partner = session.get(Partner, actor.partner_ids[0]) if actor.partner_ids else None
    return list_roles(session, actor, now=now), partner.code if partner else ""


class UserList(Listed, rx.State):
    """Users in reach, and the form that invites more."""

    role_options: list[dict[str, str]] = []
    own_company: str = ""
    invited: str = ""
    invited_link: str = ""
    invited_task: str = ""
    invited_task_href: str = ""
    form_key: int = 0
    _list: str = "users"

    def _row(self, row: UserRow, language: str, zone: str) -> dict[str, str]:
        return view.user_row(row, language, zone)

    @rx.event
    async def open_form(self) -> None:
        """What the form offers; what was shown once is gone."""
        try:
            roles, company = await self._read(_form, now=utc_now())
        except ForbiddenError:
            return
        self.role_options = view.role_options(roles, await self._language())
        self.own_company = company
        self.invited = ""
        self.invited_link = ""
        self.invited_task = ""
        self.invited_task_href = ""

    @rx.event
    async def invite(self, values: dict[str, Any]) -> Any:
        """Invite somebody; the one-time link is shown once, or the task that asks for approval."""
        form = _texts(values)
        answer = await self._write(
            invite_user,
            username=form.get("new_username", "").lower()[:64],
            name=form.get("name", "")[:120],
            email=form.get("email", "")[:200],
            partner_code=form.get("partner", "")[:40],
            role_code=form.get("role", "")[:40],
        )
        self.invited = answer.username
        self.invited_link = _full(self, answer.link)
        self.invited_task = answer.task_number
        self.invited_task_href = routes.subject("task", answer.task_number) if answer.task_number else ""
        self.form_key += 1
        return [type(self).load, await self._say(msg("{user} was invited."), user=answer.username)]


def _full(state: Gate, link: str) -> str:
    """The address of a one-time link as somebody else can open it."""
    return state.router.url.origin.rstrip("/") + routes.invitation(link) if link else ""


class UserRecord(Gate, rx.State):
    """One user: facts, posts, browsers, tokens, what would be seen."""

    is_loaded: bool = False
    is_missing: bool = False
    is_self: bool = False
    can_manage: bool = False
    can_administer: bool = False
    facts: dict[str, str] = {}
    posts: list[dict[str, str]] = []
    sessions: list[dict[str, str]] = []
    api_keys: list[dict[str, str]] = []
    role_options: list[dict[str, str]] = []
    reach: list[dict[str, str]] = []
    link: str = ""
    form_key: int = 0
    _shown: str = ""
    _version: int = 0

    @rx.event
    async def load(self) -> None:
        """Read the user the URL names; what was shown once is gone."""
        self._shown = unquote(self.router.url.path.rstrip("/").rpartition("/")[2])[:64]
        await self._reload()
        self.link = ""
        self.reach = []

    async def _reload(self) -> None:
        try:
            detail, roles = await self._read(_user, username=self._shown, now=utc_now())
        except (NotFoundError, ForbiddenError):
            self.is_missing = True
            self.is_loaded = True
            return
        language, zone = await self._language(), await self._zone()
        self.facts = view.facts(detail, language, zone)
        self.posts = view.posts(detail.user.posts, language)
        self.sessions = view.sessions(detail.sessions, language, zone)
        self.api_keys = view.tokens(detail.tokens, language, zone)
        self.role_options = view.role_options(roles, language)
        self.is_self = detail.is_self
        self.can_manage = detail.can_manage
        self.can_administer = detail.can_administer
        self._version = detail.user.version
        self.is_missing = False
        self.is_loaded = True

    async def _done(self) -> Any:
        await self._reload()
        return await self._say(msg("Saved."))

    @rx.event
    async def set_access(self, status: str) -> Any:
        """Shut the user out, or let in again."""
        await self._write(
            set_user_disabled,
            username=self._shown,
            is_disabled=status == "disabled",
            version=self._version,
        )
        return await self._done()

    @rx.event
    async def hand_link(self) -> Any:
        """A new one-time link, shown once."""
        link = await self._write(open_link, username=self._shown)
        self.link = _full(self, link)
        await self._reload()

    @rx.event
    async def add_post(self, values: dict[str, Any]) -> Any:
        """A role in a company."""
        form = _texts(values)
        await self._write(
            add_membership,
            username=self._shown,
            partner_code=form.get("partner", "")[:40],
            role_code=form.get("role", "")[:40],
        )
        self.form_key += 1
        return await self._done()

    @rx.event
    async def end_post(self, partner: str, role: str) -> Any:
        """End a role in a company at once."""
        await self._write(end_membership, username=self._shown, partner_code=partner, role_code=role)
        return await self._done()

    @rx.event
    async def end_session(self, key: str) -> Any:
        """Sign one browser out."""
        await self._write(end_user_session, username=self._shown, key=key)
        return await self._done()

    @rx.event
    async def end_sessions(self) -> Any:
        """Sign every browser out (but this one, where it is one's own)."""
        keep = self._credential().session_token
        await self._write(end_user_sessions, username=self._shown, keep=keep)
        return await self._done()

    @rx.event
    async def end_key(self, key: str) -> Any:
        """End a bearer token."""
        await self._write(end_user_token, username=self._shown, key=key)
        return await self._done()

    @rx.event
    async def reset_factor(self) -> Any:
        """Switch the second factor off after a lost device."""
        await self._write(reset_second_factor, username=self._shown)
        return await self._done()

    @rx.event
    async def show_reach(self) -> None:
        """What this user may do and would see."""
        preview = await self._read(preview_reach, username=self._shown, now=utc_now())
        self.reach = view.reach(preview, await self._language())


def _user(
    session: Session, actor: Actor, *, username: str, now: datetime
) -> tuple[UserDetail, tuple[RoleRow, ...]]:
    if not actor.can(Permission.ADMIN_ACCESS):
        actor.require(Permission.USERS_INVITE)
    return get_user(session, actor, username=username, now=now), list_roles(session, actor, now=now)
