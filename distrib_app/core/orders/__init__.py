"""Orders between a buyer and its seller: quote, place, route, split, ship, deliver, cancel, return."""

from .delivering import accept_part, complete_order, decline_part, deliver_order, deliver_part
from .detail import (
    EventRow,
    HoldRow,
    OrderDetail,
    OrderLineRow,
    ReturnRow,
    ShipmentRow,
    get_order,
)
from .drafts import keep_draft, lines_of_order, parse_lines, read_draft
from .errors import (
    NoSupplierError,
    NotTogetherError,
    NotYourBuyerError,
    NotYourOrderError,
    OrderRefusedError,
    ReturnQuantityError,
    ReusedKeyError,
    StillHeldError,
)
from .lifecycle import BUYER_LIFECYCLE, SELLER_LIFECYCLE, OrderFacts, order_actions
from .models import (
    FulfilmentLine,
    FulfilmentMode,
    FulfilmentOrder,
    FulfilmentStatus,
    OrderLine,
    OrderStatus,
    ReturnLine,
    SalesOrder,
    SalesReturn,
)
from .part_detail import PartLineRow, PartRow, get_part
from .part_lifecycle import BUYER_PARTS, OWNER_PARTS, SELLER_PARTS, part_actions
from .part_queries import PartListRow, is_late, list_parts
from .placing import PlacedOrder, place_order
from .progress import OPEN_PARTS, OUT_PARTS, roll_up
from .queries import OrderRow, SellerRow, list_orders, list_sellers
from .quoting import OrderQuote, QuoteLine, quote_order
from .return_requests import GOODS_RETURN, apply_return, request_return, return_version
from .returns import return_goods
from .routing import RoutePlan, route
from .routing_rules import RouteLine, RouteSource, RouteTerms
from .rules import LineFacts, LineRequest, PartyFacts, ordering_reasons, refund, split_amounts, sum_lines
from .search import search_orders
from .service import allocate_order, cancel_order, release_order
from .shipping import pick_part, ship_order, ship_parts
from .splitting import Part, PartLine, split_order
from .suggested import forget_expected, take_up_suggestion

__all__ = [
    "BUYER_LIFECYCLE",
    "BUYER_PARTS",
    "GOODS_RETURN",
    "OPEN_PARTS",
    "OUT_PARTS",
    "OWNER_PARTS",
    "SELLER_LIFECYCLE",
    "SELLER_PARTS",
    "EventRow",
    "FulfilmentLine",
    "FulfilmentMode",
    "FulfilmentOrder",
    "FulfilmentStatus",
    "HoldRow",
    "LineFacts",
    "LineRequest",
    "NoSupplierError",
    "NotTogetherError",
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
    "Part",
    "PartLine",
    "PartLineRow",
    "PartListRow",
    "PartRow",
    "PartyFacts",
    "PlacedOrder",
    "QuoteLine",
    "ReturnLine",
    "ReturnQuantityError",
    "ReturnRow",
    "ReusedKeyError",
    "RouteLine",
    "RoutePlan",
    "RouteSource",
    "RouteTerms",
    "SalesOrder",
    "SalesReturn",
    "SellerRow",
    "ShipmentRow",
    "StillHeldError",
    "accept_part",
    "allocate_order",
    "apply_return",
    "cancel_order",
    "complete_order",
    "decline_part",
    "deliver_order",
    "deliver_part",
    "forget_expected",
    "get_order",
    "get_part",
    "is_late",
    "keep_draft",
    "lines_of_order",
    "list_orders",
    "list_parts",
    "list_sellers",
    "order_actions",
    "ordering_reasons",
    "parse_lines",
    "part_actions",
    "pick_part",
    "place_order",
    "quote_order",
    "read_draft",
    "refund",
    "release_order",
    "request_return",
    "return_goods",
    "return_version",
    "roll_up",
    "route",
    "search_orders",
    "ship_order",
    "ship_parts",
    "split_amounts",
    "split_order",
    "sum_lines",
    "take_up_suggestion",
]
