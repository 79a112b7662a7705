"""The words of what lists show, as messages: the same on the page, in a filter and in a file."""

from ..accounts import InvoiceKind, ReceiptMethod
from ..catalog import SkuKind
from ..channels import PartnerStatus
from ..inventory import (
    Cover,
    LineSource,
    LocationKind,
    MovementKind,
    NetworkView,
    ShipmentEventKind,
    ShipmentStatus,
    SuggestionKind,
    SuggestionStatus,
    TransferStatus,
    TransferTitle,
)
from ..journal import FlowStep
from ..kernel.errors import msg
from ..orders import FulfilmentMode, FulfilmentStatus, OrderStatus, ProductionStatus

ORDER_STATES: dict[str, str] = {
    OrderStatus.HELD: msg("held"),
    OrderStatus.PLACED: msg("placed"),
    OrderStatus.CONFIRMED: msg("confirmed"),
    OrderStatus.IN_PRODUCTION: msg("in production"),
    OrderStatus.ALLOCATED: msg("allocated"),
    OrderStatus.PICKED: msg("picked"),
    OrderStatus.SHIPPED: msg("shipped"),
    OrderStatus.IN_TRANSIT: msg("in transit"),
    OrderStatus.DELIVERED: msg("delivered"),
    OrderStatus.COMPLETED: msg("completed"),
    OrderStatus.RETURNED: msg("returned"),
    OrderStatus.CANCELLED: msg("cancelled"),
    OrderStatus.RECORDED: msg("recorded"),
}
# of the parts of an order; the stages they share with the order have its words
PART_STATES: dict[str, str] = {
    FulfilmentStatus.OFFERED: msg("offered"),
    FulfilmentStatus.WAITING: msg("waiting for stock"),
    **{one: ORDER_STATES[one] for one in FulfilmentStatus if one.value in ORDER_STATES},
}
SHIPMENT_STATES: dict[str, str] = {
    ShipmentStatus.SHIPPED: ORDER_STATES[OrderStatus.SHIPPED],
    ShipmentStatus.IN_TRANSIT: ORDER_STATES[OrderStatus.IN_TRANSIT],
    ShipmentStatus.DELIVERED: ORDER_STATES[OrderStatus.DELIVERED],
    ShipmentStatus.REFUSED: msg("refused"),
    ShipmentStatus.LOST: msg("lost"),
}
SHIPMENT_REPORTS: dict[str, str] = {
    ShipmentEventKind.PICKED_UP: msg("Picked up by the carrier"),
    ShipmentEventKind.IN_TRANSIT: msg("On the road"),
    ShipmentEventKind.ARRIVED_HUB: msg("Arrived at a hub"),
    ShipmentEventKind.OUT_FOR_DELIVERY: msg("Out for delivery"),
    ShipmentEventKind.DELIVERED: msg("Handed over"),
    ShipmentEventKind.REFUSED: msg("Refused by the receiver"),
    ShipmentEventKind.EXCEPTION: msg("A problem on the way"),
    ShipmentEventKind.LOST: msg("Reported lost"),
    ShipmentEventKind.NOTE: msg("Note"),
}
PRODUCTION_STATES: dict[str, str] = {
    ProductionStatus.OPEN: msg("to plan"),
    ProductionStatus.PLANNED: msg("planned"),
    ProductionStatus.IN_PRODUCTION: msg("in production"),
    ProductionStatus.FINISHED: msg("finished"),
    ProductionStatus.CANCELLED: msg("cancelled"),
}
FULFILMENT_MODES: dict[str, str] = {
    FulfilmentMode.OWN: msg("own stock"),
    FulfilmentMode.DIRECT: msg("brand direct"),
    FulfilmentMode.REGIONAL: msg("regional warehouse"),
    FulfilmentMode.PARTNER: msg("partner's stock"),
}
PARTNER_STATES: dict[str, str] = {
    PartnerStatus.ACTIVE: msg("Active"),
    PartnerStatus.SUSPENDED: msg("Suspended"),
    PartnerStatus.APPLICANT: msg("Applicant"),
    PartnerStatus.TERMINATED: msg("Terminated"),
}
SKU_KINDS: dict[str, str] = {SkuKind.GOODS: msg("goods"), SkuKind.SERVICE: msg("service")}
SKU_STATES = {
    "orderable": msg("orderable"),
    "closed": msg("not orderable"),
    "backorder": msg("orderable beyond stock"),
}
STOCK_STATES = {
    "available": msg("available"),
    "reserved": msg("partly reserved"),
    "empty": msg("nothing available"),
}
SUGGESTION_KINDS: dict[str, str] = {
    SuggestionKind.REPLENISH: msg("replenish"),
    SuggestionKind.TRANSFER: msg("transfer"),
    SuggestionKind.CLEARANCE: msg("clearance"),
    SuggestionKind.KEEP: msg("nothing to order"),
}
SUGGESTION_STATES: dict[str, str] = {
    SuggestionStatus.OPEN: msg("to decide"),
    SuggestionStatus.SNOOZED: msg("snoozed"),
    SuggestionStatus.ACCEPTED: msg("accepted"),
    SuggestionStatus.DISMISSED: msg("dismissed"),
    SuggestionStatus.EXPIRED: msg("expired"),
}
URGENCY = {"urgent": msg("urgent"), "normal": msg("normal")}
LINE_SOURCES: dict[str, str] = {
    LineSource.HAND: msg("by hand"),
    LineSource.COMPUTED: msg("computed"),
}
QUOTA_STATES = {
    "now": msg("in force"),
    "coming": msg("coming"),
    "over": msg("over"),
    "used": msg("used up"),
}
LINE_STATES = {
    "urgent": msg("below the safety line"),
    "short": msg("below the warning line"),
    "above": msg("above the maximum line"),
}
NETWORK_VIEWS: dict[str, str] = {
    NetworkView.BRAND: msg("Brand"),
    NetworkView.PARTNER: msg("Partners"),
    NetworkView.STORE: msg("Stores"),
}
LOCATION_KINDS: dict[str, str] = {
    LocationKind.PLANT: msg("plant"),
    LocationKind.WAREHOUSE: msg("warehouse"),
    LocationKind.REGIONAL_WAREHOUSE: msg("regional warehouse"),
    LocationKind.STORE: msg("store"),
}
MOVEMENT_KINDS: dict[str, str] = {
    MovementKind.RECEIPT: msg("receipt"),
    MovementKind.RESERVE: msg("reservation"),
    MovementKind.RELEASE: msg("release"),
    MovementKind.SHIP: msg("shipment"),
    MovementKind.TRANSFER_OUT: msg("transfer out"),
    MovementKind.TRANSFER_IN: msg("transfer in"),
    MovementKind.RETURN: msg("return"),
    MovementKind.COUNT: msg("count"),
    MovementKind.CORRECTION: msg("correction"),
}
COVERS: dict[str, str] = {
    Cover.OUT: msg("out of stock"),
    Cover.SHORT: msg("short"),
    Cover.FINE: msg("fine"),
    Cover.HIGH: msg("high"),
    Cover.MUCH: msg("too much"),
    Cover.IDLE: msg("nothing goes out"),
    Cover.NONE: msg("none"),
}
INVOICE_KINDS: dict[str, str] = {
    InvoiceKind.INVOICE: msg("Invoice"),
    InvoiceKind.CREDIT_NOTE: msg("Credit note"),
}
INVOICE_STATES = {"open": msg("unpaid"), "overdue": msg("overdue"), "paid": msg("paid")}
RECEIPT_METHODS: dict[str, str] = {
    ReceiptMethod.TRANSFER: msg("Bank transfer"),
    ReceiptMethod.CASH: msg("Cash"),
    ReceiptMethod.ACCEPTANCE_BILL: msg("Acceptance bill"),
}
PRICE_KINDS = {
    "base": msg("base price"),
    "promotion": msg("promotion price"),
    "special": msg("special price"),
}
BUYER_SCOPES = {
    "all": msg("all buyers"),
    "tier": msg("tier"),
    "region": msg("region"),
    "tier_in_region": msg("tier in region"),
    "partner": msg("partner"),
}
FLOW_STEPS: dict[str, str] = {
    FlowStep.SELL_IN: msg("sell-in"),
    FlowStep.SELL_THROUGH: msg("sell-through"),
    FlowStep.SELL_OUT: msg("sell-out"),
}
TRANSFER_STATES: dict[str, str] = {
    TransferStatus.REQUESTED: msg("asked for"),
    TransferStatus.APPROVED: msg("approved"),
    TransferStatus.PICKED: ORDER_STATES[OrderStatus.PICKED],
    TransferStatus.IN_TRANSIT: ORDER_STATES[OrderStatus.IN_TRANSIT],
    TransferStatus.PARTLY_RECEIVED: msg("partly received"),
    TransferStatus.RECEIVED: msg("received"),
    TransferStatus.SETTLED: msg("settled"),
    TransferStatus.REJECTED: msg("rejected"),
    TransferStatus.CANCELLED: ORDER_STATES[OrderStatus.CANCELLED],
}
TRANSFER_TITLES: dict[str, str] = {
    TransferTitle.NONE: msg("inside one owner"),
    TransferTitle.DIRECT: msg("sold by the giver"),
    TransferTitle.BUY_BACK: msg("bought back"),
    TransferTitle.BRAND: msg("through the brand"),
    TransferTitle.CHAIN: msg("along the chain"),
}
