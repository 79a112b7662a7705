"""The network: regions, product lines, tiers, partners and their tree, memberships, territories."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from ..kernel.access import Resource, Scope, grants, master_clause, scoped
from ..kernel.db import Versioned
from ..kernel.effective import Effective
from ..kernel.initials import keeps_initials


class RegionLevel(StrEnum):
    """Kinds of regions; other countries use `country` and what their source has."""

    COUNTRY = "country"
    GROUP = "group"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class PartnerKind(StrEnum):
    """What a party of the network is."""

    BRAND = "brand"
    AGENT = "agent"
    OUTLET = "outlet"
    SERVICE = "service"


class PartnerStatus(StrEnum):
    """Where a partner stands."""

    APPLICANT = "applicant"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


@grants
class Region(SQLModel, table=True):
    """A region of the tree; `path` is the chain of codes from the root, ending with `/`."""

    __tablename__ = "region"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=80)
    name_en: str = Field(max_length=80)
    short_name: str = Field(max_length=40)
    level: str = Field(max_length=10)
    parent_id: int | None = Field(default=None, foreign_key="region.id", index=True)
    path: str = Field(max_length=200, index=True)
    longitude_e6: int | None = None
    latitude_e6: int | None = None


@grants
class ProductLine(SQLModel, table=True):
    """A coarse product tree used by territories, targets and contracts; it says how its goods are handled.

    `is_lot_tracked`: lots with expiry, first expired first out; `min_life_days` is what must be left at
    shipping. `is_urgent`: orders of it go first. `is_cold_chain`: only over cooled places and lanes.
    """

    __tablename__ = "product_line"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=80)
    name_en: str = Field(max_length=80)
    parent_id: int | None = Field(default=None, foreign_key="product_line.id")
    path: str = Field(max_length=200)
    is_lot_tracked: bool = False
    min_life_days: int = 0
    is_urgent: bool = False
    is_cold_chain: bool = False


@grants
class Tier(Versioned, table=True):
    """A configurable level of the channel; its permissions cap those of the roles held there."""

    __tablename__ = "tier"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=80)
    name_en: str = Field(max_length=80)
    rank: int
    permissions: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


@grants
class TierScope(SQLModel, table=True):
    """How far a tier sees into a resource; no row means nothing."""

    __tablename__ = "tier_scope"

    tier_id: int = Field(foreign_key="tier.id", primary_key=True)
    resource: str = Field(max_length=30, primary_key=True)
    level: str = Field(max_length=10)


@grants
class Role(Versioned, table=True):
    """A set of permissions a member may hold."""

    __tablename__ = "role"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=80)
    name_en: str = Field(max_length=80)
    permissions: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


@grants
@keeps_initials
@scoped
class Partner(Versioned, table=True):
    """Any party of the network; `path` is the present chain of partner ids, ending with `/`."""

    __tablename__ = "partner"
    __scope_resource__ = Resource.PARTNERS
    __table_args__ = (
        Index("ix_partner_code_prefix", "code", postgresql_ops={"code": "text_pattern_ops"}),
        Index("ix_partner_path_prefix", "path", postgresql_ops={"path": "text_pattern_ops"}),
        Index("ix_partner_initials", "initials", postgresql_ops={"initials": "text_pattern_ops"}),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=160)
    name_en: str = Field(default="", max_length=160)
    initials: str = Field(default="", max_length=60)
    kind: str = Field(max_length=10)
    tier_id: int = Field(foreign_key="tier.id", index=True)
    parent_id: int | None = Field(default=None, foreign_key="partner.id", index=True)
    path: str = Field(max_length=200)
    region_id: int = Field(foreign_key="region.id", index=True)
    status: str = Field(default=PartnerStatus.ACTIVE, max_length=12)
    language: str = Field(default="zh_CN", max_length=10)
    zone: str = Field(default="Asia/Shanghai", max_length=40)
    created_at: datetime

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible by the present tree path."""
        return master_clause(scope, path=cls.path, party_id=cls.id)


@grants
class PartnerPath(Effective, table=True):
    """The effective-dated tree: under which path a partner stood from when to when."""

    __tablename__ = "partner_path"

    id: int | None = Field(default=None, primary_key=True)
    partner_id: int = Field(foreign_key="partner.id", index=True)
    parent_id: int | None = Field(default=None, foreign_key="partner.id")
    path: str = Field(max_length=200)


@grants
class Membership(Effective, table=True):
    """A user acts for a partner in a role."""

    __tablename__ = "membership"

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    partner_id: int = Field(foreign_key="partner.id", index=True)
    role_id: int = Field(foreign_key="role.id")


@grants
class Territory(Effective, table=True):
    """A grant of a region (and a product line, or all) to a partner for a time, exclusive or not."""

    __tablename__ = "territory"

    id: int | None = Field(default=None, primary_key=True)
    partner_id: int = Field(foreign_key="partner.id", index=True)
    region_id: int = Field(foreign_key="region.id", index=True)
    product_line_id: int | None = Field(default=None, foreign_key="product_line.id")
    is_exclusive: bool = False


class Network(Versioned, table=True):
    """The one root brand of this database, its reporting currency and business zone."""

    __tablename__ = "network"

    id: int = Field(default=1, primary_key=True)
    brand_id: int = Field(foreign_key="partner.id")
    currency: str = Field(max_length=3)
    zone: str = Field(max_length=40)
    area_level: str = Field(max_length=10)
    source: str = Field(max_length=40)
    founded_on: date
    attributes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class CustomerKind(StrEnum):
    """What an end customer is."""

    PERSON = "person"
    FIRM = "firm"


@keeps_initials
@scoped
class EndCustomer(Versioned, table=True):
    """Who buys at the end of the channel, known to the partner that sells to it; `code` is that partner's."""

    __tablename__ = "end_customer"
    __table_args__ = (UniqueConstraint("partner_id", "code"),)
    __scope_resource__ = Resource.CUSTOMERS

    id: int | None = Field(default=None, primary_key=True)
    partner_id: int = Field(foreign_key="partner.id")
    code: str = Field(max_length=40)
    kind: str = Field(default=CustomerKind.PERSON, max_length=10)
    name: str = Field(max_length=160)
    initials: str = Field(default="", max_length=60)
    phone: str = Field(default="", max_length=30, index=True)
    email: str = Field(default="", max_length=200)
    region_id: int | None = Field(default=None, foreign_key="region.id")
    address: str = Field(default="", max_length=300)
    note: str = Field(default="", max_length=400)
    created_at: datetime

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible to the partner that sells to it, not to those above: a subtree shows only trade."""
        return master_clause(scope, path=None, party_id=cls.partner_id)
