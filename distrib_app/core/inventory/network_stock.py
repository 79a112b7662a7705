"""Stock of the network by SKU or by place: what lies there, what goes out, how long it lasts, how old it is.

Everything is read in sets through the actor's scope. What goes out are shipments and counts that found less
(what a store has retailed) of the last 13 weeks.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Subquery, func, literal_column, select
from sqlmodel import Session, col

from ..catalog import Category, Product, Sku
from ..channels import Partner
from ..kernel.clock import day_start
from ..kernel.db import row_id
from ..kernel.errors import InvalidError
from ..kernel.listing import FIRST_PAGE, Facet, Listing, ListQuery, ListSpec, run
from .ageing import read_ageing
from .cover import WEEKS, Cover, cover_of, cover_tenths
from .models import Balance, Location, Movement, MovementKind
from .network_views import NetworkView, places_of

BY = ("sku", "place")


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """A SKU over all places of a view, or a place with all its SKUs.

    `group` is the category of a SKU, the owner of a place; `count` how many places or SKUs. `issued_qty` went
    out in 13 weeks; `ageing` holds the quantity per bucket of `AGE_BUCKETS`.
    """

    code: str
    name: str
    name_en: str
    group_code: str
    group_name: str
    group_name_en: str
    count: int
    on_hand_qty: int
    reserved_qty: int
    issued_qty: int
    cover_tenths: int | None
    cover: Cover
    ageing: dict[str, int]


def list_network_stock(
    session: Session,
    *,
    view: str,
    by: str,
    day: date,
    zone: str,
    query: ListQuery = FIRST_PAGE,
) -> Listing[NetworkRow]:
    """Stock of a view on `day`, one row per SKU or place that has any, most first.

    Sorts: code, on_hand, reserved, issued, cover. Facets: category by SKU; partner by place. Totals:
    on_hand_qty, reserved_qty, issued_qty. Raises `InvalidError`.
    """
    if view not in set(NetworkView) or by not in BY:
        raise InvalidError(field="view" if by in BY else "by", reason=view if by in BY else by)
    spec = _spec(session, view, by, day_start(day - timedelta(weeks=WEEKS), zone))
    found = run(session, spec, query)
    ids = [row_id(row[0]) for row in found.rows]
    ageing = read_ageing(
        session,
        key=col(Balance.sku_id) if by == "sku" else col(Balance.location_id),
        ids=ids,
        where=col(Balance.location_id).in_(select(col(Location.id)).where(places_of(session, view))),
        day=day,
    )
    rows = []
    for entity, group, count, on_hand, reserved, issued in found.rows:
        quantities = int(on_hand), int(issued)
        rows.append(
            NetworkRow(
                code=entity.code,
                name=entity.name,
                name_en=entity.name_en,
                group_code=group.code,
                group_name=group.name,
                group_name_en=group.name_en,
                count=int(count),
                on_hand_qty=int(on_hand),
                reserved_qty=int(reserved),
                issued_qty=int(issued),
                cover_tenths=cover_tenths(*quantities),
                cover=cover_of(*quantities),
                ageing=ageing[row_id(entity)],
            )
        )
    return found.showing(rows)


def issued_since(since: datetime, **keys: Any) -> Any:
    """What went out since an instant (`issued`), by columns of `Movement` under the names given."""
    # Sums of the columns themselves would be read in the order of another index, all movements of it; and
    # the zero is written out, because the index holds only what goes out.
    plain = {name: column + literal_column("0") for name, column in keys.items()}
    return (
        select(*(column.label(name) for name, column in plain.items()))
        .add_columns((-func.sum(Movement.on_hand_delta)).label("issued"))
        .where(
            col(Movement.on_hand_delta) < literal_column("0"),
            col(Movement.moved_at) >= since,
            col(Movement.kind).in_((MovementKind.SHIP, MovementKind.COUNT)),
        )
        .group_by(*plain.values())
    )


def _sums(session: Session, view: str, by: str, since: datetime) -> tuple[Subquery, Subquery]:
    """Balances and issues of the view's places, summed by SKU or place."""
    balance_key, movement_key = (
        (col(Balance.sku_id), col(Movement.sku_id))
        if by == "sku"
        else (col(Balance.location_id), col(Movement.location_id))
    )
    places = select(col(Location.id)).where(places_of(session, view))
    lying = (
        select(
            balance_key.label("key"),
            func.count().label("count"),
            func.sum(Balance.on_hand_qty).label("on_hand"),
            func.sum(Balance.reserved_qty).label("reserved"),
        )
        .where(col(Balance.location_id).in_(places))
        .group_by(balance_key)
        .subquery()
    )
    issued = issued_since(since, key=movement_key)
    return lying, issued.where((col(Movement.location_id) + literal_column("0")).in_(places)).subquery()


def _spec(session: Session, view: str, by: str, since: datetime) -> ListSpec:
    lying, issued = _sums(session, view, by, since)
    gone = func.coalesce(issued.c.issued, 0)
    columns = (lying.c["count"], lying.c.on_hand, lying.c.reserved, gone)

    def with_sums(statement: Any, key: Any) -> Any:
        return statement.join(lying, lying.c.key == key).outerjoin(issued, issued.c.key == key)

    def of_skus(statement: Any) -> Any:
        with_products = with_sums(statement, col(Sku.id)).join(
            Product, col(Product.id) == col(Sku.product_id)
        )
        return with_products.join(Category, col(Category.id) == col(Product.category_id))

    def of_places(statement: Any) -> Any:
        return with_sums(statement, col(Location.id)).join(
            Partner, col(Partner.id) == col(Location.partner_id)
        )

    entity: Any = Sku if by == "sku" else Location
    spec = ListSpec(
        entity=entity,
        columns=(Category if by == "sku" else Partner, *columns),
        join=of_skus if by == "sku" else of_places,
        key=(col(entity.id),),
        sorts={
            "code": (col(entity.code),),
            "on_hand": (lying.c.on_hand,),
            "reserved": (lying.c.reserved,),
            "issued": (gone,),
            # in thousandths of 13 weeks; where nothing goes out there is none
            "cover": ((lying.c.on_hand * 1_000).op("/")(func.nullif(gone, 0)),),
        },
        default_sort="-on_hand",
        codes=(col(entity.code),),
        names=(col(entity.name), col(entity.name_en)),
        totals={"on_hand_qty": lying.c.on_hand, "reserved_qty": lying.c.reserved, "issued_qty": gone},
    )
    if by == "sku":
        category = Facet(col(Category.code), col(Category.name), col(Category.name_en))
        return replace(spec, initials=(col(Sku.initials),), facets={"category": category})
    partner = Facet(col(Partner.code), col(Partner.name), col(Partner.name_en))
    return replace(spec, facets={"partner": partner})
