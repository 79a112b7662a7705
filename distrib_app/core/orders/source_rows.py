"""What routing asks the database: free and shared stock of some SKUs, the places and their lanes to a region.

Prepared statements for `kernel.rows.decide`; those that hold what they read end in `_LOCKED`.
"""

from sqlalchemy import Boolean, and_, bindparam, exists, or_, select

from ..channels import Partner, Region
from ..inventory import Balance, CarrierTariff, Lane, Location, StockShare
from ..kernel.rows import table_of

_balance, _place, _share = table_of(Balance), table_of(Location), table_of(StockShare)
_lane, _tariff, _region = table_of(Lane), table_of(CarrierTariff), table_of(Region)
_partner = table_of(Partner)
_free = _balance.c.on_hand_qty - _balance.c.reserved_qty
STOCK = (
    select(_balance.c.location_id, _balance.c.sku_id, _free.label("qty"))
    .where(
        _balance.c.partner_id.in_(bindparam("owners", expanding=True)),
        _balance.c.sku_id.in_(bindparam("skus", expanding=True)),
        _free > 0,
    )
    .order_by(_balance.c.sku_id, _balance.c.location_id)
)
STOCK_LOCKED = STOCK.with_for_update()
SHARED = (
    select(
        _share.c.location_id,
        _share.c.sku_id,
        _free.label("qty"),
        (_share.c.shared_qty - _share.c.used_qty).label("shared"),
        _share.c.fee_ppm,
        _share.c.answer_hours,
    )
    .select_from(
        _share.join(
            _balance,
            and_(_balance.c.location_id == _share.c.location_id, _balance.c.sku_id == _share.c.sku_id),
        )
    )
    .where(
        _share.c.seller_id == bindparam("seller"),
        _balance.c.partner_id != bindparam("buyer"),  # who sells its stock to itself has bought nothing
        _share.c.sku_id.in_(bindparam("skus", expanding=True)),
        _share.c.shared_qty > _share.c.used_qty,
        _free > 0,
    )
    .order_by(_share.c.sku_id, _share.c.location_id)
)
SHARED_LOCKED = SHARED.with_for_update(of=[_balance, _share])
_covering = _lane.join(
    _region,
    and_(_region.c.id == _lane.c.to_region_id, _region.c.code.in_(bindparam("regions", expanding=True))),
).join(_tariff, _tariff.c.id == _lane.c.tariff_id)
PLACES = (
    select(
        _place.c.id,
        _place.c.code,
        _place.c.kind,
        _place.c.priority,
        _place.c.partner_id,
        _place.c.is_cold_chain,
        _place.c.cut_off_minute,
        _partner.c.path.label("owner_path"),
        _partner.c.code.label("owner_code"),
        _region.c.path.label("covers"),
        _lane.c.zone,
        _lane.c.distance_km,
        _lane.c.lead_days,
        _lane.c.handling_amount,
        _lane.c.is_cold_chain.label("is_cold_lane"),
        _lane.c.is_express,
        _lane.c.closed_reason,
        *(
            _tariff.c[name].label(f"tariff_{name}")
            for name in (
                "id",
                "version",
                "code",
                "currency",
                "volumetric_divisor",
                "minimum_amount",
                "bands",
                "zones",
            )
        ),
        exists().where(table_of(Lane).alias("any_lane").c.from_location_id == _place.c.id).label("has_lanes"),
    )
    .select_from(
        _place.join(_partner, _partner.c.id == _place.c.partner_id).outerjoin(
            _covering,
            and_(
                _lane.c.from_location_id == _place.c.id,
                or_(_lane.c.is_express.is_(False), bindparam("is_urgent", type_=Boolean)),
            ),
        )
    )
    .where(_place.c.id.in_(bindparam("places", expanding=True)))
)
