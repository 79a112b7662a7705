"""Sheets of prices: one line per price and scope of buyers."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from ..catalog import Sku
from ..channels import Region, Tier, find_named, own_company, require_partner
from ..kernel.access import Actor, Permission
from ..kernel.db import get_by, row_id
from ..kernel.errors import msg
from ..workbench.import_fields import FieldKind, ImportEntity, ImportField
from .models import BuyerScope, Channel, PriceKind, PriceRow
from .service import add_price

CHANNELS = {
    "线下": Channel.OFFLINE,
    "offline": Channel.OFFLINE,
    "线上": Channel.ONLINE,
    "online": Channel.ONLINE,
}


def import_price(session: Session, actor: Actor, *, row: dict[str, Any], now: datetime) -> str:
    """Add a price unless the latest one for the same scope and days says the same."""
    actor.require(Permission.PRICES_WRITE)
    seller = require_partner(session, row["seller"]) if "seller" in row else own_company(session, actor)
    tier = find_named(session, Tier, "tier", row["tier"]) if "tier" in row else None
    region = find_named(session, Region, "region", row["region"]) if "region" in row else None
    buyer = require_partner(session, row["buyer"]) if "buyer" in row else None
    scope = _scope(buyer is not None, tier is not None, region is not None)
    last: date | None = row.get("valid_to")
    facts = {
        "seller_id": row_id(seller),
        "sku_id": row_id(get_by(session, Sku, "SKU", code=row["sku"])),
        "kind": PriceKind.BASE,
        "channel": row.get("channel", Channel.OFFLINE),
        "buyer_scope": scope,
        "buyer_id": row_id(buyer) if buyer else None,
        "tier_id": row_id(tier) if tier else None,
        "region_id": row_id(region) if region else None,
        "valid_from": row["valid_from"],
        "valid_to": last + timedelta(days=1) if last else None,
    }
    latest = session.exec(
        select(PriceRow).filter_by(**facts).order_by(col(PriceRow.id).desc()).limit(1)
    ).first()
    is_gross = row.get("is_gross", True)
    if latest and (latest.unit_price, latest.is_gross) == (row["unit_price"], is_gross):
        return "unchanged"
    add_price(
        session,
        actor,
        seller_code=seller.code,
        sku_code=row["sku"],
        unit_price=row["unit_price"],
        valid_from=row["valid_from"],
        valid_to=facts["valid_to"],
        buyer_scope=scope,
        buyer_code=buyer.code if buyer else None,
        tier_code=tier.code if tier else None,
        region_code=region.code if region else None,
        channel=str(facts["channel"]),
        is_gross=is_gross,
        reason=row.get("reason", ""),
        now=now,
    )
    return "updated" if latest else "created"


def _scope(has_buyer: bool, has_tier: bool, has_region: bool) -> BuyerScope:
    """To whom a price applies: what is named says it; a buyer beside a tier is refused by the verb."""
    if has_buyer:
        return BuyerScope.PARTNER
    if has_tier:
        return BuyerScope.TIER_IN_REGION if has_region else BuyerScope.TIER
    return BuyerScope.REGION if has_region else BuyerScope.ALL


PRICES = ImportEntity(
    name=msg("Prices"),
    permission=Permission.PRICES_WRITE,
    key=("seller", "sku", "channel", "buyer", "tier", "region", "valid_from", "valid_to"),
    commit=import_price,
    fields=(
        ImportField(
            "sku",
            msg("SKU code"),
            required=True,
            aliases=("sku", "code", "编码", "SKU编码", "商品编码", "物料编码", "货号"),
            example="AC-35GW-W",
        ),
        ImportField(
            "unit_price",
            msg("Unit price"),
            required=True,
            aliases=("price", "单价", "价格", "供货价", "批发价"),
            example="2399.00",
            kind=FieldKind.NUMBER,
        ),
        ImportField(
            "valid_from",
            msg("Valid from"),
            required=True,
            aliases=("from", "start", "生效日", "生效日期", "开始日期"),
            example="2026-01-01",
            kind=FieldKind.DAY,
        ),
        ImportField(
            "valid_to",
            msg("Valid until"),
            aliases=("to", "end", "有效至", "失效日", "失效日期", "截止日期", "结束日期", "有效期至"),
            example="2026-12-31",
            kind=FieldKind.DAY,
            note=msg("this day included; empty means until further notice"),
        ),
        ImportField(
            "buyer",
            msg("Buyer code"),
            aliases=("buyer", "买方", "买方编码", "客户编码", "经销商编码"),
            example="",
            note=msg("empty means all buyers"),
        ),
        ImportField("tier", msg("Tier"), aliases=("层级", "渠道层级", "级别"), example="市级代理"),
        ImportField("region", msg("Region"), aliases=("region code", "区域", "地区"), example="440000"),
        ImportField(
            "channel", msg("Channel"), aliases=("渠道", "销售渠道"), example="线下", choices=CHANNELS
        ),
        ImportField(
            "is_gross",
            msg("Tax included"),
            aliases=("gross", "含税", "是否含税"),
            example="是",
            kind=FieldKind.FLAG,
        ),
        ImportField(
            "seller",
            msg("Seller code"),
            aliases=("seller", "卖方", "卖方编码", "供货方"),
            note=msg("empty means your own company"),
        ),
        ImportField("reason", msg("Reason"), aliases=("原因", "备注", "调价原因"), example=""),
    ),
)
