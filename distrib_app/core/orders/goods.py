"""The goods of an order: SKUs with how their product line is handled, read in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, exists, select
from sqlmodel import Session

from ..catalog import Category, Product, Sku, SkuKind
from ..channels import ProductLine
from ..inventory import Goods, Quota
from ..kernel.access import unscoped
from ..kernel.rows import decide, table_of

_sku, _line = table_of(Sku), table_of(ProductLine)
_product, _category, _quota = table_of(Product), table_of(Category), table_of(Quota)
_SKUS = (
    select(
        *(
            _sku.c[name]
            for name in (
                "id",
                "code",
                "name",
                "name_en",
                "unit",
                "kind",
                "tax_ppm",
                "order_multiple_qty",
                "is_backorder_allowed",
                "is_orderable",
                "weight_g",
                "volume_cm3",
            )
        ),
        _line.c.is_urgent,
        _line.c.is_cold_chain,
        _line.c.is_lot_tracked,
        _line.c.min_life_days,
        _line.c.code.label("line_code"),
        # quotas are rare: only where there is one somebody looks at whom it is for
        exists().where(_quota.c.sku_id == _sku.c.id).label("has_quota"),
    )
    .select_from(
        _sku.join(_product, _product.c.id == _sku.c.product_id)
        .join(_category, _category.c.id == _product.c.category_id)
        .join(_line, _line.c.id == _category.c.product_line_id)
    )
    .where(_sku.c.code.in_(bindparam("codes", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class OrderedSku:
    """A SKU as an order needs it, with how its product line is handled."""

    id: int
    code: str
    name: str
    name_en: str
    unit: str
    kind: str
    tax_ppm: int
    order_multiple_qty: int
    is_backorder_allowed: bool
    is_orderable: bool
    weight_g: int
    volume_cm3: int
    is_urgent: bool
    is_cold_chain: bool
    is_lot_tracked: bool
    min_life_days: int
    line_code: str
    has_quota: bool

    @property
    def handling(self) -> Goods:
        """How stock keeps it."""
        return Goods(self.code, self.is_lot_tracked, self.min_life_days)

    @property
    def is_goods(self) -> bool:
        """Whether it is kept in stock."""
        return self.kind == SkuKind.GOODS


def find_ordered(session: Session, codes: Sequence[str]) -> dict[str, OrderedSku]:
    """The SKUs that exist among `codes`, in one statement."""
    with unscoped(session, "the catalogue is everybody's"):
        return {row.code: OrderedSku(*row) for row in decide(session, _SKUS, codes=sorted(set(codes)))}
