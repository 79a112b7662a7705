"""Who is signed in on this tab, what the navigation may show, and the language switch."""

from typing import Any

import reflex as rx
from sqlmodel import Session, col, select

from .. import gate, routes
from ..core.channels import Membership, Network, Partner, Role, Tier
from ..core.kernel.access import SYSTEM, Actor, User
from ..core.kernel.errors import UnauthenticatedError, msg
from ..core.kernel.settings import get_settings
from ..i18n import LANGUAGES, Locale, gettext
from ..i18n.presentation import own_name
from .base import Gate, own_states

SIGN_IN_ERRORS = {
    "bad_credentials": msg("User name or password is wrong."),
    "rate_limited": msg("Too many attempts. Try again in {minutes} minutes."),
    "not_found": msg("This demo user does not exist here."),
}


def _who(session: Session, actor: Actor) -> dict[str, Any]:
    partner = session.get(Partner, actor.partner_ids[0]) if actor.partner_ids else None
    network = session.get(Network, 1)
    return {
        "name": actor.name,
        "zone": actor.zone,
        "company": partner.name if partner else "",
        "permissions": sorted(actor.permissions),
        "is_brand": bool(network and network.brand_id in actor.partner_ids),
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


class Shell(Gate, rx.State):
    """The frame around every page."""

    user_name: str = ""
    company: str = ""
    permissions: list[str] = []
    is_brand: bool = False
    is_menu_open: bool = False
    demo_users: list[dict[str, str]] = []
    sign_in_error: str = ""
    sign_in_name: str = ""
    _seen_token: str = ""

    @rx.event
    async def open_page(self) -> Any:
        """Learn who is signed in; nobody goes to the login page and leaves no state behind."""
        token = self._credential().session_token
        if token != self._seen_token:
            await self._forget_everything()
            self._seen_token = token
        try:
            who = await self._read(_who)
        except UnauthenticatedError:
            return rx.redirect(routes.LOGIN)
        locale = await self.get_state(Locale)
        locale._zone = who["zone"]
        self.user_name = who["name"]
        self.company = who["company"]
        self.permissions = who["permissions"]
        self.is_brand = who["is_brand"]
        self.is_menu_open = False
        return None

    @rx.event
    async def open_login(self) -> None:
        """The login page: forget the last person, offer the demo users in demo mode."""
        await self._forget_everything()
        query = self.router.url.query_parameters
        error = SIGN_IN_ERRORS.get(query.get("error", ""))
        self.sign_in_error = gettext(error, await self._language()).format(minutes=15) if error else ""
        self.sign_in_name = query.get("username", "")[:64]
        if get_settings().demo:
            with gate.get_database().read(SYSTEM) as session:
                self.demo_users = _demo_users(session, await self._language())

    async def _forget_everything(self) -> None:
        for state in own_states():
            instance = await self.get_state(state)
            instance.reset()

    @rx.event
    async def switch_language(self) -> Any:
        """The other language, at once; what the server formatted is fetched again."""
        locale = await self.get_state(Locale)
        locale.lang = LANGUAGES[1] if locale.lang == LANGUAGES[0] else LANGUAGES[0]
        url = self.router.url
        return [
            rx.call_script(f"document.documentElement.lang = '{locale.lang.replace('_', '-')}'"),
            rx.redirect(url.path + (f"?{url.query}" if url.query else ""), replace=True),
        ]

    @rx.event
    def toggle_menu(self) -> None:
        """Show or hide the navigation on a small screen."""
        self.is_menu_open = not self.is_menu_open
