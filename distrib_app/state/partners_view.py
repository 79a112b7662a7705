"""From partners and tiers of core to what their pages show: words, badges, matrix cells."""

from collections.abc import Mapping, Sequence

from .. import routes
from ..core.channels import (
    MemberRow,
    PartnerDetail,
    PartnerKind,
    PartnerRow,
    PartnerStatus,
    RegionRow,
    TerritoryRow,
    TierRow,
)
from ..core.kernel.access import RESOURCE_NAMES, Level, Permission
from ..core.kernel.errors import msg
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, in_language, number, own_name

STATUSES: dict[str, tuple[str, str]] = {
    PartnerStatus.ACTIVE: (msg("Active"), "good"),
    PartnerStatus.SUSPENDED: (msg("Suspended"), "bad"),
    PartnerStatus.APPLICANT: (msg("Applicant"), "accent"),
    PartnerStatus.TERMINATED: (msg("Terminated"), "neutral"),
}
KINDS: dict[str, str] = {
    PartnerKind.BRAND: msg("Brand"),
    PartnerKind.AGENT: msg("Agent"),
    PartnerKind.OUTLET: msg("Outlet"),
    PartnerKind.SERVICE: msg("Service provider"),
}
LEVELS: dict[str, str] = {
    Level.NONE: msg("Nothing"),
    Level.OWN: msg("Own records"),
    Level.PARTNER: msg("Own company"),
    Level.SUBTREE: msg("Own and below"),
    Level.TERRITORY: msg("Territory"),
    Level.ALL: msg("Everything"),
}
PERMISSIONS: dict[str, str] = {
    Permission.COCKPIT_READ: msg("See the cockpit"),
    Permission.PARTNERS_READ: msg("See partners"),
    Permission.PARTNERS_WRITE: msg("Manage partners"),
    Permission.CATALOG_READ: msg("See the catalogue"),
    Permission.CATALOG_WRITE: msg("Manage the catalogue"),
    Permission.PRICES_READ: msg("See prices"),
    Permission.PRICES_WRITE: msg("Set prices"),
    Permission.STOCK_READ: msg("See stock"),
    Permission.STOCK_WRITE: msg("Move stock"),
    Permission.ORDERS_READ: msg("See orders"),
    Permission.ORDERS_PLACE: msg("Place orders"),
    Permission.ORDERS_FULFIL: msg("Fulfil orders"),
    Permission.ORDERS_RECEIVE: msg("Receive goods"),
    Permission.ACCOUNTS_READ: msg("See accounts"),
    Permission.ACCOUNTS_WRITE: msg("Record receipts, set credit"),
    Permission.CUSTOMERS_READ: msg("See end customers"),
    Permission.CUSTOMERS_WRITE: msg("Manage end customers"),
    Permission.USERS_INVITE: msg("Invite people"),
    Permission.ADMIN_ACCESS: msg("Administer access"),
}
CHILDREN_SHOWN = 100


def status(value: str, language: str) -> dict[str, str]:
    """The status word and its tone."""
    text, tone = STATUSES[value]
    return {"status": gettext(text, language), "status_tone": tone}


def partner_row(row: PartnerRow, language: str) -> dict[str, str]:
    """A partner in a list."""
    return {
        "code": row.code,
        "code_href": routes.partner(row.code),
        "name": own_name(row, language),
        "tier": in_language(row.tier_name, row.tier_name_en, language),
        "parent": in_language(row.parent_name, row.parent_name_en, language) or NO_VALUE,
        "region": in_language(row.region_name, row.region_name_en, language),
        **status(row.status, language),
    }


def options(pairs: Mapping[str, str], language: str) -> list[dict[str, str]]:
    """Choices from a table of value and message."""
    return [{"value": value, "text": gettext(text, language)} for value, text in pairs.items()]


def tier_options(tiers: Sequence[TierRow], language: str, *, with_brand: bool = True) -> list[dict[str, str]]:
    """Tiers to choose from; a new partner is never the brand itself (the first rank)."""
    shown = tiers if with_brand else tiers[1:]
    return [{"value": tier.code, "text": in_language(tier.name, tier.name_en, language)} for tier in shown]


def next_tier(tiers: Sequence[TierRow], tier_code: str) -> str:
    """The tier right below `tier_code`, offered first for a new partner; the same one at the end."""
    codes = [tier.code for tier in tiers]
    return codes[min(codes.index(tier_code) + 1, len(codes) - 1)]


def region_options(partner: PartnerRow, regions: Sequence[RegionRow], language: str) -> list[dict[str, str]]:
    """Regions a code field suggests: the partner's own, and those right below it."""
    own = {
        "value": partner.region_code,
        "text": in_language(partner.region_name, partner.region_name_en, language),
    }
    return [own, *({"value": row.code, "text": own_name(row, language)} for row in regions)]


def facts(detail: PartnerDetail, language: str, *, is_parent_seen: bool) -> dict[str, str]:
    """The header and the key facts."""
    row = detail.partner
    return {
        **partner_row(row, language),
        "status_code": row.status,
        "kind": gettext(KINDS[row.kind], language),
        "region_code": row.region_code,
        "parent_code": row.parent_code,
        "parent_href": routes.partner(row.parent_code) if is_parent_seen and row.parent_code else "",
        "zone": detail.zone,
        "child_count": _count(len(detail.children), language),
    }


def _count(shown: int, language: str) -> str:
    return number(shown, language) + ("+" if shown >= CHILDREN_SHOWN else "")


def territories(rows: Sequence[TerritoryRow], language: str) -> list[dict[str, str]]:
    """What a partner was granted; `–` where no end is agreed."""
    return [
        {
            "region": in_language(row.region_name, row.region_name_en, language),
            "line": in_language(row.line_name, row.line_name_en, language)
            or gettext(msg("All product lines"), language),
            "kind": gettext(msg("Exclusive") if row.is_exclusive else msg("Shared"), language),
            "kind_tone": "accent" if row.is_exclusive else "neutral",
            "since": day(row.valid_from),
            "until": day(row.valid_to),
        }
        for row in rows
    ]


def members(rows: Sequence[MemberRow], language: str) -> list[dict[str, str]]:
    """Who acts for a partner."""
    return [
        {
            "name": row.name,
            "username": row.username,
            "role": in_language(row.role_name, row.role_name_en, language),
        }
        for row in rows
    ]


def event_words(detail: PartnerDetail, language: str) -> dict[str, str]:
    """What the codes in a partner's events mean: statuses, and the regions of its territories."""
    words = {value: gettext(text, language) for value, (text, _) in STATUSES.items()}
    return words | {
        row.region_code: in_language(row.region_name, row.region_name_en, language)
        for row in detail.territories
    }


# --- tiers --------------------------------------------------------------------------------------------


def tier_heads(tiers: Sequence[TierRow], language: str) -> list[dict[str, str]]:
    """The columns of the matrix: a tier and how many partners the reader sees there, if any."""
    return [
        {
            "code": tier.code,
            "name": in_language(tier.name, tier.name_en, language),
            "count": number(tier.partner_count, language) if tier.partner_count else "",
        }
        for tier in tiers
    ]


def level_matrix(tiers: Sequence[TierRow], language: str) -> list[list[dict[str, str]]]:
    """A line a resource; its first cell names it, the others hold the level of each tier."""
    return [
        [
            {"tier": "", "resource": resource, "level": "", "text": gettext(name, language), "label": ""},
            *(
                {
                    "tier": tier.code,
                    "resource": resource,
                    "level": tier.levels[resource],
                    "text": gettext(LEVELS[tier.levels[resource]], language),
                    "label": f"{in_language(tier.name, tier.name_en, language)}: {gettext(name, language)}",
                }
                for tier in tiers
            ),
        ]
        for resource, name in RESOURCE_NAMES.items()
    ]


def permission_matrix(tiers: Sequence[TierRow], language: str) -> list[list[dict[str, str]]]:
    """A line a permission: which tiers may have it at all."""
    return [
        [
            {"tier": "", "permission": permission, "text": gettext(name, language), "has": "", "label": ""},
            *(
                {
                    "tier": tier.code,
                    "permission": permission,
                    "text": "",
                    "has": "yes" if permission in tier.permissions else "",
                    "label": f"{own_name(tier, language)}: {gettext(name, language)}",
                }
                for tier in tiers
            ),
        ]
        for permission, name in PERMISSIONS.items()
    ]
