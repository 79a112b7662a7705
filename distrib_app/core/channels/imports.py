"""Sheets of partners and of end customers."""

from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, or_, select

from ..kernel.access import Actor, Permission
from ..kernel.errors import NotFoundError, msg
from ..workbench.import_fields import FieldKind, ImportEntity, ImportField, check_same
from .customers import find_customer, own_partner, save_customer
from .models import CustomerKind, Partner, PartnerKind, Region, Tier
from .service import create_partner, move_partner

Named = TypeVar("Named", bound=SQLModel)

PARTNER_KINDS = {
    "经销商": PartnerKind.AGENT,
    "代理商": PartnerKind.AGENT,
    "agent": PartnerKind.AGENT,
    "门店": PartnerKind.OUTLET,
    "outlet": PartnerKind.OUTLET,
    "服务商": PartnerKind.SERVICE,
    "service": PartnerKind.SERVICE,
}
CUSTOMER_KINDS = {
    "个人": CustomerKind.PERSON,
    "person": CustomerKind.PERSON,
    "企业": CustomerKind.FIRM,
    "公司": CustomerKind.FIRM,
    "firm": CustomerKind.FIRM,
}


def find_named(session: Session, model: type[Named], kind: str, text: str) -> Any:
    """A tier, region, category … by its code, or by a name only one of them has. Raises `NotFoundError`."""
    table: Any = model
    rows = session.exec(
        select(model)
        .where(or_(col(table.code) == text, col(table.name) == text, col(table.name_en) == text))
        .limit(20)
    ).all()
    by_code: list[Any] = [row for row in rows if getattr(row, "code", "") == text]
    if not by_code and len(rows) != 1:
        raise NotFoundError(kind=kind, key=text)
    return (by_code or list(rows))[0]


def own_company(session: Session, actor: Actor) -> Partner:
    """The company meant where a sheet names none: the actor's first. Raises `NotFoundError`."""
    if not actor.partner_ids:
        raise NotFoundError(kind="partner", key="–")
    return session.get_one(Partner, actor.partner_ids[0])


def import_partner(session: Session, actor: Actor, *, row: dict[str, Any], now: datetime) -> str:
    """Admit a partner, or put a known one under another parent; other differences are refused."""
    actor.require(Permission.PARTNERS_WRITE)
    tier = find_named(session, Tier, "tier", row["tier"])
    region = find_named(session, Region, "region", row["region"])
    partner = session.exec(select(Partner).where(Partner.code == row["code"])).one_or_none()
    if partner is None:
        create_partner(
            session,
            actor,
            code=row["code"],
            name=row["name"],
            name_en=row.get("name_en", ""),
            tier_code=tier.code,
            parent_code=row["parent"],
            region_code=region.code,
            kind=row.get("kind", PartnerKind.AGENT),
            since=row.get("since"),
            now=now,
        )
        return "created"
    recorded = {
        "name": partner.name,
        "name_en": partner.name_en,
        "kind": partner.kind,
        "tier": session.get_one(Tier, partner.tier_id).code,
        "region": session.get_one(Region, partner.region_id).code,
    }
    check_same(row | {"tier": tier.code, "region": region.code}, recorded)
    parent = session.exec(select(Partner.code).where(Partner.id == partner.parent_id)).one_or_none()
    if parent == row["parent"]:
        return "unchanged"
    move_partner(session, actor, code=partner.code, parent_code=row["parent"], now=now)
    return "updated"


PARTNERS = ImportEntity(
    name=msg("Partners"),
    permission=Permission.PARTNERS_WRITE,
    key=("code",),
    commit=import_partner,
    fields=(
        ImportField(
            "code",
            msg("Partner code"),
            required=True,
            aliases=(
                "code",
                "partner",
                "编码",
                "经销商编码",
                "客户编码",
                "伙伴编码",
                "合作伙伴编码",
                "渠道编码",
            ),
            example="GD-0101",
        ),
        ImportField(
            "name",
            msg("Name"),
            required=True,
            aliases=("partner name", "名称", "经销商名称", "客户名称", "公司名称", "伙伴名称"),
            example="佛山顺达家电有限公司",
        ),
        ImportField("name_en", msg("English name"), aliases=("英文名", "英文名称"), example="Foshan Shunda"),
        ImportField(
            "tier",
            msg("Tier"),
            required=True,
            aliases=("层级", "级别", "渠道层级", "代理级别"),
            example="市级代理",
            note=msg("code or name of the tier"),
        ),
        ImportField(
            "parent",
            msg("Parent code"),
            required=True,
            aliases=("parent", "parent partner", "上级", "上级编码", "上级经销商", "上级伙伴", "上级代理"),
            example="GD-01",
        ),
        ImportField(
            "region",
            msg("Region"),
            required=True,
            aliases=("region code", "区域", "地区", "所在地", "行政区划"),
            example="440600",
            note=msg("code of GB/T 2260, or a name that is unique"),
        ),
        ImportField(
            "kind",
            msg("Kind"),
            aliases=("type", "类型", "类别", "伙伴类型"),
            example="经销商",
            choices=PARTNER_KINDS,
        ),
        ImportField(
            "since",
            msg("Partner since"),
            aliases=("since", "start date", "合作开始", "合作日期", "加入日期", "合作起始日", "入网日期"),
            example="2026-01-01",
            kind=FieldKind.DAY,
        ),
    ),
)


def import_customer(session: Session, actor: Actor, *, row: dict[str, Any], now: datetime) -> str:
    """Record or change a customer of one's own company; an empty cell leaves what is recorded."""
    actor.require(Permission.CUSTOMERS_WRITE)
    partner = own_partner(session, actor, row.get("partner", ""))
    known = find_customer(session, partner, row["code"])
    facts: dict[str, Any] = {
        field: row[field] for field in ("kind", "phone", "email", "address", "note") if field in row
    }
    if "region" in row:
        facts["region_code"] = find_named(session, Region, "region", row["region"]).code
    if known is None:
        save_customer(
            session,
            actor,
            partner_code=partner.code,
            code=row["code"],
            name=row["name"],
            version=0,
            now=now,
            **facts,
        )
        return "created"
    region = session.get(Region, known.region_id) if known.region_id else None
    recorded: dict[str, Any] = {
        "kind": known.kind,
        "phone": known.phone,
        "email": known.email,
        "address": known.address,
        "note": known.note,
        "region_code": region.code if region else "",
    }
    before = known.version
    saved = save_customer(
        session,
        actor,
        partner_code=partner.code,
        code=row["code"],
        name=row["name"],
        now=now,
        **(recorded | facts),
    )
    return "unchanged" if saved.version == before else "updated"


CUSTOMERS = ImportEntity(
    name=msg("End customers"),
    permission=Permission.CUSTOMERS_WRITE,
    key=("partner", "code"),
    commit=import_customer,
    fields=(
        ImportField(
            "code",
            msg("Customer code"),
            required=True,
            aliases=("code", "customer", "编码", "客户编号", "客户编码", "会员号"),
            example="C-1001",
        ),
        ImportField(
            "name",
            msg("Name"),
            required=True,
            aliases=("customer name", "名称", "姓名", "客户名称", "客户姓名"),
            example="李雷",
        ),
        ImportField(
            "kind",
            msg("Kind"),
            aliases=("type", "类型", "客户类型"),
            example="个人",
            choices=CUSTOMER_KINDS,
        ),
        ImportField(
            "phone",
            msg("Telephone"),
            aliases=("phone", "mobile", "电话", "手机", "手机号", "联系电话"),
            example="13800000000",
        ),
        ImportField(
            "email", msg("E-mail"), aliases=("email", "mail", "邮箱", "电子邮箱", "电子邮件"), example=""
        ),
        ImportField(
            "region",
            msg("Region"),
            aliases=("region code", "区域", "地区", "城市"),
            example="440106",
            note=msg("code of GB/T 2260, or a name that is unique"),
        ),
        ImportField(
            "address", msg("Address"), aliases=("地址", "详细地址", "收货地址"), example="天河路 1 号"
        ),
        ImportField("note", msg("Remark"), aliases=("note", "备注", "说明"), example=""),
        ImportField(
            "partner",
            msg("Partner code"),
            aliases=("partner", "经销商编码", "伙伴编码", "合作伙伴编码", "所属经销商"),
            note=msg("empty means your own company"),
            example="",
        ),
    ),
)
