"""Orders: the list, one order with its next actions, and the pad where a buyer orders."""

import uuid
from typing import Any

import reflex as rx

from .. import routes
from ..core.catalog import list_skus
from ..core.kernel.access import Permission
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import InvalidError, NotFoundError, msg
from ..core.orders import (
    LineRequest,
    OrderQuote,
    allocate_order,
    cancel_order,
    deliver_order,
    get_order,
    list_orders,
    list_sellers,
    place_order,
    quote_order,
    return_goods,
    ship_order,
)
from ..gate import allowed
from . import orders_view as view
from .base import Gate
from .table import Table

MAX_LINES = 200


class OrderList(Table, rx.State):
    """Orders within scope; search, status and side live in the URL."""

    status: str = ""
    role: str = ""

    async def _fetch(
        self, *, offset: int, limit: int, query: dict[str, str]
    ) -> tuple[list[dict[str, str]], int]:
        page = await self._read(
            allowed(Permission.ORDERS_READ, list_orders),
            search=query.get("search", ""),
            status=query.get("status") or None,
            role=query.get("role") or None,
            offset=offset,
            limit=limit,
        )
        self.status = query.get("status", "")
        self.role = query.get("role", "")
        language = await self._language()
        return [view.order_row(row, language) for row in page.rows], page.total


class OrderRecord(Gate, rx.State):
    """One order: facts, lines, shipments, returns, events, next actions."""

    is_loaded: bool = False
    is_missing: bool = False
    facts: dict[str, str] = {}
    lines: list[dict[str, str]] = []
    shipments: list[dict[str, str]] = []
    returns: list[dict[str, str]] = []
    invoices: list[str] = []
    events: list[dict[str, str]] = []
    actions: list[dict[str, str]] = []
    steps: list[dict[str, str]] = []
    steps_of: str = ""
    form: str = ""
    _number: str = ""
    _version: int = 0
    _key: str = ""
    _steps: dict[str, list[dict[str, str]]] = {}

    @rx.event
    async def load(self) -> None:
        """Read the order the URL names."""
        self._number = str(self.router.url.path.rstrip("/").rpartition("/")[2])[:40]
        await self._reload()

    async def _reload(self) -> None:
        try:
            order = await self._read(allowed(Permission.ORDERS_READ, get_order), self._number)
        except NotFoundError:
            self.is_missing = True
            self.is_loaded = True
            return
        language = await self._language()
        self.facts = view.facts(order, language)
        self.lines = view.lines(order, language)
        self.shipments = view.shipments(order)
        self.returns = view.returns(order, language)
        self.invoices = list(order.invoice_numbers)
        self.events = view.events(order, language)
        self.actions = view.actions(order, language)
        self._steps = view.line_steps(order, language)
        first = next(iter(self._steps), "")
        self.steps_of = first
        self.steps = self._steps.get(first, [])
        self.form = ""
        self._version = order.version
        self._key = uuid.uuid4().hex
        self.is_missing = False
        self.is_loaded = True

    @rx.event
    async def explain(self, line_no: str) -> None:
        """Show how the price of a line came about."""
        await self._read(allowed(Permission.ORDERS_READ, get_order), self._number)
        self.steps_of = line_no if line_no in self._steps else ""
        self.steps = self._steps.get(line_no, [])

    @rx.event
    async def act(self, verb: str) -> Any:
        """Take an action at once, or open the form it needs."""
        if verb in {"ship", "deliver", "return", "cancel"}:
            await self._read(allowed(Permission.ORDERS_READ, get_order), self._number)
            self.form = "" if self.form == verb else verb
            return None
        await self._write(allocate_order, number=self._number, version=self._version)
        return await self._done()

    @rx.event
    async def submit(self, values: dict[str, Any]) -> Any:
        """Take the action whose form was filled in."""
        form = {key: str(value).strip() for key, value in values.items()}
        common: dict[str, Any] = {"number": self._number}
        match self.form:
            case "ship":
                common |= {"carrier": form.get("carrier", ""), "waybill": form.get("waybill", "")}
                await self._write(ship_order, **common, version=self._version)
            case "deliver":
                await self._write(
                    deliver_order, **common, signed_by=form.get("signed_by", ""), version=self._version
                )
            case "cancel":
                await self._write(
                    cancel_order, **common, reason=form.get("reason", ""), version=self._version
                )
            case _:
                await self._write(
                    return_goods,
                    **common,
                    lines=_returned(form),
                    reason=form.get("reason", ""),
                    idempotency_key=self._key,
                )
        return await self._done()

    async def _done(self) -> Any:
        await self._reload()
        return await self._say(msg("Saved."))


def _returned(form: dict[str, str]) -> list[tuple[int, int]]:
    """Quantities per line number out of the fields `line-N`."""
    found = []
    for key, value in form.items():
        if key.startswith("line-") and value:
            if not value.isdigit():
                raise InvalidError(field=key, reason=value)
            found.append((int(key.removeprefix("line-")), int(value)))
    return [(line, qty) for line, qty in found if qty]


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
        page = await self._read(allowed(Permission.CATALOG_READ, list_skus), search=text, limit=12)
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
        if text.strip() and not text.strip().isdigit():
            raise InvalidError(field=sku_code, reason=text)
        wanted = dict(self._wanted)
        qty = int(text or 0)
        if qty:
            wanted[sku_code] = min(qty, 1_000_000_000)
        else:
            wanted.pop(sku_code, None)
        await self._replace(wanted)

    async def _replace(self, wanted: dict[str, int]) -> None:
        if len(wanted) > MAX_LINES:
            raise InvalidError(field="lines", reason=f"≤ {MAX_LINES}")
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
            await self._read(list_sellers)
        language = await self._language()
        self.lines = view.quote_lines(quote, language)
        self.totals = view.totals(quote, language)
        self.reasons = view.reasons(quote, language)
        self.credit = view.credit(quote, language)
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
