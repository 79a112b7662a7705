"""Orders: the list, and one order with its next actions."""

import uuid
from collections.abc import Mapping
from typing import Any

import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.inventory import CarrierRow, list_carriers
from ..core.kernel.access import Permission
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import ForbiddenError, InvalidError, NotFoundError, msg
from ..core.kernel.explain import Why
from ..core.orders import (
    GOODS_RETURN,
    SHORT_DELIVERY,
    FeedChoice,
    FulfilmentMap,
    OrderDetail,
    OrderRow,
    accept_part,
    allocate_order,
    cancel_order,
    complete_order,
    decline_part,
    deliver_order,
    deliver_part,
    explain_order,
    feed_choice,
    feed_part,
    get_fulfilment_map,
    get_order,
    mark_urgent,
    pick_part,
    prioritise_order,
    release_order,
    request_production,
    request_return,
    return_goods,
    ship_order,
    ship_parts,
    unmark_urgent,
)
from ..core.workbench import TaskRow, find_open_task
from ..gate import allowed
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, in_language
from . import map_view, parts_view, record_view, shipments_view
from . import orders_view as view
from .carriage import Carriage
from .deliveries import parse_delivery
from .listed import BulkAction, Listed
from .record import Record
from .record_view import Words
from .steps import Explained
from .tasks_view import waiting

_ASKED = (SHORT_DELIVERY, GOODS_RETURN)


class OrderList(Listed, rx.State):
    """Orders within scope; selected ones can be reserved and shipped."""

    _list: str = "orders"

    def _row(self, row: OrderRow, language: str, zone: str) -> dict[str, str]:
        return view.order_row(row, language, zone)

    def _actions(self) -> Mapping[str, BulkAction]:
        return {
            "allocate": BulkAction(msg("Reserve what is missing"), Permission.ORDERS_FULFIL, allocate_order),
            "ship": BulkAction(msg("Ship"), Permission.ORDERS_FULFIL, ship_order),
        }


class OrderRecord(Record, Carriage, Explained, rx.State):
    """One order: facts, lines, shipments, returns, next actions."""

    lines: list[dict[str, str]] = []
    shipments: list[dict[str, str]] = []
    reports: list[dict[str, str]] = []
    returns: list[dict[str, str]] = []
    invoices: list[str] = []
    again_href: str = ""
    waiting: dict[str, str] = {}
    parts: list[dict[str, str]] = []
    holds: list[dict[str, str]] = []
    stages: list[dict[str, str]] = []
    ways: list[map_view.Way] = []
    happenings: list[dict[str, str]] = []
    shortages: list[dict[str, str]] = []
    feeds: list[dict[str, str]] = []
    feed_sources: list[dict[str, str]] = []
    feed_note: str = ""
    part_lines: list[dict[str, str]] = []
    track: dict[str, str] = {}
    part_form: str = ""
    part_verb: str = ""
    _number: str = ""
    _version: int = 0
    _key: str = ""
    _routes: dict[str, list[dict[str, str]]] = {}
    _arriving: dict[str, list[dict[str, str]]] = {}

    @rx.event
    async def load(self) -> None:
        """Read the order the URL names."""
        self._number = str(self.router.url.path.rstrip("/").rpartition("/")[2])[:40]
        self.why = ""
        await self._reload()

    async def _find_why(self, key: str) -> Why:
        return await self._read(explain_order, number=self._number, key=key, now=utc_now())

    async def _reload(self) -> None:
        try:
            order, asked, found, carriers = await self._read(
                allowed(Permission.ORDERS_READ, _order), self._number
            )
        except (NotFoundError, ForbiddenError):
            self._miss()
            return
        language, zone = await self._language(), await self._zone()
        await self._follow("order", order.number, Words(view.exception_words(language)))
        self.facts = view.facts(order, language, zone)
        self.lines = view.lines(order, language)
        self.shipments = view.shipments(order, language, zone)
        self.reports = shipments_view.reports(order.shipments, language, zone)
        self._offer(carriers, language)
        self.returns = view.returns(order, language, zone)
        self.parts = parts_view.parts(order, language, zone)
        self.holds = parts_view.holds(order, language, zone)
        self.stages = map_view.stages(found, language, zone) if order.parts else []
        self.ways = map_view.ways(found, language, zone)
        self.happenings = map_view.events(found, language, zone)
        self.shortages = view.shortages(order, language)
        self.feeds = parts_view.feeds(order, language)
        self._arriving = parts_view.arriving(order)
        self.track = view.track(order, str(self.router.url.origin), language)
        self._routes = parts_view.route_steps(order, language, zone)
        self.invoices = list(order.invoice_numbers) or [NO_VALUE]
        self.actions = record_view.actions(order.actions, language)
        await self._open_why("gross")
        self.again_href = routes.order_again(order.number) if order.is_own_purchase else ""
        self.waiting = waiting(asked, language, zone)
        self._version = order.version
        self._key = uuid.uuid4().hex
        self.is_missing = False
        self.is_loaded = True

    @rx.event
    async def explain_part(self, number: str) -> None:
        """Show why a part is served from where it is."""
        await self._read(allowed(Permission.ORDERS_READ, get_order), self._number)
        self.steps_title = gettext(
            msg("Why it is served from there ({part})"), await self._language(), part=number[:48]
        )
        self.steps = self._routes.get(number, [])
        self.why = f"route:{number[:48]}"

    @rx.event
    async def act_on_part(self, number: str, verb: str) -> Any:
        """Take an action on a part at once, or open the form it needs."""
        await self._read(allowed(Permission.ORDERS_READ, get_order), self._number)
        if verb == "feed" and (self.part_form, self.part_verb) != (number, verb):
            choice: FeedChoice = await self._read(feed_choice, number=number[:48], now=utc_now())
            language = await self._language()
            self.feed_sources = parts_view.feed_sources(choice, language)
            self.feed_note = gettext(
                msg("It goes to {place}, from where the buyer is served."),
                language,
                place=in_language(choice.to_name, choice.to_name_en, language),
            )
        if verb in {"ship", "deliver", "decline", "feed"}:
            is_open = (self.part_form, self.part_verb) == (number, verb)
            self.part_form, self.part_verb = ("", "") if is_open else (number[:48], verb)
            self.part_lines = self._arriving.get(number, [])
            self.carrier_code = ""
            return None
        await self._write(accept_part if verb == "accept" else pick_part, number=number[:48])
        return await self._done()

    @rx.event
    async def submit_part(self, values: dict[str, Any]) -> Any:
        """Take the action on a part whose form was filled in."""
        form = {key: str(value).strip()[:220] for key, value in values.items()}
        match self.part_verb:
            case "ship":
                sent = await self._write(ship_parts, numbers=[self.part_form], **self._carriage(form))
                return await self._done(await self._book_sent([sent.number]))
            case "deliver":
                signing = await self._checked(parse_delivery, form, await self._zone())
                await self._write(deliver_part, number=self.part_form, **signing)
            case "feed":
                await self._write(feed_part, number=self.part_form, from_code=form.get("source", ""))
            case _:
                await self._write(decline_part, number=self.part_form, reason=form.get("reason", ""))
        return await self._done()

    @rx.event
    async def act(self, verb: str) -> Any:
        """Take an action at once, or open the form it needs."""
        if verb in {"ship", "deliver", "return", "request_return", "cancel", "mark_urgent"}:
            await self._read(allowed(Permission.ORDERS_READ, get_order), self._number)
            self.form = "" if self.form == verb else verb
            self.carrier_code = ""
            return None
        at_once: dict[str, Any] = {
            "allocate": allocate_order,
            "release": release_order,
            "complete": complete_order,
            "prioritise": prioritise_order,
            "produce": request_production,
            "unmark_urgent": unmark_urgent,
        }
        await self._write(at_once.get(verb, allocate_order), number=self._number, version=self._version)
        return await self._done()

    @rx.event
    async def submit(self, values: dict[str, Any]) -> Any:
        """Take the action whose form was filled in."""
        form = {key: str(value).strip() for key, value in values.items()}
        common: dict[str, Any] = {"number": self._number}
        match self.form:
            case "ship":
                left = await self._write(ship_order, **common, **self._carriage(form), version=self._version)
                return await self._done(await self._book_sent([one.number for one in left]))
            case "deliver":
                signing = await self._checked(parse_delivery, form, await self._zone())
                await self._write(deliver_order, **common, **signing, version=self._version)
            case "mark_urgent":
                await self._write(mark_urgent, **common, reason=form.get("reason", ""), version=self._version)
            case "cancel":
                await self._write(
                    cancel_order, **common, reason=form.get("reason", ""), version=self._version
                )
            case "request_return":
                lines = await self._checked(_returned, form)
                await self._write(request_return, **common, lines=lines, reason=form.get("reason", ""))
                await self._reload()
                self.form = ""
                return await self._say(
                    msg("Sent for approval: {number}"), number=self.waiting.get("number", "")
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

    async def _done(self, failed: Any = None) -> Any:
        """Show what the record has become; `failed` is what to say of a step after it that was refused."""
        await self._reload()
        self.form = ""
        self.part_form = ""
        return failed or await self._say(msg("Saved."))


def _order(
    session: Session, number: str
) -> tuple[OrderDetail, TaskRow | None, FulfilmentMap, tuple[CarrierRow, ...]]:
    """An order, what waits for a decision about it, its map, and who may carry it."""
    order = get_order(session, number)
    asked = [find_open_task(session, kind=kind, subject=("order", number)) for kind in _ASKED]
    found = get_fulfilment_map(session, number=number, now=utc_now())
    waits = next((task for task in asked if task is not None), None)
    return order, waits, found, list_carriers(session)


def _returned(form: dict[str, str]) -> list[tuple[int, int]]:
    """Quantities per line number out of the fields `line-N`."""
    found = []
    for key, value in form.items():
        if key.startswith("line-") and value:
            if not value.isdecimal():
                raise InvalidError(field=msg("Quantity"), reason=msg("is not a whole number"))
            found.append((int(key.removeprefix("line-")), int(value)))
    return [(line, qty) for line, qty in found if qty]
