"""The words of what lists show, as messages: the same on the page, in a filter and in a file."""

from ..accounts import InvoiceKind, ReceiptMethod
from ..catalog import SkuKind
from ..channels import PartnerStatus
from ..journal import FlowStep
from ..kernel.errors import msg
from ..orders import OrderStatus

ORDER_STATES: dict[str, str] = {
    OrderStatus.PLACED: msg("placed"),
    OrderStatus.SHIPPED: msg("shipped"),
    OrderStatus.DELIVERED: msg("delivered"),
    OrderStatus.CANCELLED: msg("cancelled"),
    OrderStatus.RECORDED: msg("recorded"),
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
