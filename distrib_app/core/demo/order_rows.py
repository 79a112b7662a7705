"""Writes the demo's orders: the promise, journal legs, returns, and the events of each order."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from ..journal import JournalLeg, bulk_post_legs, flow_step
from ..kernel.errors import msg
from ..kernel.events import Event
from ..kernel.explain import Step
from ..kernel.money import MILLION, Money, TaxSplit, minor_to_micros
from ..orders.models import OrderLine, OrderStatus, ReturnLine, SalesOrder, SalesReturn
from .catalogue import TAX_PPM
from .prices import PricePlan
from .timeline import DAY
from .trade import CURRENCY, LinePlan, OrderPlan, line_split
from .writer import Writer, as_json

# how long after placing an order is promised for
PROMISED_WITHIN = timedelta(days=3)
# for how long after its delivery an order keeps its tracking link, in seconds
FOLLOWED = 30 * DAY
PARTIES = ("seller_id", "buyer_id", "seller_path", "buyer_path")
AMOUNTS = ("net_amount", "tax_amount", "gross_amount")


def write_orders(writer: Writer, orders: Sequence[OrderPlan], prices: PricePlan) -> None:
    """Orders with their lines; numbers have been given."""
    instant, first_line = writer.instant, writer.first_id(OrderLine)
    for position, line in enumerate(line for order in orders for line in order.lines):
        line.id = first_line + position
    writer.insert(
        SalesOrder,
        (
            "id", "version", "number", "status", *PARTIES, "region_id", "account_id", "currency", *AMOUNTS,
            "placed_at", "promised_on", "urgent_reason", "tracking_token",
        ),
        (
            (
                order.id, 1, order.number, _status(order), *parties_of(order),
                order.account.buyer.home.region_id, order.account.id, CURRENCY, *split_of(order.amount),
                instant(order.placed), promised_on(writer, order), "", _link(writer, order),
            )
            for order in orders
        ),
    )  # fmt: skip
    writer.insert(
        OrderLine,
        (
            "id", "order_id", "line_no", "sku_id", "qty", "unit_price", "tax_ppm", *AMOUNTS, "steps",
        ),
        _line_rows(writer, orders, prices),
    )  # fmt: skip


def _status(order: OrderPlan) -> str:
    if order.shipped is None:
        return str(OrderStatus.ALLOCATED)
    return str(OrderStatus.SHIPPED if order.delivered is None else OrderStatus.DELIVERED)


def _link(writer: Writer, order: OrderPlan) -> str | None:
    """The tracking link of an order that recipients still look at; as random as the demo is: not at all."""
    if order.delivered is not None and order.delivered < writer.timeline.end - FOLLOWED:
        return None
    digest = hashlib.sha256(f"demo {order.number}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()


def parties_of(order: OrderPlan) -> tuple[int, int, str, str]:
    """Seller and buyer with their paths, in the order of `PARTIES`."""
    seller, buyer = order.account.seller, order.account.buyer
    return seller.id, buyer.id, seller.path, buyer.path


def split_of(amount: TaxSplit) -> tuple[int, int, int]:
    """An amount in the order of `AMOUNTS`."""
    return amount.net, amount.tax, amount.gross


def promised_on(writer: Writer, order: OrderPlan) -> str:
    """The day an order was promised for: three days after it was placed."""
    return (writer.timeline.day(order.placed) + PROMISED_WITHIN).isoformat()


def _line_rows(writer: Writer, orders: Sequence[OrderPlan], prices: PricePlan) -> Iterator[tuple[Any, ...]]:
    for order in orders:
        window = prices.window(writer.timeline.day(order.placed))
        valid_from = prices.starts[window].isoformat()
        recorded_at = writer.timeline.instant(prices.recorded_second(window)).isoformat()
        for line in order.lines:
            yield (
                line.id, order.id, line.no, line.sku.id, line.qty, line.yuan * MILLION, TAX_PPM,
                *split_of(line.amount), _steps(line.qty, line.yuan, valid_from, recorded_at),
            )  # fmt: skip


@lru_cache(maxsize=100_000)
def _steps(qty: int, yuan: int, valid_from: str, recorded_at: str) -> str:
    """The deciding price row and the line's amount, in the words of pricing and orders."""
    price = Step(
        msg("Unit price, valid from {valid_from}, recorded {recorded_at}"),
        {"valid_from": valid_from, "recorded_at": recorded_at},
        f"{yuan} {CURRENCY}",
    )
    times = Step(
        msg("{qty} × {price}, tax included"),
        {"qty": qty, "price": str(yuan)},
        str(Money(CURRENCY, line_split(qty, yuan).gross)),
    )
    return as_json([price.frozen(), times.frozen()])


def by_shipping(orders: Sequence[OrderPlan]) -> list[tuple[int, OrderPlan]]:
    """What has left, with when, in that order."""
    shipped = [(order.shipped, order) for order in orders if order.shipped is not None]
    return sorted(shipped, key=lambda pair: pair[0])


def write_returns(writer: Writer, orders: Sequence[OrderPlan]) -> None:
    """Returns with their lines, oldest first."""
    first = writer.first_id(SalesReturn)
    pairs = [(order, order.returned) for order in orders if order.returned is not None]
    pairs.sort(key=lambda pair: pair[1].second)
    writer.insert(
        SalesReturn,
        ("id", "number", "order_id", *PARTIES, "returned_at", "returned_on", "reason"),
        (
            (
                first + index, returned.number, order.id, *parties_of(order),
                writer.instant(returned.second), writer.timeline.day(returned.second).isoformat(),
                returned.reason,
            )
            for index, (order, returned) in enumerate(pairs)
        ),
    )  # fmt: skip
    writer.insert(
        ReturnLine,
        (
            "return_id", "line_no", "order_line_id", "fulfilment_line_id", "sku_id", "qty", "unit_price",
            *AMOUNTS,
        ),
        (
            (
                first + index, no, line.id, line.part_line_id, line.sku.id, line.returned_qty,
                line.yuan * MILLION, *split_of(refund),
            )
            for index, (order, _) in enumerate(pairs)
            for no, (line, refund) in enumerate(refunded(order), start=1)
        ),
    )  # fmt: skip


def refunded(order: OrderPlan) -> list[tuple[LinePlan, TaxSplit]]:
    """The lines of an order that came back, with what they give back."""
    return [(line, line.refund) for line in order.lines if line.refund is not None]


def write_legs(writer: Writer, orders: Sequence[OrderPlan], *, key: str, source: str) -> int:
    """All legs as one posting, in booking order: sales when shipped, returns when they came back."""
    events = [(second, order.id, False, order) for second, order in by_shipping(orders)]
    events += [(o.returned.second, o.id, True, o) for o in orders if o.returned is not None]
    events.sort(key=lambda event: event[:3])
    first = writer.first_id(JournalLeg)  # asked before, because COPY takes the connection while rows flow
    rows = _leg_rows(writer, [(order, back) for _, _, back, order in events], first)
    return bulk_post_legs(writer.session, key=key, source=source, rows=rows, now=writer.now)


def _leg_rows(
    writer: Writer, events: Sequence[tuple[OrderPlan, bool]], leg_id: int
) -> Iterator[tuple[Any, ...]]:
    timeline = writer.timeline
    for order, is_return in events:
        account = order.account
        step = str(flow_step(seller_is_brand=account.is_direct))
        common = (*parties_of(order), account.buyer.home.region_id)
        assert order.shipped is not None
        shipped_on = timeline.day(order.shipped).isoformat()
        if not is_return:
            for line in order.lines:
                line.leg_id, leg_id = leg_id, leg_id + 1
                yield (
                    step, shipped_on, *common, line.sku.id, line.qty, line.yuan * MILLION,
                    minor_to_micros(line.amount.gross, CURRENCY), minor_to_micros(line.amount.tax, CURRENCY),
                    order.id, order.number, line.no, None, None,
                )  # fmt: skip
            continue
        assert order.returned is not None
        booked_on = timeline.day(order.returned.second).isoformat()
        for no, (line, refund) in enumerate(refunded(order), start=1):
            leg_id += 1
            yield (
                step, booked_on, *common, line.sku.id, -line.returned_qty, line.yuan * MILLION,
                -minor_to_micros(refund.gross, CURRENCY), -minor_to_micros(refund.tax, CURRENCY),
                order.id, order.returned.number, no, line.leg_id, shipped_on,
            )  # fmt: skip


def write_events(writer: Writer, orders: Sequence[OrderPlan]) -> None:
    """What happened to each order, in time order, as the verbs of orders would have said it."""
    rows = sorted((row for order in orders for row in _events(order)), key=lambda row: row[0])
    writer.insert(
        Event,
        ("occurred_at", "kind", "subject_kind", "subject_key", "payload"),
        (
            (writer.instant(second), kind, "order", number, as_json(payload))
            for second, kind, number, payload in rows
        ),
    )


def _events(order: OrderPlan) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    account, number = order.account, order.number
    yield (
        order.placed,
        "order.placed",
        number,
        {
            "seller": account.seller.code,
            "buyer": account.buyer.code,
            "gross_amount": order.amount.gross,
            "currency": CURRENCY,
        },
    )
    if order.shipped is not None:
        sent = {"shipment": order.shipment_number, "carrier": order.carrier, "waybill": order.waybill}
        yield order.shipped, "order.shipped", number, sent
    if order.delivered is not None:
        yield order.delivered, "order.delivered", number, {}
    if order.returned is not None:
        qty = sum(line.returned_qty for line in order.lines)
        yield (
            order.returned.second,
            "order.returned",
            number,
            {
                "document": order.returned.number,
                "qty": qty,
                "gross_amount": order.refund.gross,
            },
        )
