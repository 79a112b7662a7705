"""The order pad: a buyer's draft, quoted anew on every change, until it is placed."""

import uuid
from datetime import date
from typing import Any

import reflex as rx

from .. import routes
from ..core.catalog import list_skus
from ..core.kernel.access import Permission
from ..core.kernel.clock import parse_day, utc_now
from ..core.kernel.errors import InvalidError, NotFoundError, msg
from ..core.kernel.explain import Why
from ..core.kernel.listing import ListQuery
from ..core.orders import (
    LineRequest,
    OrderQuote,
    get_order,
    keep_draft,
    lines_of_order,
    list_sellers,
    parse_lines,
    place_order,
    quote_order,
    read_draft,
    why_of_quote,
)
from ..gate import allowed
from . import order_pad_view as view
from .pad_problems import with_problems
from .steps import Explained


class OrderPad(Explained, rx.State):
    """A buyer's order before it is placed: lines, quote, reasons."""

    is_loaded: bool = False
    sellers: list[dict[str, str]] = []
    chosen: str = ""
    search: str = ""
    found: list[dict[str, str]] = []
    lines: list[dict[str, str]] = []
    totals: dict[str, str] = {}
    reasons: list[str] = []
    holds: list[str] = []
    parts: list[dict[str, str]] = []
    requested_on: str = ""
    is_pasting: bool = False
    credit: list[dict[str, str]] = []
    can_place: bool = False
    _wanted: dict[str, int] = {}
    _key: str = ""

    @rx.event
    async def load(self) -> None:
        """The sellers to choose from, and the draft that was kept; `again` names an order to repeat."""
        rows = await self._read(list_sellers)
        language = await self._language()
        self.sellers = view.sellers(rows, language)
        if self.sellers and not any(row["value"] == self.chosen for row in self.sellers):
            self.chosen = self.sellers[0]["value"]
        self._key = self._key or uuid.uuid4().hex
        again = self.router.url.query_parameters.get("again", "")[:40]
        await self._open_draft(again)
        self.is_loaded = True
        await self._quote()
        await self._find("")

    async def _open_draft(self, again: str = "") -> None:
        """What was kept for this seller; an order to be placed again takes its place."""
        self._wanted = {}
        if not self.chosen:
            return
        if again:
            order = await self._read(allowed(Permission.ORDERS_READ, get_order), again)
            self.chosen = f"{order.buyer.code}|{order.seller.code}"
            self._wanted = await self._read(allowed(Permission.ORDERS_READ, lines_of_order), number=again)
            await self._keep()
            return
        buyer, _, seller = self.chosen.partition("|")
        self._wanted = await self._read(read_draft, buyer_code=buyer, seller_code=seller)

    async def _keep(self, placed_as: str = "") -> None:
        buyer, _, seller = self.chosen.partition("|")
        await self._write(
            keep_draft, buyer_code=buyer, seller_code=seller, lines=self._wanted, placed_as=placed_as
        )

    @rx.event
    async def choose_seller(self, value: str) -> None:
        """Order from another seller: each has a draft of its own."""
        await self._ask_in()
        self.chosen = value[:90]
        await self._open_draft()
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

    @rx.event
    async def paste(self, values: dict[str, Any]) -> Any:
        """Add lines as they are pasted: a SKU code and a quantity each."""
        await self._ask_in()
        pasted = await self._checked(parse_lines, str(values.get("pasted", ""))[:20_000])
        wanted = dict(self._wanted)
        for code, qty in pasted.items():
            wanted[code] = wanted.get(code, 0) + qty
        await self._replace(wanted)
        self.is_pasting = False
        return await self._say(msg("{count} lines added."), count=len(pasted))

    @rx.event
    async def toggle_pasting(self) -> None:
        """Open or close the field for pasted lines."""
        await self._ask_in()
        self.is_pasting = not self.is_pasting

    async def _replace(self, wanted: dict[str, int]) -> None:
        self._wanted = wanted
        await self._keep()
        await self._quote()

    async def _read_quote(self) -> OrderQuote | None:
        if not (self.chosen and self._wanted):
            await self._ask_in()
            return None
        buyer, _, seller = self.chosen.partition("|")
        return await self._read(
            quote_order,
            buyer_code=buyer,
            seller_code=seller,
            lines=self._lines(),
            requested_on=self._wanted_on(),
            now=utc_now(),
        )

    async def _find_why(self, key: str) -> Why:
        quote = await self._read_quote()
        found = why_of_quote(quote, key) if quote is not None else None
        if found is None:
            raise NotFoundError(kind="number", key=key)
        return found

    async def _quote(self) -> None:
        quote = await self._read_quote()
        found = why_of_quote(quote, self.why) if quote is not None else None
        if found is None:
            self._put_why_away()
        else:
            await self._show_why(self.why, found)
        language, zone = await self._language(), await self._zone()
        self.lines = with_problems(view.quote_lines(quote, language), quote, language)
        self.totals = view.totals(quote, language)
        self.reasons = view.reasons(quote, language, zone)
        self.holds = view.holds(quote, language, zone)
        self.parts = view.split(quote, language)
        self.credit = view.credit(quote, language, zone)
        self.can_place = quote is not None and quote.can_place

    def _lines(self) -> list[LineRequest]:
        return [LineRequest(sku_code=code, qty=qty) for code, qty in self._wanted.items()]

    @rx.event
    async def request_day(self, text: str) -> None:
        """Ask for the goods on a day; nothing means as soon as possible."""
        self.requested_on = (
            "" if not text else (await self._checked(parse_day, text, "requested_on")).isoformat()
        )
        await self._quote()

    def _wanted_on(self) -> date | None:
        return date.fromisoformat(self.requested_on) if self.requested_on else None

    @rx.event
    async def place(self) -> Any:
        """Place the order; the draft is kept when it is refused."""
        buyer, _, seller = self.chosen.partition("|")
        order = await self._write(
            place_order,
            buyer_code=buyer,
            seller_code=seller,
            lines=self._lines(),
            requested_on=self._wanted_on(),
            idempotency_key=self._key,
        )
        number = order.number
        self._wanted = {}
        await self._keep(placed_as=number)
        self.requested_on = ""
        self._key = uuid.uuid4().hex
        self._put_why_away()
        self.lines = []
        self.parts = []
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
