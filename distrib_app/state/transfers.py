"""Transfers: the list with the form of a request, and one transfer with its next actions."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.channels import get_network
from ..core.inventory import (
    STOCK_TRANSFER,
    ArrivedLine,
    CarrierRow,
    CycleFigures,
    TransferDetail,
    TransferRow,
    approve_transfer,
    cancel_transfer,
    get_transfer,
    list_carriers,
    list_transfer_places,
    pick_transfer,
    receive_transfer,
    reject_transfer,
    request_transfer,
    settle_transfer,
    ship_transfer,
    transfer_cycle,
)
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import Period, business_day, utc_now
from ..core.kernel.errors import ForbiddenError, InvalidError, NotFoundError, msg
from ..core.orders import parse_lines
from ..core.workbench import TaskRow, find_open_task
from ..gate import allowed
from ..i18n.presentation import in_language, own_name
from . import record_view
from . import transfers_view as view
from .carriage import Carriage
from .listed import BulkAction, Listed
from .record import Record
from .record_view import Words
from .steps import step_row
from .stock import MOST_PLACES
from .tasks_view import waiting

CYCLE_DAYS = 90
# actions that first ask for something
_ASKING = {"reject", "ship", "receive", "cancel"}


class TransferList(Listed, rx.State):
    """Transfers within scope, and a new request."""

    places: list[dict[str, str]] = []
    is_asking: bool = False
    cycle: dict[str, str] = {}
    cycle_steps: list[dict[str, str]] = []
    is_cycle_open: bool = False
    _list: str = "transfers"
    _key: str = ""

    def _row(self, row: TransferRow, language: str, zone: str) -> dict[str, str]:
        return view.list_row(row, language, zone)

    def _actions(self) -> Mapping[str, BulkAction]:
        return {
            "approve": BulkAction(msg("Approve"), Permission.STOCK_WRITE, approve_transfer),
            "pick": BulkAction(msg("Pick"), Permission.STOCK_WRITE, pick_transfer),
            "ship": BulkAction(msg("Ship"), Permission.STOCK_WRITE, ship_transfer),
        }

    @rx.event
    async def load_cycle(self) -> None:
        """How long the transfers took that came in of late; nothing for who may not see them."""
        try:
            period, figures = await self._read(allowed(Permission.STOCK_READ, _cycle), now=utc_now())
        except ForbiddenError:
            self.cycle = {}
            return
        language, zone = await self._language(), await self._zone()
        self.cycle = view.cycle(figures, language)
        self.cycle_steps = [step_row(step, language, zone) for step in view.cycle_steps(period, figures)]

    @rx.event
    async def toggle_cycle(self) -> None:
        """Open or close how the cycle time came about."""
        await self._ask_in()
        self.is_cycle_open = not self.is_cycle_open

    @rx.event
    async def toggle_form(self) -> None:
        """Open or close the form of a request; opened anew it is another request."""
        rows = await self._read(list_transfer_places)
        language = await self._language()
        self.places = [
            {
                "value": row.code,
                "text": f"{row.code} {own_name(row, language)} · "
                f"{in_language(row.partner_name, row.partner_name_en, language)}",
            }
            for row in rows[:MOST_PLACES]
        ]
        self._key = uuid.uuid4().hex
        self.is_asking = not self.is_asking

    @rx.event
    async def ask(self, values: dict[str, Any]) -> Any:
        """Ask for a transfer; the form stays as it is when refused."""
        form = {key: str(value).strip() for key, value in values.items()}
        lines = await self._checked(parse_lines, form.get("lines", "")[:20_000])
        transfer = await self._write(
            request_transfer,
            from_code=form.get("from", ""),
            to_code=form.get("to", ""),
            lines=lines,
            note=form.get("note", "")[:220],
            idempotency_key=self._key,
        )
        number = transfer.number
        self.is_asking = False
        return [
            rx.redirect(routes.transfer(number)),
            await self._say(msg("Transfer {number} was asked for."), number=number),
        ]


class TransferRecord(Record, Carriage, rx.State):
    """One transfer: facts, lines, shipment, settlement, next actions."""

    lines: list[dict[str, str]] = []
    shipment: list[dict[str, str]] = []
    reports: list[dict[str, str]] = []
    settlement: list[dict[str, str]] = []
    steps: list[dict[str, str]] = []
    waiting: dict[str, str] = {}
    _number: str = ""
    _version: int = 0

    @rx.event
    async def load(self) -> None:
        """Read the transfer the URL names."""
        self._number = str(self.router.url.path.rstrip("/").rpartition("/")[2])[:40]
        await self._reload()

    async def _reload(self) -> None:
        try:
            found, asked, carriers = await self._read(_transfer, number=self._number)
        except (NotFoundError, ForbiddenError):
            self._miss()
            return
        language, zone = await self._language(), await self._zone()
        await self._follow("transfer", found.number, Words(view.outcome_words(language)))
        self.facts = view.facts(found, language, zone)
        self.lines = view.lines(found, language)
        self.shipment = view.shipment(found, language, zone)
        self.reports = view.reports(found, language, zone)
        self._offer(carriers, language)
        self.settlement = view.settlement(found, language)
        self.steps = view.freight_steps(found, language, zone)
        self.actions = record_view.actions(found.actions, language)
        self.waiting = waiting(asked, language, zone)
        self._version = found.version
        self.is_missing = False
        self.is_loaded = True

    @rx.event
    async def act(self, verb: str) -> Any:
        """Take an action at once, or open the form it needs."""
        if verb in _ASKING:
            await self._read(_transfer, number=self._number)
            self.form = "" if self.form == verb else verb
            self.carrier_code = ""
            return None
        if verb == "approve":
            await self._write(approve_transfer, number=self._number)
        else:
            at_once = settle_transfer if verb == "settle" else pick_transfer
            await self._write(at_once, number=self._number, version=self._version)
        return await self._done()

    @rx.event
    async def submit(self, values: dict[str, Any]) -> Any:
        """Take the action whose form was filled in; the form stays as it is when refused."""
        form = {key: str(value).strip()[:220] for key, value in values.items()}
        common: dict[str, Any] = {"number": self._number, "version": self._version}
        match self.form:
            case "reject":
                await self._write(reject_transfer, number=self._number, reason=form.get("reason", ""))
            case "ship":
                await self._write(ship_transfer, **common, **self._carriage(form))
                await self._reload()
                return await self._done(await self._book_sent([row["number"] for row in self.shipment]))
            case "receive":
                lines = await self._checked(_arrived, form)
                await self._write(
                    receive_transfer, **common, lines=lines, signed_by=form.get("signed_by", "")
                )
            case _:
                await self._write(
                    cancel_transfer,
                    **common,
                    outcome=form.get("outcome", ""),
                    reason=form.get("reason", ""),
                )
        return await self._done()

    async def _done(self, failed: Any = None) -> Any:
        """Show what the record has become; `failed` is what to say of a step after it that was refused."""
        await self._reload()
        self.form = ""
        return failed or await self._say(msg("Saved."))


def _cycle(session: Session, *, now: datetime) -> tuple[Period, CycleFigures]:
    """The last 90 days, today included, and how long the transfers took that came in on them."""
    today = business_day(now, get_network(session).zone)
    period = Period.inclusive(today - timedelta(days=CYCLE_DAYS - 1), today)
    return period, transfer_cycle(session, period=period)


def _transfer(
    session: Session, actor: Actor, *, number: str
) -> tuple[TransferDetail, TaskRow | None, tuple[CarrierRow, ...]]:
    """A transfer, the request that waits for its answer, and who may carry it."""
    actor.require(Permission.STOCK_READ)
    found = get_transfer(session, actor, number=number)
    asked = find_open_task(session, kind=STOCK_TRANSFER, subject=("transfer", number))
    return found, asked, list_carriers(session)


def _arrived(form: dict[str, str]) -> list[ArrivedLine]:
    """What came in per line out of the fields `received-N`, `short-N` and `reason-N`."""
    found = []
    for key in form:
        if key.startswith("received-"):
            line_no = key.removeprefix("received-")
            received, short = (form.get(f"{name}-{line_no}", "") or "0" for name in ("received", "short"))
            if not (received.isdecimal() and short.isdecimal() and line_no.isdecimal()):
                raise InvalidError(field=msg("Quantity"), reason=msg("is not a whole number"))
            reason = form.get(f"reason-{line_no}", "") if int(short) else ""
            found.append(ArrivedLine(int(line_no), int(received), int(short), reason))
    return found
