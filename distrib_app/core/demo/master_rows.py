"""Writes the demo's master data: partners, territories, sign-ins, catalogue, prices, locations, accounts."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from ..accounts.models import TradingAccount
from ..catalog.models import Category, Product, Sku, SkuKind
from ..channels import Membership, Partner, PartnerPath, ProductLine, Role, Territory, Tier
from ..inventory.models import Location
from ..kernel.access import User
from ..kernel.db import row_id
from ..kernel.errors import ConflictError
from ..kernel.events import Event
from ..kernel.words import initials
from ..pricing.models import PriceRow
from .assortment import CATEGORIES, LINES, LOT_LINE, MIN_LIFE_DAYS
from .catalogue import TAX_PPM, CatalogueDraft
from .demand import Account
from .lanes import packed
from .locations import LocationPlan
from .network import USER_NAMES, NetworkDraft
from .prices import PRICE_COLUMNS, PricePlan, price_rows
from .trade import CURRENCY
from .writer import Writer, as_json

# Argon2id of "demo-demo-1", the same for every demo user: sign-ins exist only while demo mode is on.
DEMO_PASSWORD = "demo-demo-1"
_DEMO_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$vijdDKYUTWfP0i7JKIVFRQ$x8diWHpl+5BCzsBibydSQRp4SJbhjsl7IreLlV3xrsw"
)


def tier_ids(session: Session) -> dict[str, int]:
    """Ids of the tiers by code."""
    return {tier.code: row_id(tier) for tier in session.exec(select(Tier))}


def write_partners(writer: Writer, network: NetworkDraft, tiers: dict[str, int]) -> None:
    """Partners below the brand with their tree paths, and that they were admitted."""
    parties = network.parties[1:]
    writer.insert(
        Partner,
        (
            "id", "version", "code", "name", "name_en", "initials", "kind", "tier_id", "parent_id", "path",
            "region_id", "status", "language", "zone", "created_at",
        ),
        (
            (
                party.id, 1, party.code, party.name, party.name_en, initials(party.name), str(party.kind),
                tiers[party.tier], party.parent.id if party.parent else None, party.path,
                party.home.region_id, str(party.status), "zh_CN", "Asia/Shanghai", writer.founded_at,
            )
            for party in parties
        ),
    )  # fmt: skip
    writer.insert(
        PartnerPath,
        ("partner_id", "parent_id", "path", "valid_from", "recorded_at"),
        (
            (p.id, p.parent.id if p.parent else None, p.path, writer.founded_on, writer.founded_at)
            for p in parties
        ),
    )
    writer.insert(
        Event,
        ("kind", "subject_kind", "subject_key", "occurred_at", "payload"),
        (
            ("partner.created", "partner", party.code, writer.founded_at, as_json({"tier": party.tier}))
            for party in parties
        ),
    )


def write_territories(writer: Writer, network: NetworkDraft) -> None:
    """Territories for all product lines, without an end."""
    writer.insert(
        Territory,
        ("partner_id", "region_id", "is_exclusive", "valid_from", "recorded_at"),
        (
            (grant.party.id, grant.region_id, grant.is_exclusive, writer.founded_on, writer.founded_at)
            for grant in network.grants
        ),
    )


def check_user_names(session: Session) -> None:
    """Refuse with `ConflictError` when a demo user's name is taken."""
    taken = session.exec(select(User.username).where(col(User.username).in_(USER_NAMES))).first()
    if taken is not None:
        raise ConflictError(subject=taken)


def write_sign_ins(writer: Writer, network: NetworkDraft) -> None:
    """Demo users, each in one role at one partner."""
    session = writer.session
    roles = {role.code: row_id(role) for role in session.exec(select(Role))}
    for sign_in in network.sign_ins:
        user = User(
            username=sign_in.username,
            name=sign_in.name,
            password_hash=_DEMO_HASH,
            is_demo=True,
            created_at=writer.now,
        )
        session.add(user)
        session.flush()
        session.add(
            Membership(
                user_id=row_id(user),
                partner_id=sign_in.party.id,
                role_id=roles[sign_in.role],
                valid_from=writer.timeline.start,
                recorded_at=writer.now,
            )
        )
    session.flush()


def write_catalogue(writer: Writer, catalogue: CatalogueDraft) -> None:
    """Product lines, categories, products and SKUs."""
    session = writer.session
    lines = [ProductLine(code=code, name=zh, name_en=en, path=f"{code}/") for code, zh, en in LINES]
    for line in lines:
        line.is_lot_tracked = line.code == LOT_LINE
        line.min_life_days = MIN_LIFE_DAYS if line.is_lot_tracked else 0
    session.add_all(lines)
    session.flush()
    line_ids = {line.code: row_id(line) for line in lines}
    categories = [
        Category(code=plan.code, name=plan.name, name_en=plan.name_en, product_line_id=line_ids[plan.line])
        for plan in CATEGORIES
    ]
    session.add_all(categories)
    session.flush()
    first = writer.first_id(Product)
    writer.insert(
        Product,
        ("id", "version", "code", "name", "name_en", "description", "category_id"),
        (
            (
                first + index,
                1,
                plan.code,
                plan.name,
                plan.name_en,
                "",
                row_id(categories[plan.category_index]),
            )
            for index, plan in enumerate(catalogue.products)
        ),
    )
    writer.insert(
        Sku,
        (
            "id", "version", "code", "name", "name_en", "initials", "product_id", "kind", "unit", "barcode",
            "tax_ppm", "order_multiple_qty", "is_backorder_allowed", "is_orderable", "weight_g", "volume_cm3",
        ),
        (
            (
                sku.id, 1, sku.code, sku.name, sku.name_en, initials(sku.name), first + sku.product_index,
                str(SkuKind.GOODS), sku.category.unit, sku.barcode, TAX_PPM, 1,
                sku.is_backorder_allowed, True, *packed(sku),
            )
            for sku in catalogue.skus
        ),
    )  # fmt: skip


def write_prices(
    writer: Writer,
    prices: PricePlan,
    catalogue: CatalogueDraft,
    network: NetworkDraft,
    tiers: dict[str, int],
) -> None:
    """The price book of the brand and of everybody who resells."""
    writer.insert(PriceRow, PRICE_COLUMNS, price_rows(prices, catalogue, network, writer.timeline, tiers))


def write_locations(writer: Writer, locations: Sequence[LocationPlan]) -> None:
    """Places that hold stock."""
    writer.insert(
        Location,
        (
            "id", "version", "code", "name", "name_en", "kind", "partner_id", "partner_path", "region_id",
            "priority",
        ),
        (
            (
                plan.id, 1, plan.code, plan.name, plan.name_en, str(plan.kind), plan.party.id,
                plan.party.path, plan.home.region_id, plan.priority,
            )
            for plan in locations
        ),
    )  # fmt: skip


def write_accounts(writer: Writer, accounts: Sequence[Account]) -> None:
    """Trading accounts with their terms and limits."""
    writer.insert(
        TradingAccount,
        (
            "id", "version", "seller_id", "buyer_id", "seller_path", "buyer_path", "currency", "terms_days",
            "credit_limit_amount", "temporary_limit_amount", "is_closed", "created_at",
        ),
        (
            (
                account.id, 1, account.seller.id, account.buyer.id, account.seller.path, account.buyer.path,
                CURRENCY, account.terms_days, account.limit_amount, 0, False, writer.founded_at,
            )
            for account in accounts
        ),
    )  # fmt: skip
