"""The list of quotas, through the actor's scope."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select
from sqlmodel import Session, col

from ..accounts import PartyName, party_facet, party_matches, party_names
from ..catalog import Sku
from ..channels import Tier
from ..kernel.listing import FIRST_PAGE, Choices, Facet, Listing, ListQuery, ListSpec, run
from .planning_models import Quota


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """A quota: for a buyer, a tier, or (neither) for everybody; both days are inside."""

    seller: PartyName
    sku_code: str
    sku_name: str
    sku_name_en: str
    buyer: PartyName | None
    tier_code: str
    tier_name: str
    tier_name_en: str
    first_on: date
    last_on: date
    qty: int
    used_qty: int
    version: int

    @property
    def left_qty(self) -> int:
        """What may still be ordered."""
        return self.qty - self.used_qty


def list_quotas(session: Session, *, today: date, query: ListQuery = FIRST_PAGE) -> Listing[QuotaRow]:
    """Quotas within scope, those in force first. Sorts: period, sku, left. Facets: state, sku, buyer.

    A search looks into SKUs and the parties. State is judged on `today`: now, coming, over, used (nothing
    left). Totals: qty, used_qty.
    """
    found = run(session, _quotas(today), query)
    ids = [key for quota, _, _ in found.rows for key in (quota.seller_id, quota.buyer_id) if key]
    names = party_names(session, ids)
    return found.showing([_row(quota, sku, tier, names) for quota, sku, tier in found.rows])


def _row(quota: Quota, sku: Sku, tier: Tier | None, names: dict[int, PartyName]) -> QuotaRow:
    return QuotaRow(
        seller=names[quota.seller_id],
        sku_code=sku.code,
        sku_name=sku.name,
        sku_name_en=sku.name_en,
        buyer=names[quota.buyer_id] if quota.buyer_id else None,
        tier_code=tier.code if tier else "",
        tier_name=tier.name if tier else "",
        tier_name_en=tier.name_en if tier else "",
        first_on=quota.valid_from,
        last_on=date.fromordinal(quota.valid_to.toordinal() - 1),
        qty=quota.qty,
        used_qty=quota.used_qty,
        version=quota.version,
    )


def _joined(statement: Select[Any]) -> Select[Any]:
    return statement.join(Sku, col(Sku.id) == col(Quota.sku_id)).outerjoin(
        Tier, col(Tier.id) == col(Quota.tier_id)
    )


def _quotas(today: date) -> ListSpec:
    left = col(Quota.qty) - col(Quota.used_qty)
    return ListSpec(
        entity=Quota,
        columns=(Sku, Tier),
        join=_joined,
        key=(col(Quota.id),),
        sorts={
            "period": (col(Quota.valid_from), col(Sku.code)),
            "sku": (col(Sku.code), col(Quota.valid_from)),
            "left": (left,),
        },
        default_sort="-period",
        codes=(col(Sku.code),),
        names=(col(Sku.name), col(Sku.name_en)),
        initials=(col(Sku.initials),),
        also=party_matches(col(Quota.seller_id), col(Quota.buyer_id)),
        facets={
            "state": Choices(
                {
                    "now": (col(Quota.valid_from) <= today) & (col(Quota.valid_to) > today),
                    "coming": col(Quota.valid_from) > today,
                    "over": col(Quota.valid_to) <= today,
                    "used": left == 0,
                }
            ),
            "sku": Facet(col(Sku.code), col(Sku.name), col(Sku.name_en)),
            "buyer": party_facet(col(Quota.buyer_id)),
        },
        totals={"qty": col(Quota.qty), "used_qty": col(Quota.used_qty)},
    )
