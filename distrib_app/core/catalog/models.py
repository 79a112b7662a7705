"""What is sold: categories, products and their SKUs."""

from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from ..kernel.db import Versioned
from ..kernel.initials import keeps_initials


class SkuKind(StrEnum):
    """Goods are kept in stock; a service (postage, manual fee) is sold but never stocked."""

    GOODS = "goods"
    SERVICE = "service"


class Category(SQLModel, table=True):
    """A catalogue category; hangs on a product line."""

    __tablename__ = "category"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=80)
    name_en: str = Field(max_length=80)
    product_line_id: int = Field(foreign_key="product_line.id")
    parent_id: int | None = Field(default=None, foreign_key="category.id")


class Product(Versioned, table=True):
    """A product with its locked core fields; SKUs are what is ordered."""

    __tablename__ = "product"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=60, unique=True)
    name: str = Field(max_length=200)
    name_en: str = Field(default="", max_length=200)
    description: str = ""
    category_id: int = Field(foreign_key="category.id", index=True)


@keeps_initials
class Sku(Versioned, table=True):
    """A stock keeping unit: what is priced, stocked, ordered."""

    __tablename__ = "sku"
    __table_args__ = (
        Index("ix_sku_code_prefix", "code", postgresql_ops={"code": "text_pattern_ops"}),
        Index("ix_sku_initials", "initials", postgresql_ops={"initials": "text_pattern_ops"}),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=60, unique=True)
    name: str = Field(max_length=200)
    name_en: str = Field(default="", max_length=200)
    initials: str = Field(default="", max_length=80)
    product_id: int = Field(foreign_key="product.id", index=True)
    kind: str = Field(default=SkuKind.GOODS, max_length=10)
    unit: str = Field(default="件", max_length=16)
    barcode: str = Field(default="", max_length=20)
    tax_ppm: int = 0
    order_multiple_qty: int = 1
    weight_g: int = 0
    volume_cm3: int = 0
    is_backorder_allowed: bool = False
    is_orderable: bool = True
