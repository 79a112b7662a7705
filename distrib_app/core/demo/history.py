"""The shape every importer turns its file into: one source's network, catalogue and trade.

`recording.record_history` writes it in one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..catalog.models import SkuKind
from ..channels import NetworkPlan


@dataclass(frozen=True, slots=True)
class RegionDraft:
    """A region of the source's own code namespace; parents come first."""

    code: str
    name: str
    parent_code: str | None
    level: str


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    """A category; without a parent it is a product line as well."""

    code: str
    name: str
    name_en: str
    parent_code: str | None = None


@dataclass(frozen=True, slots=True)
class PartnerDraft:
    """A buyer right below the brand."""

    code: str
    name: str
    region_code: str


@dataclass(frozen=True, slots=True)
class SkuDraft:
    """A product with its one SKU."""

    code: str
    name: str
    category_code: str
    kind: SkuKind = SkuKind.GOODS
    description: str = ""


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """An order, or a return."""

    number: str
    is_return: bool
    partner_code: str
    region_code: str
    placed_at: datetime
    booked_on: date
    attributes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LineColumns:
    """Lines as columns of equal length: positions in `documents` and `skus`, ordinal, quantity, millionths.

    Quantity and amount of a return are negative.
    """

    document: NDArray[np.int64]
    sku: NDArray[np.int64]
    line_no: NDArray[np.int64]
    qty: NDArray[np.int64]
    price_micros: NDArray[np.int64]
    amount: NDArray[np.int64]

    def where(self, mask: NDArray[np.bool_]) -> "LineColumns":
        """The lines of `mask`."""
        columns = (self.document, self.sku, self.line_no, self.qty, self.price_micros, self.amount)
        return LineColumns(*(column[mask] for column in columns))


@dataclass(frozen=True, slots=True)
class History:
    """Everything one source tells."""

    plan: NetworkPlan
    regions: Sequence[RegionDraft]
    categories: Sequence[CategoryDraft]
    partners: Sequence[PartnerDraft]
    skus: Sequence[SkuDraft]
    documents: Sequence[DocumentDraft]
    lines: LineColumns
