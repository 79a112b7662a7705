"""Lists of stock beside the balances: the movements of one, the stock of the network."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from ..channels import get_network
from ..inventory import AGE_BUCKETS, NetworkView, list_movements, list_network_stock
from ..kernel.access import Actor, Permission
from ..kernel.clock import business_day
from ..kernel.errors import msg
from ..kernel.listing import Listing
from .frame import Asked, FacetWords, ListColumn, ListPage
from .words import COVERS, MOVEMENT_KINDS


def _read_movements(session: Session, actor: Actor, asked: Asked, _now: datetime) -> Listing[Any]:
    actor.require(Permission.STOCK_READ)
    location, sku = asked.extras.get("place", ""), asked.extras.get("of", "")
    return list_movements(session, location_code=location, sku_code=sku, query=asked.query)


def _read_network(session: Session, actor: Actor, asked: Asked, now: datetime) -> Listing[Any]:
    actor.require(Permission.STOCK_READ)
    zone = get_network(session).zone
    return list_network_stock(
        session,
        view=asked.extras.get("view", NetworkView.BRAND),
        by=asked.extras.get("by", "sku"),
        day=business_day(now, zone),
        zone=zone,
        query=asked.query,
    )


MOVEMENTS = ListPage(
    title=msg("Movements"),
    permission=Permission.STOCK_READ,
    read=_read_movements,
    columns=(
        ListColumn("at", msg("When"), lambda row, to: to.local(row.moved_at), "recorded"),
        ListColumn("kind", msg("Movement"), lambda row, to: to.say(MOVEMENT_KINDS[row.kind])),
        ListColumn("cause", msg("Cause"), lambda row, to: row.cause),
        ListColumn("lot", msg("Lot"), lambda row, to: row.lot_code),
        ListColumn(
            "on_hand", msg("On hand"), lambda row, to: row.on_hand_delta, is_number=True, total="on_hand_qty"
        ),
        ListColumn(
            "reserved",
            msg("Reserved"),
            lambda row, to: row.reserved_delta,
            is_number=True,
            total="reserved_qty",
        ),
        ListColumn("balance", msg("Stock after"), lambda row, to: row.balance_qty, is_number=True),
        ListColumn("origin", msg("Origin"), lambda row, to: row.origin_on),
    ),
    facets={"kind": FacetWords(msg("Movement"), MOVEMENT_KINDS), "lot": FacetWords(msg("Lot"))},
    extras=("place", "of", "tab", "recall"),
)
NETWORK = ListPage(
    title=msg("Network stock"),
    permission=Permission.STOCK_READ,
    read=_read_network,
    columns=(
        ListColumn("code", msg("Code"), lambda row, to: row.code, "code"),
        ListColumn("name", msg("Name"), lambda row, to: to.party(row)),
        ListColumn("count", msg("Places or SKUs"), lambda row, to: row.count, is_number=True),
        ListColumn(
            "on_hand", msg("On hand"), lambda row, to: row.on_hand_qty, "on_hand", True, total="on_hand_qty"
        ),
        ListColumn(
            "issued",
            msg("Out in 13 weeks"),
            lambda row, to: row.issued_qty,
            "issued",
            True,
            total="issued_qty",
        ),
        ListColumn("cover", msg("Weeks of cover"), lambda row, to: weeks(row.cover_tenths), "cover", True),
        ListColumn("state", msg("Cover"), lambda row, to: to.say(COVERS[row.cover])),
        *(
            ListColumn(f"age{place}", label, lambda row, to, label=label: row.ageing[label], is_number=True)  # type: ignore[misc]
            for place, (label, _) in enumerate(AGE_BUCKETS)
        ),
        ListColumn(
            "group", msg("Category or owner"), lambda row, to: to.name(row.group_name, row.group_name_en)
        ),
    ),
    facets={
        "category": FacetWords(msg("Category")),
        "partner": FacetWords(msg("Partner")),
    },
    extras=("view", "by", "measure", "columns", "inside"),
)


def weeks(tenths: int | None) -> Decimal | None:
    """Tenths of a week as weeks; None stays None."""
    return None if tenths is None else Decimal(tenths).scaleb(-1)
