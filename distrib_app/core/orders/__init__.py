"""Orders between a buyer and its seller: quote, place, allocate, ship, deliver, cancel, return."""

from .detail import EventRow, OrderDetail, OrderLineRow, ReturnRow, ShipmentRow, get_order
from .errors import (
    NotYourBuyerError,
    NotYourOrderError,
    OrderRefusedError,
    ReturnQuantityError,
    ReusedKeyError,
)
from .fulfilment import deliver_order, ship_order
from .lifecycle import BUYER_LIFECYCLE, SELLER_LIFECYCLE, OrderFacts, order_actions
from .models import (
    OrderLine,
    OrderStatus,
    ReturnLine,
    SalesOrder,
    SalesReturn,
    Shipment,
    ShipmentLine,
)
from .queries import OrderRow, SellerRow, list_orders, list_sellers
from .quoting import OrderQuote, QuoteLine, quote_order
from .return_requests import GOODS_RETURN, apply_return, request_return, return_version
from .returns import return_goods
from .rules import LineFacts, LineRequest, PartyFacts, ordering_reasons, refund, split_amounts, sum_lines
from .search import search_orders
from .service import allocate_order, cancel_order, place_order
from .shipments import ShipmentDetail, ShipmentLineRow, get_shipment

__all__ = [
    "BUYER_LIFECYCLE",
    "GOODS_RETURN",
    "SELLER_LIFECYCLE",
    "EventRow",
    "LineFacts",
    "LineRequest",
    "NotYourBuyerError",
    "NotYourOrderError",
    "OrderDetail",
    "OrderFacts",
    "OrderLine",
    "OrderLineRow",
    "OrderQuote",
    "OrderRefusedError",
    "OrderRow",
    "OrderStatus",
    "PartyFacts",
    "QuoteLine",
    "ReturnLine",
    "ReturnQuantityError",
    "ReturnRow",
    "ReusedKeyError",
    "SalesOrder",
    "SalesReturn",
    "SellerRow",
    "Shipment",
    "ShipmentDetail",
    "ShipmentLine",
    "ShipmentLineRow",
    "ShipmentRow",
    "allocate_order",
    "apply_return",
    "cancel_order",
    "deliver_order",
    "get_order",
    "get_shipment",
    "list_orders",
    "list_sellers",
    "order_actions",
    "ordering_reasons",
    "place_order",
    "quote_order",
    "refund",
    "request_return",
    "return_goods",
    "return_version",
    "search_orders",
    "ship_order",
    "split_amounts",
    "sum_lines",
]
