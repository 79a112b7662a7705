"""From users of core to what their pages show: words, badges, rows of posts, browsers, tokens and reach."""

import re
from collections.abc import Sequence

from .. import routes
from ..core.channels import PostRow, ReachPreview, RoleRow, UserDetail, UserRow
from ..core.kernel.access import RESOURCE_NAMES, SessionRow, TokenRow
from ..core.kernel.errors import msg
from ..core.lists.administration import SECOND_FACTOR, USER_STATES
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, in_language, instant, number
from .partners_view import LEVELS, PERMISSIONS

STATUS_TONES = {"active": "good", "invited": "accent", "disabled": "bad"}
FACTOR_TONES = {"on": "good", "off": "neutral"}
# the tables a preview of reach names; lines and bookkeeping rows follow their documents
TABLES: dict[str, str] = {
    "partner": msg("Partners"),
    "sales_order": msg("Orders"),
    "shipment": msg("Shipments"),
    "sales_return": msg("Returns"),
    "location": msg("Locations"),
    "balance": msg("Stock balances"),
    "trading_account": msg("Trading accounts"),
    "invoice": msg("Invoices"),
    "receipt": msg("Receipts"),
    "price_row": msg("Price book rows"),
    "end_customer": msg("End customers"),
    "task": msg("Tasks"),
}
_BROWSERS = (
    ("Edg/", "Edge"),
    ("MicroMessenger", "WeChat"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def status(row: UserRow, language: str) -> dict[str, str]:
    """The status word and its tone."""
    return {
        "status": gettext(USER_STATES[row.status], language),
        "status_tone": STATUS_TONES[row.status],
        "status_code": row.status,
    }


def factor(is_on: bool, language: str) -> dict[str, str]:
    """Whether a second factor is on, as word and tone."""
    state = "on" if is_on else "off"
    return {
        "factor": gettext(SECOND_FACTOR[state], language),
        "factor_tone": FACTOR_TONES[state],
        "has_factor": "yes" if is_on else "",
    }


def user_row(row: UserRow, language: str, zone: str) -> dict[str, str]:
    """A user in a list; the first company stands for several."""
    companies = list(dict.fromkeys(_company(post, language) for post in row.posts))
    roles = list(dict.fromkeys(_role(post, language) for post in row.posts))
    return {
        "username": row.username,
        "username_href": routes.user(row.username),
        "name": row.name,
        "company": _first(companies),
        "role": _first(roles),
        "seen": instant(row.seen_at, zone),
        **status(row, language),
        **factor(row.has_second_factor, language),
    }


def _first(names: Sequence[str]) -> str:
    if not names:
        return NO_VALUE
    return names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}"


def _company(post: PostRow, language: str) -> str:
    return in_language(post.partner_name, post.partner_name_en, language)


def _role(post: PostRow, language: str) -> str:
    return in_language(post.role_name, post.role_name_en, language)


def facts(detail: UserDetail, language: str, zone: str) -> dict[str, str]:
    """The header and the key facts of one user."""
    row = detail.user
    return {
        "username": row.username,
        "name": row.name,
        "email": row.email or NO_VALUE,
        "created": instant(detail.created_at, zone),
        "seen": instant(row.seen_at, zone),
        "link_until": instant(detail.link_until, zone) if detail.link_until else "",
        "view_refusal": gettext(detail.view_refusal, language) if detail.view_refusal else "",
        **status(row, language),
        **factor(row.has_second_factor, language),
    }


def posts(rows: Sequence[PostRow], language: str) -> list[dict[str, str]]:
    """Who somebody acts for."""
    return [
        {
            "company": _company(row, language),
            "partner": row.partner_code,
            "role": _role(row, language),
            "role_code": row.role_code,
            "since": day(row.valid_from),
        }
        for row in rows
    ]


def sessions(rows: Sequence[SessionRow], language: str, zone: str) -> list[dict[str, str]]:
    """Where somebody is signed in."""
    return [
        {
            "key": row.key,
            "browser": browser(row.agent, language),
            "address": row.address or NO_VALUE,
            "since": instant(row.created_at, zone),
            "seen": instant(row.seen_at, zone),
            "current": gettext(msg("this browser"), language) if row.is_current else "",
            "viewing": gettext(msg("views as {user}"), language, user=row.viewing) if row.viewing else "",
        }
        for row in rows
    ]


def browser(agent: str, language: str) -> str:
    """A browser and its system by the names people know."""
    if not agent:
        return gettext(msg("Unknown browser"), language)
    name = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    version = re.search(r"(?:Edg|Firefox|Chrome|Version)/(\d+)", agent)
    named = f"{name} {version[1]}" if name and version else name
    return " · ".join(part for part in (named, system) if part) or agent[:40]


def tokens(rows: Sequence[TokenRow], language: str, zone: str) -> list[dict[str, str]]:
    """Which tokens act in somebody's name."""
    everything = gettext(msg("Everything the person may"), language)
    return [
        {
            "key": row.key,
            "name": row.name,
            "scopes": "、".join(permission(one, language) for one in row.scopes)
            if language == "zh_CN" and row.scopes
            else ", ".join(permission(one, language) for one in row.scopes) or everything,
            "created": instant(row.created_at, zone),
            "expires": instant(row.expires_at, zone),
            "used": instant(row.last_used_at, zone),
            "status": gettext(msg("Active") if row.is_live else msg("Expired"), language),
            "status_tone": "good" if row.is_live else "neutral",
        }
        for row in rows
    ]


def permission(code: str, language: str) -> str:
    """The words of a permission."""
    return gettext(PERMISSIONS[code], language) if code in PERMISSIONS else code


def permission_options(codes: Sequence[str], language: str) -> list[dict[str, str]]:
    """Permissions to choose from."""
    return [{"value": code, "text": permission(code, language)} for code in PERMISSIONS if code in codes]


def role_options(rows: Sequence[RoleRow], language: str) -> list[dict[str, str]]:
    """The roles the reader may give, those that may least first."""
    return [
        {"value": row.code, "text": in_language(row.name, row.name_en, language)}
        for row in sorted(rows, key=lambda row: len(row.permissions))
        if row.can_grant
    ]


def reach(preview: ReachPreview, language: str) -> list[dict[str, str]]:
    """A line per data set and table: the level, how many rows, and the newest few."""
    lines = []
    for row in preview.rows:
        resource = gettext(RESOURCE_NAMES[row.resource], language)
        level = {"level": gettext(LEVELS[row.level], language), "level_tone": _tone(row.level)}
        counts = [count for count in row.counts if count.table in TABLES]
        for place, count in enumerate(counts):
            lines.append(
                {
                    "resource": resource if place == 0 else "",
                    **(level if place == 0 else {"level": "", "level_tone": "none"}),
                    "table": gettext(TABLES[count.table], language),
                    "count": number(count.count, language),
                    "examples": ", ".join(count.examples) or NO_VALUE,
                }
            )
        if not counts:
            lines.append(
                {"resource": resource, **level, "table": NO_VALUE, "count": NO_VALUE, "examples": NO_VALUE}
            )
    return lines


def _tone(level: str) -> str:
    return {"none": "neutral", "all": "accent"}.get(level, "good")
