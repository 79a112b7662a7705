"""Orders: the list, and one order with its next actions."""

import uuid
from typing import Any

import reflex as rx

from ..core.kernel.access import Permission
from ..core.kernel.errors import InvalidError, NotFoundError, msg
from ..core.orders import (
    allocate_order,
    cancel_order,
    deliver_order,
    get_order,
    list_orders,
    return_goods,
    ship_order,
)
from ..gate import allowed
from . import orders_view as view
from .base import Gate
from .table import Table


class OrderList(Table, rx.State):
    """Orders within scope; search, status and side live in the URL."""

    status: str = ""
    status_options: list[dict[str, str]] = []
    role: str = ""
    role_options: list[dict[str, str]] = []

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
        self.status_options = view.status_options(language)
        self.role_options = view.role_options(language)
        zone = await self._zone()
        return [view.order_row(row, language, zone) for row in page.rows], page.total


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
        language, zone = await self._language(), await self._zone()
        self.facts = view.facts(order, language, zone)
        self.lines = view.lines(order, language)
        self.shipments = view.shipments(order, zone)
        self.returns = view.returns(order, language, zone)
        self.invoices = list(order.invoice_numbers)
        self.events = view.events(order, language, zone)
        self.actions = view.actions(order, language)
        self._steps = view.line_steps(order, language, zone)
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
                    lines=await self._checked(_returned, form),
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
            if not value.isdecimal():
                raise InvalidError(field=msg("Quantity"), reason=msg("is not a whole number"))
            found.append((int(key.removeprefix("line-")), int(value)))
    return [(line, qty) for line, qty in found if qty]
