"""What the answers look like, per record: the schemas that the operations name."""

from ..core.accounts import AccountRow, InvoiceDetail, InvoiceRow, OpenItem, PartyName, ReceiptRow
from ..core.accounts.statements import StatementRow
from ..core.analytics import SalesRow
from ..core.catalog import CategoryRow, SkuRow
from ..core.channels import PartnerDetail, PartnerRow, RegionRow, TierRow
from ..core.inventory import (
    LayerRow,
    LocationRow,
    LotRow,
    MovementRow,
    NetworkRow,
    RecallPlaceRow,
    RecallShipmentRow,
    RecallView,
    ReportedRow,
    ShipmentDetail,
    ShipmentEventRow,
    StockRecord,
    StockRow,
)
from ..core.orders import (
    EventRow,
    FeedChoice,
    FeedSource,
    HoldRow,
    MergeBenefit,
    MergeGroup,
    OrderDetail,
    OrderLineRow,
    OrderQuote,
    OrderRow,
    PartLineRow,
    PartListRow,
    PartRow,
    PlacedOrder,
    ProductionLineRow,
    ProductionRow,
    QuoteLine,
    ReturnRow,
)
from ..core.pricing import PriceHistoryRow, PriceListRow
from .schemas import (
    AMOUNT,
    DAY,
    FLAG,
    INSTANT,
    NUMBER,
    OBJECT,
    STEP,
    TEXT,
    Named,
    Schema,
    array_of,
    list_of,
    object_of,
    or_null,
    reference,
    row_of,
)

_SUMS: Schema = {"net_amount": AMOUNT, "tax_amount": AMOUNT, "gross_amount": AMOUNT}
_STEPS = array_of(STEP)
_WAITING: Schema = {
    "task_number": TEXT | {"description": "There where nothing changed yet: the approval it waits for."}
}
PARTY = row_of("Party", PartyName)
EXPOSURE = Named(
    "Exposure",
    object_of(
        **dict.fromkeys(
            ("unpaid", "overdue", "open_orders", "unapplied", "total", "limit", "available"), AMOUNT
        )
    ),
)

PARTNER = row_of("Partner", PartnerRow)
PARTNER_DETAIL = Named(
    "PartnerDetail",
    object_of(
        **row_of("", PartnerRow).schema["properties"],
        **row_of("", PartnerDetail, omit=("partner", "children")).schema["properties"],
        children=array_of(PARTNER),
    ),
)
TIER = row_of("Tier", TierRow)
REGION = row_of("Region", RegionRow)

SKU = row_of("Sku", SkuRow, omit=("id",))
CATEGORY = row_of("Category", CategoryRow)
_NAMED: Schema = {"code": TEXT, "name": TEXT, "name_en": TEXT}
PRODUCT_SHOWN = Named(
    "ProductRecord", object_of(**_NAMED, description=TEXT, category_code=TEXT, version=NUMBER)
)
SKU_SHOWN = Named(
    "SkuRecord",
    object_of(
        **_NAMED,
        product_code=TEXT,
        kind=TEXT,
        unit=TEXT,
        barcode=TEXT,
        tax_ppm=NUMBER,
        order_multiple_qty=NUMBER,
        is_backorder_allowed=FLAG,
        is_orderable=FLAG,
        version=NUMBER,
    ),
)
PRICE = row_of("PriceRow", PriceListRow, omit=("id",))
PRICE_SPAN = row_of("PriceSpan", PriceHistoryRow, omit=("row_id",))

LOCATION = row_of("Location", LocationRow)
LOCATION_SHOWN = Named("LocationRecord", object_of(**_NAMED, kind=TEXT, partner_code=TEXT, priority=NUMBER))
STOCK = row_of("Stock", StockRow)
MOVEMENT = row_of("Movement", MovementRow, omit=("unit_cost_micros",), unit_cost=or_null(AMOUNT))
LAYERS = Named(
    "Layers",
    object_of(
        on_hand_qty=NUMBER,
        layers=array_of(row_of("Layer", LayerRow, omit=("unit_cost_micros",), unit_cost=or_null(AMOUNT))),
        ageing={"type": "object", "additionalProperties": NUMBER},
    ),
)
LAYERS.schema["properties"] |= _WAITING
_LAYERS_SHOWN: Schema = {"layers": reference(LAYERS)}
STOCK_RECORD = row_of(
    "StockRecord",
    StockRecord,
    **_LAYERS_SHOWN,
    lots=array_of(row_of("LotHere", LotRow)),
    reported=or_null(reference(row_of("ReportedStock", ReportedRow, **_LAYERS_SHOWN, gap_qty=NUMBER))),
    steps=_STEPS,
    whys={"type": "object", "additionalProperties": object_of(title=TEXT, steps=_STEPS)},
    next_out=_STEPS,
    actions=array_of(object_of(verb=TEXT, label=TEXT, reason=or_null(TEXT))),
)
RECALL = row_of(
    "Recall",
    RecallView,
    places=array_of(row_of("RecallPlace", RecallPlaceRow)),
    shipments=array_of(row_of("RecallShipment", RecallShipmentRow)),
)
NETWORK_STOCK = row_of("NetworkStock", NetworkRow, omit=("cover_tenths",), cover_weeks=or_null(TEXT))
HEAT = Named(
    "HeatTable",
    object_of(
        rows=array_of(object_of(**_NAMED)),
        columns=array_of(object_of(**_NAMED)),
        cells=array_of(
            object_of(
                row=TEXT,
                column=TEXT,
                on_hand_qty=NUMBER,
                issued_qty=NUMBER,
                cover_weeks=or_null(TEXT),
                cover=TEXT,
            )
        ),
    ),
)
STOCK_REPORTED = Named(
    "StockReported", object_of(source=TEXT, document=TEXT, line_count=NUMBER, new_count=NUMBER)
)
GOODS_BOOKED = Named("GoodsBooked", object_of(location_code=TEXT, cause=TEXT, line_count=NUMBER, qty=NUMBER))

ACCOUNT = row_of("Account", AccountRow, omit=("id",), exposure=reference(EXPOSURE))
ACCOUNT_DETAIL = Named(
    "AccountDetail",
    object_of(
        **ACCOUNT.schema["properties"],
        exposure_steps=_STEPS,
        open_items=array_of(row_of("OpenItem", OpenItem, omit=("invoice_id",))),
    ),
)
ACCOUNT_DETAIL.schema["properties"] |= _WAITING
STATEMENT = Named(
    "Statement",
    object_of(
        seller=reference(PARTY),
        buyer=reference(PARTY),
        currency=TEXT,
        opening=AMOUNT,
        closing=AMOUNT,
        rows=array_of(row_of("StatementRow", StatementRow, amount=AMOUNT, balance=AMOUNT)),
    ),
)
RECEIPT = row_of("Receipt", ReceiptRow, amount=AMOUNT)
INVOICE = row_of("Invoice", InvoiceRow)
INVOICE_DETAIL = Named(
    "InvoiceDetail",
    object_of(
        **INVOICE.schema["properties"],
        lines=row_of("", InvoiceDetail).schema["properties"]["lines"],
        applied=array_of(object_of(number=TEXT, amount=AMOUNT)),
    ),
)

ORDER = row_of("Order", OrderRow)
DRAFT = Named(
    "OrderDraft", object_of(buyer=TEXT, seller=TEXT, lines=array_of(object_of(sku=TEXT, qty=NUMBER)))
)
RETURN = row_of("Return", ReturnRow, lines=array_of(object_of(sku_code=TEXT, qty=NUMBER)))
RETURN_MADE = Named("ReturnMade", object_of(**RETURN.schema["properties"], order=TEXT, currency=TEXT))
RETURN_ASKED = Named("ReturnAsked", object_of(order=TEXT, task_number=TEXT, status=TEXT))
_ACTIONS = array_of(object_of(verb=TEXT, label=TEXT, reason=or_null(TEXT)))
PART = row_of(
    "OrderPart",
    PartRow,
    lines=array_of(row_of("OrderPartLine", PartLineRow)),
    route={"anyOf": [OBJECT, {"type": "null"}]},
    actions=_ACTIONS,
)
PART_ROW = row_of("OrderPartRow", PartListRow)
FEED = row_of(
    "PartFeed", FeedChoice, needs=OBJECT, sources=array_of(row_of("PartFeedSource", FeedSource, qtys=OBJECT))
)
SHIPMENT = row_of("Shipment", ShipmentDetail)
SHIPMENT_EVENT = row_of("ShipmentEvent", ShipmentEventRow)
PRODUCTION = row_of(
    "Production",
    ProductionRow,
    lines=array_of(row_of("ProductionLine", ProductionLineRow)),
    actions=_ACTIONS,
)
MERGE_GROUP = row_of(
    "MergeGroup", MergeGroup, shares=array_of(object_of(number=TEXT, amount=AMOUNT)), steps=_STEPS
)
MERGE_GROUPS = Named("MergeGroups", object_of(items=array_of(MERGE_GROUP)))
MERGE_BENEFIT = row_of("MergeBenefit", MergeBenefit)
ORDER_DETAIL = row_of(
    "OrderDetail",
    OrderDetail,
    omit=("amounts",),
    **_SUMS,
    lines=array_of(row_of("OrderLine", OrderLineRow, omit=("amounts",), **_SUMS, steps=_STEPS)),
    parts=array_of(PART),
    holds=array_of(row_of("Hold", HoldRow, omit=("text", "facts"), title=TEXT)),
    returns=array_of(RETURN),
    events=array_of(row_of("OrderEvent", EventRow, omit=("payload",), facts=OBJECT)),
    actions=_ACTIONS,
)
ORDER_PLACED = row_of("OrderPlaced", PlacedOrder)
_REASONS = array_of(object_of(code=TEXT, title=TEXT))
QUOTE = row_of(
    "Quote",
    OrderQuote,
    omit=("amounts", "plan", "sources", "quotas"),
    **_SUMS,
    can_place=FLAG,
    promised_on=or_null(DAY),
    reasons=_REASONS,
    holds=_REASONS,
    parts=array_of(
        object_of(
            mode=TEXT,
            status=TEXT,
            promised_on=or_null(DAY),
            lines=array_of(object_of(line_no=NUMBER, qty=NUMBER)),
        )
    ),
    exposure={"anyOf": [reference(EXPOSURE), {"type": "null"}]},
    lines=array_of(
        row_of("QuoteLine", QuoteLine, omit=("amounts",), **_SUMS, short_qty=NUMBER, steps=_STEPS)
    ),
)

SALES_ROW = row_of("SalesRow", SalesRow, omit=("order_id",), amount=AMOUNT)
SALES_ROWS = list_of(SALES_ROW, view=TEXT, currency=TEXT, sales=AMOUNT, returns=AMOUNT)
COCKPIT = Named(
    "Cockpit",
    {
        "type": "object",
        "required": ["view", "as_of", "from", "to", "currency", "is_restricted", "regions", "months"],
        "properties": {
            "view": TEXT,
            "as_of": or_null(INSTANT),
            "from": DAY,
            "to": DAY,
            "currency": TEXT,
            "is_restricted": FLAG,
            "sales": or_null(AMOUNT),
            "regions": array_of(OBJECT),
            "categories": array_of(OBJECT),
            "league": array_of(OBJECT),
            "months": array_of(OBJECT),
            "purchases": OBJECT,
        },
    },
)
