"""Orders between a buyer and its seller: quote, place, route, split, ship, deliver, cancel, return."""

from .answering import accept_part, decline_part
from .bumping import BUMPED
from .carrying import follow_shipment
from .control_tower import (
    TOWER_STAGES,
    StageTile,
    TowerRow,
    delay_days,
    list_tower,
    next_step,
    tower_tiles,
)
from .delivering import complete_order, deliver_order, deliver_part
from .detail import (
    EventRow,
    HoldRow,
    OrderDetail,
    OrderLineRow,
    get_order,
)
from .drafts import keep_draft, lines_of_order, parse_lines, read_draft
from .errors import (
    FedAlreadyError,
    NoSupplierError,
    NotBesideError,
    NotTogetherError,
    NotYourBuyerError,
    NotYourOrderError,
    OrderRefusedError,
    PastedLineError,
    RatingClosedError,
    ReturnQuantityError,
    ReusedKeyError,
    ShortageError,
    StillHeldError,
)
from .exceptions import EXCEPTION_NAMES, LIMITS, ExceptionKind, Found, Limits, Side, Watched, judge
from .expiring import complete_delivered, due_holds, due_offers, expire_hold, expire_offer
from .explaining import explain_order
from .feedback_rules import Ratings
from .feeding import FeedChoice, FeedSource, feed_choice, feed_part, follow_transfer
from .fulfilment_map import (
    FulfilmentMap,
    Journey,
    MapEvent,
    PlaceTile,
    StageMark,
    fulfilment_map,
    mask_name,
    public_view,
)
from .map_queries import get_fulfilment_map
from .merge_groups import MergeBenefit, MergeGroup, list_merge_groups, read_merge_benefit
from .merging import MERGE_WINDOWS, Mergeable, group_parts
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
    Urgency,
)
from .offering import quote_order
from .order_documents import ReturnRow
from .part_detail import PartLineRow, PartRow, get_part
from .part_queries import PartListRow, is_late, list_parts
from .placing import PlacedOrder, place_order
from .preempting import Soft, Taken, choose_victims
from .production import cancel_production, plan_production, start_production
from .production_asking import request_production
from .production_finishing import MadeGoods, finish_production
from .production_models import ProductionLine, ProductionRequest, ProductionStatus
from .production_queries import (
    ProductionLineRow,
    ProductionRow,
    WeekLoad,
    get_production,
    list_production,
    week_loads,
)
from .production_work import PRODUCTION
from .progress import OPEN_PARTS, OUT_PARTS, roll_up
from .queries import OrderRow, SellerRow, list_orders, list_sellers
from .quote_whys import why_of_quote
from .quoted_lines import QuoteLine
from .quoting import OrderQuote
from .return_requests import GOODS_RETURN, apply_return, request_return, return_version
from .returns import return_goods
from .routing import RoutePlan, route
from .routing_rules import RouteLine, RouteSource, RouteTerms
from .rules import (
    UNKNOWN_SKU,
    LineFacts,
    LineRequest,
    PartyFacts,
    ordering_reasons,
    refund,
    split_amounts,
    sum_lines,
)
from .search import search_orders
from .service import allocate_order, cancel_order, release_order
from .settling import settle_short_delivery
from .shipping import pick_part, ship_order, ship_parts
from .shortages import CHOICES, SHORT_DELIVERY, SHORTAGES, Shortage
from .splitting import Part, PartLine, split_order
from .suggested import forget_expected, take_up_suggestion
from .tracking import (
    COMPLAINT,
    COMPLAINTS,
    TrackedOrder,
    complain,
    rate_order,
    ratings_of,
    track_order,
    tracking_tokens,
)
from .tracking_models import (
    DeliveryShortage,
    OrderFeedback,
)
from .urgent_orders import mark_urgent, prioritise_order, unmark_urgent
from .watching import RoundCount, watch_orders

__all__ = [
    "BUMPED",
    "CHOICES",
    "COMPLAINT",
    "COMPLAINTS",
    "EXCEPTION_NAMES",
    "GOODS_RETURN",
    "LIMITS",
    "MERGE_WINDOWS",
    "OPEN_PARTS",
    "OUT_PARTS",
    "PRODUCTION",
    "SHORTAGES",
    "SHORT_DELIVERY",
    "TOWER_STAGES",
    "UNKNOWN_SKU",
    "DeliveryShortage",
    "EventRow",
    "ExceptionKind",
    "FedAlreadyError",
    "FeedChoice",
    "FeedSource",
    "Found",
    "FulfilmentLine",
    "FulfilmentMap",
    "FulfilmentMode",
    "FulfilmentOrder",
    "FulfilmentStatus",
    "HoldRow",
    "Journey",
    "Limits",
    "LineFacts",
    "LineRequest",
    "MadeGoods",
    "MapEvent",
    "MergeBenefit",
    "MergeGroup",
    "Mergeable",
    "NoSupplierError",
    "NotBesideError",
    "NotTogetherError",
    "NotYourBuyerError",
    "NotYourOrderError",
    "OrderDetail",
    "OrderFeedback",
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
    "PastedLineError",
    "PlaceTile",
    "PlacedOrder",
    "ProductionLine",
    "ProductionLineRow",
    "ProductionRequest",
    "ProductionRow",
    "ProductionStatus",
    "QuoteLine",
    "RatingClosedError",
    "Ratings",
    "ReturnLine",
    "ReturnQuantityError",
    "ReturnRow",
    "ReusedKeyError",
    "RoundCount",
    "RouteLine",
    "RoutePlan",
    "RouteSource",
    "RouteTerms",
    "SalesOrder",
    "SalesReturn",
    "SellerRow",
    "Shortage",
    "ShortageError",
    "Side",
    "Soft",
    "StageMark",
    "StageTile",
    "StillHeldError",
    "Taken",
    "TowerRow",
    "TrackedOrder",
    "Urgency",
    "Watched",
    "WeekLoad",
    "accept_part",
    "allocate_order",
    "apply_return",
    "cancel_order",
    "cancel_production",
    "choose_victims",
    "complain",
    "complete_delivered",
    "complete_order",
    "decline_part",
    "delay_days",
    "deliver_order",
    "deliver_part",
    "due_holds",
    "due_offers",
    "expire_hold",
    "expire_offer",
    "explain_order",
    "feed_choice",
    "feed_part",
    "finish_production",
    "follow_shipment",
    "follow_transfer",
    "forget_expected",
    "fulfilment_map",
    "get_fulfilment_map",
    "get_order",
    "get_part",
    "get_production",
    "group_parts",
    "is_late",
    "judge",
    "keep_draft",
    "lines_of_order",
    "list_merge_groups",
    "list_orders",
    "list_parts",
    "list_production",
    "list_sellers",
    "list_tower",
    "mark_urgent",
    "mask_name",
    "next_step",
    "ordering_reasons",
    "parse_lines",
    "pick_part",
    "place_order",
    "plan_production",
    "prioritise_order",
    "public_view",
    "quote_order",
    "rate_order",
    "ratings_of",
    "read_draft",
    "read_merge_benefit",
    "refund",
    "release_order",
    "request_production",
    "request_return",
    "return_goods",
    "return_version",
    "roll_up",
    "route",
    "search_orders",
    "settle_short_delivery",
    "ship_order",
    "ship_parts",
    "split_amounts",
    "split_order",
    "start_production",
    "sum_lines",
    "take_up_suggestion",
    "tower_tiles",
    "track_order",
    "tracking_tokens",
    "unmark_urgent",
    "watch_orders",
    "week_loads",
    "why_of_quote",
]
