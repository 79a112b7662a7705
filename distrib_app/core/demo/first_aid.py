"""The demo's urgent goods: a line of first-aid medicine, in stock, with an express lane for it.

Written through the verbs after everything else, so that nothing of the plan changes.
"""

from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from ..catalog import create_category, create_product, create_sku
from ..channels import Network, Partner, ProductLine
from ..inventory import Lane, Location, LocationKind, receive_stock
from ..kernel.access import SYSTEM
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..pricing import add_price

LINE = "AID"
# SKU: name, English, price in yuan with tax, production cost in yuan
GOODS = (
    ("AID01-01", "急救药箱 家庭款", "First-aid kit, family", 169, 92),
    ("AID01-02", "急救药箱 车载款", "First-aid kit, car", 129, 71),
)
STOCK_QTY = 120


def write_first_aid(session: Session, *, now: datetime) -> None:
    """An urgent product line with its goods, prices, stock, and express lanes from the plant."""
    network = session.get_one(Network, 1)
    brand = session.get_one(Partner, network.brand_id)
    today = business_day(now, network.zone)
    session.add(
        ProductLine(code=LINE, name="急救药品", name_en="First-aid medicine", path=f"{LINE}/", is_urgent=True)
    )
    session.flush()
    create_category(session, SYSTEM, code=LINE, name="急救药品", name_en="First aid", line_code=LINE, now=now)
    create_product(session, SYSTEM, code="AID01", name="急救药箱", category_code=LINE, now=now)
    plant = session.exec(
        select(Location)
        .where(Location.partner_id == row_id(brand), Location.kind == LocationKind.PLANT)
        .order_by(col(Location.priority), col(Location.id))
    ).first()
    assert plant is not None  # the brand makes its goods somewhere
    for code, name, name_en, yuan, _ in GOODS:
        create_sku(
            session,
            SYSTEM,
            code=code,
            name=name,
            name_en=name_en,
            product_code="AID01",
            unit="箱",
            tax_ppm=130_000,
            now=now,
        )
        add_price(
            session,
            SYSTEM,
            seller_code=brand.code,
            sku_code=code,
            unit_price=Decimal(yuan),
            valid_from=network.founded_on,
            now=now,
        )
    receive_stock(
        session,
        SYSTEM,
        location_code=plant.code,
        lines=[(code, STOCK_QTY, Decimal(cost)) for code, _, _, _, cost in GOODS],
        cause="AID",
        origin_on=today,
        now=now,
    )
    _express(session, plant)


def _express(session: Session, plant: Location) -> None:
    """Beside each of the plant's lanes a faster, dearer one."""
    for lane in session.exec(
        select(Lane).where(Lane.from_location_id == row_id(plant)).order_by(col(Lane.id))
    ).all():
        facts = lane.model_dump(exclude={"id", "version", "is_express", "lead_days", "handling_amount"})
        session.add(
            Lane(
                **facts,
                is_express=True,
                lead_days=max(1, lane.lead_days - 1),
                handling_amount=lane.handling_amount + 2_000,
            )
        )
    session.flush()
