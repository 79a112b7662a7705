"""Who is signed in on this tab, what the navigation may show, and the language switch."""

import asyncio
import time
from typing import Any

import reflex as rx
from sqlmodel import Session, col, select

from .. import gate, routes
from ..core.channels import Membership, Network, Partner, Role, Tier
from ..core.kernel.access import SYSTEM, Actor, User, access_version, get_preferences
from ..core.kernel.errors import UnauthenticatedError, msg
from ..core.kernel.settings import get_settings
from ..core.workbench import count_unread, inbox_count
from ..i18n import LANGUAGES, Locale, gettext
from ..i18n.presentation import in_language, own_name
from .base import Gate, own_states

RELEARN_SECONDS = 30
SIGN_IN_ERRORS = {
    "bad_credentials": msg("User name or password is wrong."),
    "rate_limited": msg("Too many attempts. Try again in {minutes} minutes."),
    "not_found": msg("This demo user does not exist here."),
    "too_late": msg("That took too long. Please sign in again."),
}


def _who(session: Session, actor: Actor, *, known: str) -> tuple[str, dict[str, Any] | None]:
    """The version of everybody's access and what the frame shows; None where that version is `known`."""
    version = ":".join(map(str, access_version(session)))
    return version, None if version == known else _frame(session, actor)


def _frame(session: Session, actor: Actor) -> dict[str, Any]:
    partner = session.get(Partner, actor.partner_ids[0]) if actor.partner_ids else None
    network = session.get(Network, 1)
    return {
        "name": actor.name,
        "is_viewing": actor.impersonated_by is not None,
        "preferences": get_preferences(session, actor),
        "company": (partner.name, partner.name_en) if partner else ("", ""),
        "permissions": sorted(actor.permissions),
        "is_brand": bool(network and network.brand_id in actor.partner_ids),
        "unread": count_unread(session, actor),
        "inbox": inbox_count(session, actor),
    }


def _demo_users(session: Session, language: str) -> list[dict[str, str]]:
    """Who can sign in with one click: staff of the brand by role, everybody else by tier."""
    found = session.exec(
        select(User, Role, Partner, Tier)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .join(Role, col(Role.id) == col(Membership.role_id))
        .join(Partner, col(Partner.id) == col(Membership.partner_id))
        .join(Tier, col(Tier.id) == col(Partner.tier_id))
        .where(User.is_demo)
        .order_by(col(User.id))
    ).all()
    brand = min((tier.rank for _, _, _, tier in found), default=0)
    return [
        {
            "username": user.username,
            "post": own_name(role if tier.rank == brand else tier, language),
            "name": user.name,
            "company": own_name(partner, language),
        }
        for user, role, partner, tier in found
    ]


def _few(count: int) -> str:
    """A count as a badge shows it; nothing for none."""
    return "" if not count else str(count) if count < 100 else "99+"


class Shell(Gate, rx.State):
    """The frame around every page."""

    user_name: str = ""
    company: str = ""
    is_viewing: bool = False
    is_ready: bool = False
    permissions: list[str] = []
    is_brand: bool = False
    is_menu_open: bool = False
    unread: str = ""
    inbox: str = ""
    demo_users: list[dict[str, str]] = []
    sign_in_error: str = ""
    sign_in_name: str = ""
    _seen_token: str = ""
    _seen_version: str = ""
    _learned_at: float = 0.0

    @rx.event
    async def open_page(self) -> Any:
        """Learn who is signed in; nobody goes to the login page and leaves no state behind."""
        token = self._credential().session_token
        if token != self._seen_token:
            await self._forget_everything()
            self._seen_token = token
        try:
            version, who = await self._read(_who, known=self._known_version())
        except UnauthenticatedError:
            return rx.redirect(routes.LOGIN)
        self.is_menu_open = False
        if who is None:
            return None
        self._seen_version, self._learned_at = version, time.monotonic()
        locale = await self.get_state(Locale)
        locale._follow(who["preferences"])
        self.user_name = who["name"]
        self.company = in_language(*who["company"], locale.lang)
        self.is_viewing = who["is_viewing"]
        self.permissions = who["permissions"]
        self.is_brand = who["is_brand"]
        self.unread = _few(who["unread"])
        self.inbox = _few(who["inbox"])
        return None

    def _known_version(self) -> str:
        """The state of everybody's access a moment ago; counts of what waits are read again after a while."""
        return self._seen_version if time.monotonic() - self._learned_at < RELEARN_SECONDS else ""

    def _show_inbox(self, count: int) -> None:
        """Another page has just counted what waits for a decision."""
        self.inbox = _few(count)

    @rx.event
    async def count_notices(self) -> None:
        """How many notices are unread; every visible tab asks this all the time, so it reads one number."""
        try:
            count = await asyncio.to_thread(gate.count_unread_notices, self._credential())
        except UnauthenticatedError as error:
            error.language = await self._language()
            raise
        if self.unread != _few(count):
            self.unread = _few(count)
            self.inbox = _few(await self._read(inbox_count))

    @rx.event
    async def open_login(self) -> None:
        """The login page: forget the last person, offer the demo users in demo mode."""
        await self._forget_everything()
        query = self.router.url.query_parameters
        error = SIGN_IN_ERRORS.get(query.get("error", ""))
        self.sign_in_error = gettext(error, await self._language()).format(minutes=15) if error else ""
        self.sign_in_name = query.get("username", "")[:64]
        self.is_ready = query.get("ready", "") == "1"
        if get_settings().demo:
            with gate.get_database().read(SYSTEM) as session:
                self.demo_users = _demo_users(session, await self._language())

    async def _forget_everything(self) -> None:
        if self._seen_token:  # what a stranger switched before signing in stays
            locale = await self.get_state(Locale)
            locale._forget()
        for state in own_states():
            instance = await self.get_state(state)
            instance.reset()

    @rx.event
    async def switch_language(self) -> Any:
        """The other language, at once; what the server formatted is fetched again."""
        locale = await self.get_state(Locale)
        locale.lang = LANGUAGES[1] if locale.lang == LANGUAGES[0] else LANGUAGES[0]
        locale._own_lang = locale.lang
        url = self.router.url
        return rx.redirect(url.path + (f"?{url.query}" if url.query else ""), replace=True)

    @rx.event
    async def keep_theme(self) -> None:
        """This tab was switched to light or dark; what its person prefers no longer changes that."""
        locale = await self.get_state(Locale)
        locale._has_own_theme = True
        locale.theme = ""

    @rx.event
    def toggle_menu(self) -> None:
        """Show or hide the navigation on a small screen."""
        self.is_menu_open = not self.is_menu_open
