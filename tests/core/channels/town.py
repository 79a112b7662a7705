"""The network the tests of channels, scope and gate stand on, built once per database.

BR (brand, China) ─ GD (province agent, Guangdong) ─ GZ (city agent, Guangzhou) ─ TH (outlet, Tianhe)
                  │                                └ SZ (city agent, Shenzhen)
                  └ JS (province agent, Jiangsu) ─ NJ (city agent, Nanjing)
Users: `admin`, `ops` and `boss` of the brand, and an owner per agent named like it in small letters.
"""

from datetime import date

from sqlmodel import Session, func, select

from distrib_app.core import tables as _tables  # noqa: F401  (all tables, as in the app)
from distrib_app.core.channels import (
    Membership,
    Network,
    NetworkPlan,
    Partner,
    PartnerPath,
    ProductLine,
    Territory,
    TierScope,
    add_membership,
    create_partner,
    found_network,
    resolve_actor,
)
from distrib_app.core.kernel.access import SYSTEM, Actor, User
from distrib_app.core.kernel.db import Database, get_by, row_id
from distrib_app.core.kernel.events import Event
from tests.conftest import NOW

SINCE = date(2025, 1, 1)
PLAN = NetworkPlan("BR", "远山", "Yuanshan", "CN", "CNY", "Asia/Shanghai", "province", "town", SINCE)
AGENTS = (
    ("GD", "province", "BR", "440000", "agent"),
    ("GZ", "city", "GD", "440100", "agent"),
    ("TH", "outlet", "GZ", "440106", "outlet"),
    ("SZ", "city", "GD", "440300", "agent"),
    ("JS", "province", "BR", "320000", "agent"),
    ("NJ", "city", "JS", "320100", "agent"),
)
USERS = (
    ("admin", "BR", "administrator"),
    ("ops", "BR", "operations"),
    ("boss", "BR", "executive"),
    *((code.lower(), code, "owner") for code, *_ in AGENTS),
)

# what admits one more city agent
NEW = {"code": "FS", "name": "佛山", "tier_code": "city", "parent_code": "GD", "region_code": "440600"}


def build_town(session: Session) -> None:
    """Found the network, admit its partners, give every user a membership."""
    found_network(session, SYSTEM, plan=PLAN, now=NOW)
    session.add_all(
        ProductLine(code=code, name=code, name_en=code, path=f"{code}/") for code in ("TOOLS", "TOYS")
    )
    for code, tier, parent, region, kind in AGENTS:
        create_partner(
            session,
            SYSTEM,
            code=code,
            name=f"{code} 商贸",
            name_en=f"{code} Trading",
            tier_code=tier,
            parent_code=parent,
            region_code=region,
            kind=kind,
            since=SINCE,
            now=NOW,
        )
    session.add_all(
        User(username=name, name=name.upper(), password_hash="-", created_at=NOW) for name, *_ in USERS
    )
    session.flush()
    for name, partner, role in USERS:
        add_membership(session, SYSTEM, username=name, partner_code=partner, role_code=role, now=NOW)


def actor(database: Database, username: str) -> Actor:
    """The actor a user is now."""
    with database.read(SYSTEM) as session:
        return resolve_actor(session, get_by(session, User, "user", username=username), now=NOW)


def partner_ids(database: Database) -> dict[str, int]:
    """Ids by code."""
    with database.read(SYSTEM) as session:
        return {row.code: row_id(row) for row in session.exec(select(Partner))}


def paths(database: Database) -> dict[str, str]:
    """Present paths by code, written with codes: `BR/GD/GZ/`."""
    with database.read(SYSTEM) as session:
        rows = session.exec(select(Partner)).all()
    codes = {str(row.id): row.code for row in rows}
    return {row.code: "".join(f"{codes[part]}/" for part in row.path.strip("/").split("/")) for row in rows}


def record(database: Database) -> tuple[object, ...]:
    """What a refusal must not have touched: counts, the tree, statuses, versions and levels."""
    models = (Partner, PartnerPath, Membership, Territory, TierScope, Network, Event)
    with database.read(SYSTEM) as session:
        counts = tuple(session.exec(select(func.count()).select_from(model)).one() for model in models)
        partners = tuple(
            (row.code, row.path, row.status, row.version)
            for row in session.exec(select(Partner).order_by(Partner.code))
        )
        levels = tuple(
            (row.tier_id, row.resource, row.level)
            for row in session.exec(select(TierScope).order_by(TierScope.tier_id, TierScope.resource))
        )
    return counts, partners, levels
