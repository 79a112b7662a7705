"""Lists of administration: people, and everything that happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from ..channels import UserRow, list_users
from ..kernel.access import Actor, Permission
from ..kernel.audit import AuditRow, search_audit
from ..kernel.errors import msg
from ..kernel.listing import Listing
from ..kernel.money import CURRENCIES, Money
from .frame import Asked, FacetWords, ListColumn, ListPage, Reader

USER_STATES = {"active": msg("Active"), "invited": msg("Invited"), "disabled": msg("Disabled")}
SECOND_FACTOR = {"on": msg("On"), "off": msg("Off")}
# the words of events that administration itself writes; other kinds speak for themselves
EVENT_KINDS = {
    "sign_in.succeeded": msg("Signed in"),
    "sign_in.failed": msg("Sign-in failed"),
    "sign_in.code_failed": msg("Wrong code at sign-in"),
    "sign_in.proof_failed": msg("Wrong password or code"),
    "sign_in.locked": msg("Sign-in locked"),
    "user.invited": msg("User invited"),
    "user.link_opened": msg("One-time link opened"),
    "user.joined": msg("Invitation accepted"),
    "user.reset_asked": msg("Password forgotten"),
    "user.password_reset": msg("Password reset"),
    "user.password_changed": msg("Password changed"),
    "user.profile_changed": msg("Profile changed"),
    "user.preferences_changed": msg("Preferences changed"),
    "user.disabled": msg("User disabled"),
    "user.enabled": msg("User enabled"),
    "user.session_ended": msg("Browser signed out"),
    "user.sessions_ended": msg("All browsers signed out"),
    "user.token_issued": msg("Token issued"),
    "user.token_ended": msg("Token ended"),
    "user.second_factor_begun": msg("Second factor begun"),
    "user.second_factor_on": msg("Second factor on"),
    "user.second_factor_off": msg("Second factor off"),
    "user.second_factor_reset": msg("Second factor reset"),
    "user.recovery_codes_renewed": msg("Recovery codes renewed"),
    "admin.view_as_started": msg("View as somebody began"),
    "admin.view_as_ended": msg("View as somebody ended"),
    "membership.added": msg("Post given"),
    "membership.ended": msg("Post ended"),
    "role.created": msg("Role added"),
    "role.changed": msg("Role changed"),
    "tier.created": msg("Tier added"),
    "tier.renamed": msg("Tier renamed"),
    "tier.order_changed": msg("Tiers put in order"),
    "tier.permission_changed": msg("Permission of a tier changed"),
    "tier.scope_changed": msg("Level of a tier changed"),
}


def _read_users(session: Session, actor: Actor, asked: Asked, now: datetime) -> Listing[Any]:
    return list_users(session, actor, query=asked.query, now=now)


def _read_audit(session: Session, actor: Actor, asked: Asked, _now: datetime) -> Listing[Any]:
    return search_audit(session, actor, query=asked.query)


def companies(row: UserRow, to: Reader) -> str:
    """The companies somebody acts for."""
    names = dict.fromkeys(to.name(post.partner_name, post.partner_name_en) for post in row.posts)
    return ", ".join(names)


def roles(row: UserRow, to: Reader) -> str:
    """The roles somebody holds."""
    return ", ".join(dict.fromkeys(to.name(post.role_name, post.role_name_en) for post in row.posts))


def facts(payload: Mapping[str, Any]) -> str:
    """The facts of an event on one line."""
    currency = str(payload.get("currency", ""))
    return " · ".join(f"{name}: {_plain(name, value, currency)}" for name, value in payload.items())


def _plain(name: str, value: Any, currency: str) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if name.endswith("_amount") and isinstance(value, int) and currency in CURRENCIES:
        return str(Money(currency, value))
    return str(value)


def _who(row: AuditRow, to: Reader) -> str:
    return f"{row.name} ({row.username})" if row.username else to.say(msg("System"))


def _subject(row: AuditRow, to: Reader) -> str:
    return f"{to.say(row.subject_kind)} {row.subject_key}"


USERS = ListPage(
    title=msg("Users"),
    permission=Permission.USERS_INVITE,
    read=_read_users,
    columns=(
        ListColumn("username", msg("User name"), lambda row, to: row.username, "username"),
        ListColumn("name", msg("Full name"), lambda row, to: row.name, "name"),
        ListColumn("company", msg("Company"), companies),
        ListColumn("role", msg("Role"), roles),
        ListColumn(
            "factor",
            msg("Second factor"),
            lambda row, to: to.say(SECOND_FACTOR["on" if row.has_second_factor else "off"]),
        ),
        ListColumn("seen", msg("Last seen"), lambda row, to: to.local(row.seen_at)),
        ListColumn("status", msg("Status"), lambda row, to: to.say(USER_STATES[row.status])),
    ),
    facets={
        "status": FacetWords(msg("Status"), USER_STATES),
        "second_factor": FacetWords(msg("Second factor"), SECOND_FACTOR),
        "role": FacetWords(msg("Role")),
    },
)
AUDIT = ListPage(
    title=msg("Audit"),
    permission=Permission.ADMIN_ACCESS,
    read=_read_audit,
    columns=(
        ListColumn("when", msg("When"), lambda row, to: to.local(row.occurred_at), "occurred_at"),
        ListColumn("who", msg("Who"), _who),
        ListColumn(
            "what",
            msg("What"),
            lambda row, to: to.say(EVENT_KINDS[row.kind]) if row.kind in EVENT_KINDS else row.kind,
        ),
        ListColumn(
            "subject", msg("Subject"), lambda row, to: f"{to.say(row.subject_kind)} {row.subject_key}"
        ),
        ListColumn("facts", msg("Details"), lambda row, to: facts(row.payload)),
    ),
    facets={
        "kind": FacetWords(msg("Event"), EVENT_KINDS),
        "user": FacetWords(msg("Who")),
        "subject": FacetWords(msg("Kind")),
        "from": FacetWords(msg("First day")),
        "to": FacetWords(msg("Last day")),
    },
)
