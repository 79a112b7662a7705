"""A small network to test stock and orders on: brand → Guangdong → Guangzhou and Shenzhen, one outlet."""

from datetime import UTC, date, datetime

from sqlmodel import Session, select

from distrib_app.core.catalog import create_category, create_product, create_sku
from distrib_app.core.channels import (
    NetworkPlan,
    ProductLine,
    add_membership,
    create_partner,
    found_network,
    resolve_actor,
)
from distrib_app.core.inventory import Balance, Location, Movement, create_location
from distrib_app.core.kernel.access import SYSTEM, Actor, User
from distrib_app.core.kernel.db import Database

NOW = datetime(2026, 10, 15, 4, 0, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
# user → (partner, role)
USERS = {
    "ops": ("BR", "operations"),
    "boss": ("BR", "executive"),
    "gd": ("GD", "owner"),
    "gz": ("GZ", "owner"),
    "sz": ("SZ", "owner"),
    "shop": ("OUT", "owner"),
}
# SKU → what differs from plain goods with 13 % tax
SKUS: dict[str, dict[str, object]] = {
    "AC": {},
    "TV": {},
    "BOX": {"order_multiple_qty": 5},
    "LATE": {"is_backorder_allowed": True},
    "POST": {"kind": "service", "tax_ppm": 60_000},
}
# location → (kind, owner, priority)
LOCATIONS = {
    "PLANT": ("plant", "BR", 0),
    "SOUTH": ("regional_warehouse", "BR", 1),
    "GD-WH": ("warehouse", "GD", 0),
    "GZ-WH": ("warehouse", "GZ", 0),
    "SZ-WH": ("warehouse", "SZ", 0),
}


def build_network(session: Session) -> None:
    """Partners, users, SKUs and locations; nothing in stock."""
    found_network(
        session,
        SYSTEM,
        plan=NetworkPlan(
            "BR", "远山电器", "Farhill", "CN", "CNY", "Asia/Shanghai", "province", "test", date(2026, 1, 1)
        ),
        now=LONG_AGO,
    )
    for code, tier, parent, region in (
        ("GD", "province", "BR", "440000"),
        ("GZ", "city", "GD", "440100"),
        ("SZ", "city", "GD", "440300"),
        ("OUT", "outlet", "GZ", "440100"),
    ):
        create_partner(
            session,
            SYSTEM,
            code=code,
            name=f"{code} 家电",
            tier_code=tier,
            parent_code=parent,
            region_code=region,
            kind="outlet" if tier == "outlet" else "agent",
            now=LONG_AGO,
        )
    for username, (partner, role) in USERS.items():
        session.add(User(username=username, name=username, password_hash="-", created_at=LONG_AGO))
        session.flush()
        add_membership(session, SYSTEM, username=username, partner_code=partner, role_code=role, now=LONG_AGO)
    session.add(ProductLine(code="HOME", name="家电", name_en="Home", path="HOME/"))
    session.flush()
    create_category(session, SYSTEM, code="ALL", name="全部", line_code="HOME", now=LONG_AGO)
    create_product(session, SYSTEM, code="P", name="产品", category_code="ALL", now=LONG_AGO)
    for code, extra in SKUS.items():
        create_sku(
            session,
            SYSTEM,
            code=code,
            name=f"商品 {code}",
            product_code="P",
            **({"tax_ppm": 130_000} | extra),
            now=LONG_AGO,
        )
    for code, (kind, owner, priority) in LOCATIONS.items():
        create_location(
            session,
            SYSTEM,
            code=code,
            name=code,
            kind=kind,
            partner_code=owner,
            region_code="440000",
            priority=priority,
            now=LONG_AGO,
        )


def actor(database: Database, username: str) -> Actor:
    """The user as an actor at `NOW`."""
    with database.read(SYSTEM) as session:
        user = session.exec(select(User).where(User.username == username)).one()
        return resolve_actor(session, user, now=NOW)


def stock(database: Database) -> dict[tuple[str, str], tuple[int, int]]:
    """(location, SKU) → (on hand, reserved) of every balance that is not empty."""
    from distrib_app.core.catalog import Sku

    with database.read(SYSTEM) as session:
        rows = session.exec(
            select(Location.code, Sku.code, Balance.on_hand_qty, Balance.reserved_qty)
            .join(Balance, Balance.location_id == Location.id)
            .join(Sku, Sku.id == Balance.sku_id)
        ).all()
    return {
        (place, sku): (on_hand, reserved) for place, sku, on_hand, reserved in rows if on_hand or reserved
    }


def check_stock(database: Database) -> None:
    """Every balance is the sum of its movements, and reserved never above on hand."""
    with database.read(SYSTEM) as session:
        sums: dict[tuple[int, int], list[int]] = {}
        for row in session.exec(select(Movement)):
            total = sums.setdefault((row.location_id, row.sku_id), [0, 0])
            total[0] += row.on_hand_delta
            total[1] += row.reserved_delta
        balances = {
            (row.location_id, row.sku_id): [row.on_hand_qty, row.reserved_qty]
            for row in session.exec(select(Balance))
        }
    assert {key: value for key, value in sums.items() if value != [0, 0]} == {
        key: value for key, value in balances.items() if value != [0, 0]
    }
    assert all(0 <= reserved <= on_hand for on_hand, reserved in balances.values())
