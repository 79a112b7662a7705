"""What every database starts with: GB/T 2260 regions, tiers with their scope levels, roles.

Idempotent: existing rows (an administrator may have changed them) are left alone.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from sqlmodel import Session, func, select

from ..kernel.access import Level, Permission, Resource
from ..kernel.db import row_id
from ..kernel.initials import fill_initials
from ..workbench import add_default_rules
from .models import Network, Region, RegionLevel, Role, Tier, TierScope
from .rules import child_path

_LOCK_KEY = 7_264_003
P, R, L = Permission, Resource, Level

PARTNER_PERMISSIONS = [
    P.COCKPIT_READ,
    P.PARTNERS_READ,
    P.CATALOG_READ,
    P.PRICES_READ,
    P.STOCK_READ,
    P.STOCK_WRITE,
    P.ORDERS_READ,
    P.ORDERS_PLACE,
    P.ORDERS_FULFIL,
    P.ORDERS_RECEIVE,
    P.ACCOUNTS_READ,
    P.ACCOUNTS_WRITE,
    P.CUSTOMERS_READ,
    P.CUSTOMERS_WRITE,
    P.USERS_INVITE,
]
_SUBTREE = {
    R.PARTNERS: L.SUBTREE,
    R.SALES_FIGURES: L.SUBTREE,
    R.SALES_DOCUMENTS: L.SUBTREE,
    R.STOCK: L.PARTNER,
    R.ACCOUNTS: L.PARTNER,
    R.PRICES: L.PARTNER,
    R.CUSTOMERS: L.PARTNER,
    R.WORK: L.PARTNER,
}
_OWN = dict.fromkeys(R, L.PARTNER)
# customers are known to the partner that sells to them, work to the company that does it
_ALL = dict.fromkeys(R, L.ALL) | {R.CUSTOMERS: L.PARTNER, R.WORK: L.PARTNER}
# code, name, English name, permissions, scope levels: rank is the position
TIERS: list[tuple[str, str, str, list[Permission], dict[Resource, Level]]] = [
    ("brand", "品牌商", "Brand", list(P), _ALL),
    ("province", "省级代理", "Provincial agent", PARTNER_PERMISSIONS, _SUBTREE | {R.SALES_FIGURES: L.ALL}),
    ("city", "市级代理", "City agent", PARTNER_PERMISSIONS, _SUBTREE),
    ("county", "县级代理", "County agent", PARTNER_PERMISSIONS, _SUBTREE),
    ("outlet", "终端门店", "Outlet", PARTNER_PERMISSIONS, _OWN),
    ("service", "服务商", "Service provider", [P.ORDERS_READ], {R.PARTNERS: L.PARTNER, R.WORK: L.PARTNER}),
]
ROLES: list[tuple[str, str, str, list[Permission]]] = [
    ("administrator", "系统管理员", "Administrator", list(P)),
    (
        "executive",
        "高管",
        "Executive",
        [
            P.COCKPIT_READ,
            P.PARTNERS_READ,
            P.CATALOG_READ,
            P.PRICES_READ,
            P.STOCK_READ,
            P.ORDERS_READ,
            P.ACCOUNTS_READ,
        ],
    ),
    (
        "operations",
        "运营",
        "Operations",
        [
            P.COCKPIT_READ,
            P.PARTNERS_READ,
            P.PARTNERS_WRITE,
            P.CATALOG_READ,
            P.CATALOG_WRITE,
            P.PRICES_READ,
            P.PRICES_WRITE,
            P.STOCK_READ,
            P.STOCK_WRITE,
            P.ORDERS_READ,
            P.ORDERS_FULFIL,
            P.CUSTOMERS_READ,
            P.CUSTOMERS_WRITE,
        ],
    ),
    (
        "finance",
        "财务",
        "Finance",
        [P.COCKPIT_READ, P.PARTNERS_READ, P.ACCOUNTS_READ, P.ACCOUNTS_WRITE, P.ORDERS_READ],
    ),
    ("owner", "经销商", "Distributor", PARTNER_PERMISSIONS),
]


def set_up(session: Session) -> None:
    """Insert regions, tiers and roles that are missing, fill in the initials of names that have none.

    Two processes that start together take turns.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock(_LOCK_KEY)))
    if session.exec(select(Region.id).where(Region.code == "CN")).first() is None:
        session.add_all(_regions())
        session.flush()
        _link_regions(session)
    known = set(session.exec(select(Tier.code)).all())
    for rank, (code, name, name_en, permissions, levels) in enumerate(TIERS):
        if code in known:
            continue
        tier = Tier(
            code=code, name=name, name_en=name_en, rank=rank, permissions=[str(p) for p in permissions]
        )
        session.add(tier)
        session.flush()
        session.add_all(
            TierScope(tier_id=row_id(tier), resource=resource, level=level)
            for resource, level in levels.items()
        )
    _open_new_resources(session)
    roles = set(session.exec(select(Role.code)).all())
    session.add_all(
        Role(code=code, name=name, name_en=name_en, permissions=[str(p) for p in permissions])
        for code, name, name_en, permissions in ROLES
        if code not in roles
    )
    network = session.get(Network, 1)
    if network is not None:  # founded by a version that knew no approvals
        add_default_rules(session, party_id=network.brand_id, currency=network.currency)
    session.flush()
    fill_initials(session)


def _open_new_resources(session: Session) -> None:
    """Give the standard tiers their level in a data set that came with a newer version."""
    known = set(session.exec(select(TierScope.resource).distinct()).all())
    tiers = {tier.code: row_id(tier) for tier in session.exec(select(Tier)).all()}
    session.add_all(
        TierScope(tier_id=tiers[code], resource=resource, level=level)
        for code, _, _, _, levels in TIERS
        for resource, level in levels.items()
        if resource not in known and code in tiers
    )


def _table(name: str) -> Iterator[dict[str, str]]:
    text = (files(__package__) / "tables" / name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def _regions() -> Iterator[Region]:
    root = Region(
        code="CN", name="中国", name_en="China", short_name="全国", level=RegionLevel.COUNTRY, path="CN/"
    )
    yield root
    paths = {"CN": root.path}
    for row in _table("regions_cn.csv"):
        path = child_path(paths[row["parent"]], row["code"])
        paths[row["code"]] = path
        yield Region(
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            short_name=row["short_name"],
            level=row["level"],
            path=path,
            longitude_e6=_micro_degrees(row["longitude"]),
            latitude_e6=_micro_degrees(row["latitude"]),
        )


def _link_regions(session: Session) -> None:
    regions = session.exec(select(Region)).all()
    ids = {region.path: row_id(region) for region in regions}
    for region in regions:
        parent_path = region.path.removesuffix("/").rpartition("/")[0]
        region.parent_id = ids.get(parent_path + "/") if parent_path else None
    session.flush()


def _micro_degrees(text: str) -> int | None:
    if not text:
        return None
    whole, _, fraction = text.partition(".")
    return int(whole) * 1_000_000 + int(fraction.ljust(6, "0")[:6])


@dataclass(frozen=True, slots=True)
class RegionTile:
    """Where a province stands in the tile map, and its one-character and ISO 3166-2 short names."""

    code: str
    short: str
    iso: str
    column: int
    row: int


@lru_cache(maxsize=1)
def region_tiles() -> tuple[RegionTile, ...]:
    """The tile map of the provinces of China."""
    return tuple(
        RegionTile(row["gbt2260"], row["short"], row["iso"], int(row["col"]), int(row["row"]))
        for row in _table("region_tiles.csv")
    )
