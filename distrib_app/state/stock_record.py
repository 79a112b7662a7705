"""One SKU at one place: its record, and its movements as a list."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import reflex as rx
from sqlmodel import Session

from ..core.channels import get_network
from ..core.inventory import (
    LotName,
    MovementRow,
    RecallView,
    ReceiptLine,
    ReportedLine,
    StockRecord,
    correct_stock,
    count_stock,
    explain_stock,
    get_recall,
    get_stock_record,
    receive_stock,
    report_stock,
)
from ..core.kernel.access import Actor
from ..core.kernel.clock import parse_day, utc_now
from ..core.kernel.errors import ForbiddenError, NotFoundError, msg
from ..core.kernel.explain import Why
from ..core.lists import Asked
from ..core.lists.words import MOVEMENT_KINDS
from ..core.workbench import Task
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, instant, number
from . import record_view
from . import stock_view as view
from .listed import Listed
from .record import Record
from .steps import Explained, step_row
from .stock import optional_day, receipt_line, whole_number

PAGE = "page"  # the source of what is reported by hand


def _place_of(path: str) -> tuple[str, str]:
    """Place and SKU out of the address of the record."""
    place, _, sku = path.strip("/").removeprefix("stock/").partition("/")
    return unquote(place)[:40], unquote(sku)[:60]


def _record(
    session: Session, actor: Actor, *, place: str, sku: str, lot: str
) -> tuple[StockRecord, RecallView | None, str]:
    found = get_stock_record(session, actor, location_code=place, sku_code=sku, now=utc_now())
    recall = get_recall(session, actor, sku_code=sku, lot_code=lot) if lot else None
    return found, recall, get_network(session).currency


class MovementLedger(Listed, rx.State):
    """The movements of the balance that the URL names, with what was on hand after each."""

    _list: str = "movements"

    async def _refine(self, asked: Asked) -> Asked:
        place, sku = _place_of(self.router.url.path)
        return replace(asked, extras={"place": place, "of": sku})

    def _row(self, row: MovementRow, language: str, zone: str) -> dict[str, str]:
        return {
            "at": instant(row.moved_at, zone),
            "kind": gettext(MOVEMENT_KINDS[row.kind], language),
            "cause": row.cause,
            "lot": row.lot_code or NO_VALUE,
            "on_hand": f"{row.on_hand_delta:+,d}" if row.on_hand_delta else NO_VALUE,
            "reserved": f"{row.reserved_delta:+,d}" if row.reserved_delta else NO_VALUE,
            "balance": number(row.balance_qty, language),
            "origin": day(row.origin_on),
        }


class StockPage(Record, Explained, rx.State):
    """One SKU at one place: facts, lots, layers, reported stock, why, recall, next actions."""

    lots: list[dict[str, str]] = []
    layers: list[dict[str, str]] = []
    ages: list[dict[str, str]] = []
    reported_ages: list[dict[str, str]] = []
    next_out: list[dict[str, str]] = []
    recalled: str = ""
    recall_places: list[dict[str, str]] = []
    recall_shipments: list[dict[str, str]] = []
    _place: tuple[str, str] = ("", "")

    @rx.event
    async def load(self) -> None:
        """Read the place and SKU that the URL names."""
        self._place = _place_of(self.router.url.path)
        self.why = ""
        await self._reload()

    async def _find_why(self, key: str) -> Why:
        place, sku = self._place
        return await self._read(explain_stock, location_code=place, sku_code=sku, key=key, now=utc_now())

    async def _reload(self) -> None:
        place, sku = self._place
        lot = self.router.url.query_parameters.get("recall", "")[:40]
        try:
            record, recall, currency = await self._read(_record, place=place, sku=sku, lot=lot)
        except (NotFoundError, ForbiddenError):
            self._miss()
            return
        await self._follow("stock", f"{record.location_code}:{record.sku_code}")
        language, zone = await self._language(), await self._zone()
        self.facts = view.facts(record, language)
        self.lots = view.lots(record, language)
        self.layers = view.layers(record.layers, currency, language)
        self.ages = view.ages(record.layers, language)
        found = record.reported
        self.reported_ages = view.ages(found.layers, language) if found else []
        self.next_out = [step_row(step.frozen(), language, zone) for step in record.next_out]
        await self._open_why("available")
        self.recalled = recall.lot_code if recall else ""
        self.recall_places = view.recall_places(recall, language) if recall else []
        self.recall_shipments = view.recall_shipments(recall, language, zone) if recall else []
        self.actions = record_view.actions(record.actions, language)
        self.is_missing = False
        self.is_loaded = True

    @rx.event
    async def act(self, verb: str) -> None:
        """Open or close the form an action needs."""
        await self._ask_in()
        self.form = "" if self.form == verb else verb[:20]

    @rx.event
    async def submit(self, values: dict[str, Any]) -> Any:
        """Take the action whose form was filled in; the form stays as it is when refused."""
        form = {key: str(value).strip() for key, value in values.items()}
        verb, facts = await self._checked(_action, self.form, self._place, form)
        number_of_task = await self._write(verb, **facts)
        await self._reload()
        self.form = ""
        said = msg("Sent for approval: {number}") if number_of_task else msg("Saved.")
        return [MovementLedger.load, await self._say(said, number=number_of_task)]


def _action(
    verb: str, place: tuple[str, str], form: dict[str, str]
) -> tuple[Callable[..., str], dict[str, Any]]:
    """The verb of a form and what it is called with. Raises `InvalidError`."""
    location_code, sku_code = place
    cause = form.get("cause", "")
    common: dict[str, Any] = {"location_code": location_code, "sku_code": sku_code, "cause": cause}
    lot = LotName(form["lot"], optional_day(form.get("expires_on", ""))) if form.get("lot") else None
    if verb == "receive":
        line = receipt_line(form | {"sku": sku_code})
        return _receive, {"location_code": location_code, "lines": [line], "cause": cause}
    qty = whole_number(form.get("qty", ""))
    if verb == "report":
        counted_on = parse_day(form.get("counted_on", ""), "counted_on")
        line_reported = ReportedLine(location_code, sku_code, qty, counted_on, 1)
        return _report, {"source": PAGE, "document": cause, "lines": [line_reported]}
    if verb == "count":
        return _count, common | {"counted_qty": qty, "lot": lot}
    return _correct, common | {"delta_qty": -qty, "lot": lot}


def _receive(session: Session, actor: Actor, *, lines: list[ReceiptLine], **facts: Any) -> str:
    receive_stock(session, actor, lines=lines, **facts)
    return ""


def _report(session: Session, actor: Actor, **facts: Any) -> str:
    report_stock(session, actor, **facts)
    return ""


def _count(session: Session, actor: Actor, **facts: Any) -> str:
    return _number(count_stock(session, actor, **facts))


def _correct(session: Session, actor: Actor, **facts: Any) -> str:
    return _number(correct_stock(session, actor, **facts))


def _number(task: Task | None) -> str:
    """The number of the task that a correction waits for; empty where it was booked."""
    return task.number if task else ""
