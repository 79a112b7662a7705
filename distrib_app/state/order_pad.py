"""The order pad: a buyer's draft, quoted anew on every change, until it is placed."""

import uuid
from typing import Any

import reflex as rx

from .. import routes
from ..core.catalog import list_skus
from ..core.kernel.access import Permission
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import InvalidError, msg
from ..core.kernel.listing import ListQuery
from ..core.orders import LineRequest, OrderQuote, list_sellers, place_order, quote_order
from ..gate import allowed
from . import orders_view as view
from .base import Gate

MAX_LINES = 200


class OrderPad(Gate, rx.State):
    """A buyer's order before it is placed: lines, quote, reasons."""

    is_loaded: bool = False
    sellers: list[dict[str, str]] = []
    chosen: str = ""
    search: str = ""
    found: list[dict[str, str]] = []
    lines: list[dict[str, str]] = []
    totals: dict[str, str] = {}
    reasons: list[str] = []
    credit: list[dict[str, str]] = []
    can_place: bool = False
    _wanted: dict[str, int] = {}
    _key: str = ""

    @rx.event
    async def load(self) -> None:
        """The sellers to choose from; a draft of this tab is kept."""
        rows = await self._read(list_sellers)
        language = await self._language()
        self.sellers = view.sellers(rows, language)
        if self.sellers and not any(row["value"] == self.chosen for row in self.sellers):
            self.chosen = self.sellers[0]["value"]
        self._key = self._key or uuid.uuid4().hex
        self.is_loaded = True
        await self._quote()
        await self._find("")

    @rx.event
    async def choose_seller(self, value: str) -> None:
        """Order from another seller; the lines stay and are priced anew."""
        self.chosen = value[:90]
        await self._quote()

    @rx.event(supersedes=True)
    async def find(self, text: str) -> None:
        """SKUs by code or name."""
        await self._find(text.strip()[:60])

    async def _find(self, text: str) -> None:
        page = await self._read(allowed(Permission.CATALOG_READ, list_skus), query=ListQuery(text, limit=12))
        language = await self._language()
        self.search = text
        self.found = [view.sku_choice(row, language) for row in page.rows if row.is_orderable]

    @rx.event
    async def add(self, sku_code: str, qty: int) -> None:
        """One more multiple of a SKU, or the first one."""
        wanted = dict(self._wanted)
        wanted[sku_code[:60]] = wanted.get(sku_code[:60], 0) + max(1, min(int(qty), 1_000_000))
        await self._replace(wanted)

    @rx.event
    async def set_qty(self, sku_code: str, text: str) -> None:
        """Another quantity of a line; nothing or zero removes it."""
        qty = await self._checked(_quantity, sku_code, text.strip())
        wanted = dict(self._wanted)
        if qty:
            wanted[sku_code[:60]] = qty
        else:
            wanted.pop(sku_code, None)
        await self._replace(wanted)

    async def _replace(self, wanted: dict[str, int]) -> None:
        await self._checked(_check_length, wanted)
        self._wanted = wanted
        await self._quote()

    async def _quote(self) -> None:
        quote: OrderQuote | None = None
        if self.chosen and self._wanted:
            buyer, _, seller = self.chosen.partition("|")
            quote = await self._read(
                quote_order, buyer_code=buyer, seller_code=seller, lines=self._lines(), now=utc_now()
            )
        else:
            await self._ask_in()
        language, zone = await self._language(), await self._zone()
        self.lines = view.quote_lines(quote, language, zone)
        self.totals = view.totals(quote, language)
        self.reasons = view.reasons(quote, language)
        self.credit = view.credit(quote, language, zone)
        self.can_place = quote is not None and quote.can_place

    def _lines(self) -> list[LineRequest]:
        return [LineRequest(sku_code=code, qty=qty) for code, qty in self._wanted.items()]

    @rx.event
    async def place(self) -> Any:
        """Place the order; the draft is kept when it is refused."""
        buyer, _, seller = self.chosen.partition("|")
        order = await self._write(
            place_order, buyer_code=buyer, seller_code=seller, lines=self._lines(), idempotency_key=self._key
        )
        number = order.number
        self._wanted = {}
        self._key = uuid.uuid4().hex
        self.lines = []
        self.totals = {}
        self.can_place = False
        return [
            rx.redirect(routes.order(number)),
            await self._say(msg("Order {number} placed."), number=number),
        ]


def _quantity(sku_code: str, text: str) -> int:
    if text and not text.isdecimal():
        raise InvalidError(field=sku_code, reason=msg("is not a whole number"))
    return int(text[:12] or 0)


def _check_length(wanted: dict[str, int]) -> None:
    if len(wanted) > MAX_LINES:
        raise InvalidError(field="lines", reason=f"≤ {MAX_LINES}")
