"""The one inbox: what waits for me at the left, the chosen task beside it; and what I wait for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.channels import role_names
from ..core.kernel.access import Actor
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import InvalidError, NotFoundError, msg
from ..core.kernel.listing import Listing, ListQuery
from ..core.workbench import (
    Decision,
    DecisionResult,
    TaskDetail,
    TaskRow,
    answer_supplement,
    decide,
    decide_many,
    get_task,
    inbox_count,
    list_tasks,
    resolve_task,
    task_kind_names,
    withdraw_task,
)
from ..i18n.presentation import number
from . import record_view
from . import tasks_view as view
from .accounts_view import parse_amount
from .record import Record
from .shell import Shell

SHOWN = 100
FILTERS = ("kind", "severity", "status", "late")
# actions that need no more than a click; the others open a form
AT_ONCE = frozenset({"approve", "withdraw"})


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the page needs, read in one session."""

    listing: Listing[TaskRow]
    detail: TaskDetail | None
    is_missing: bool
    count: int
    roles: view.RoleNames


def _desk(
    session: Session,
    actor: Actor,
    *,
    box: str,
    facets: Mapping[str, tuple[str, ...]],
    asked: str,
    now: datetime,
) -> _Desk:
    query = ListQuery(facets=facets, limit=SHOWN, with_facets=True)
    listing = list_tasks(session, actor, query=query, box=box, now=now)
    chosen = asked or (listing.rows[0].number if listing.rows else "")
    detail, is_missing = None, False
    try:
        detail = get_task(session, actor, number=chosen) if chosen else None
    except NotFoundError:
        is_missing = True
    return _Desk(listing, detail, is_missing, inbox_count(session, actor), role_names(session))


class Inbox(Record, rx.State):
    """Tasks to decide (`/inbox`) or asked for (`/waiting`); task and filters live in the URL."""

    box: str = "inbox"
    rows: list[dict[str, str]] = []
    total: int = 0
    total_text: str = ""
    chosen: str = ""
    is_opened: bool = False
    is_filtered: bool = False
    kind: str = ""
    severity: str = ""
    status: str = ""
    late: str = ""
    kind_options: list[dict[str, str]] = []
    severity_options: list[dict[str, str]] = []
    status_options: list[dict[str, str]] = []
    late_options: list[dict[str, str]] = []
    resolutions: list[dict[str, str]] = []
    evidence: list[dict[str, str]] = []
    explanation: list[dict[str, str]] = []
    steps: list[dict[str, str]] = []
    selected: list[str] = []
    results: list[dict[str, str]] = []
    is_refusing: bool = False
    _version: int = 0
    _currency: str = ""

    @rx.event
    async def load(self) -> None:
        """Read the list, and the task that the URL names or else the first."""
        await self._load()

    async def _load(self) -> None:
        query = self.router.url.query_parameters
        box = "waiting" if str(self.router.url.path).startswith(routes.WAITING) else "inbox"
        facets = {name: (query[name][:40],) for name in FILTERS if query.get(name)}
        asked = query.get("task", "")[:30]
        now = utc_now()
        try:
            found = await self._read(_desk, box=box, facets=facets, asked=asked, now=now)
        except InvalidError:  # an address somebody mistyped shows everything
            facets = {}
            found = await self._read(_desk, box=box, facets=facets, asked=asked, now=now)
        language, zone = await self._language(), await self._zone()
        self.box = box
        self.rows = [view.task_row(row, now, language, zone) for row in found.listing.rows]
        self.total = found.listing.total
        self.total_text = number(found.listing.total, language)
        self.is_opened = bool(asked)
        self.is_filtered = bool(facets)
        self.kind, self.severity = query.get("kind", "")[:40], query.get("severity", "")[:40]
        self.status, self.late = query.get("status", "")[:40], query.get("late", "")[:40]
        names = {
            "kind": task_kind_names(),
            "severity": {key: text for key, (text, _) in view.SEVERITY.items()},
            "status": {key: text for key, (text, _) in view.STATUS.items()},
            "late": view.LATE,
        }
        options = {
            name: view.options(found.listing.facets[name], known, language) for name, known in names.items()
        }
        self.kind_options, self.severity_options = options["kind"], options["severity"]
        self.status_options, self.late_options = options["status"], options["late"]
        known = {row["number"] for row in self.rows}
        self.selected = [one for one in self.selected if one in known]
        shell = await self.get_state(Shell)
        shell._show_inbox(found.count)
        await self._show(found, now)
        self.is_loaded = True

    async def _show(self, found: _Desk, now: datetime) -> None:
        language, zone = await self._language(), await self._zone()
        detail = found.detail
        self.is_missing = found.is_missing
        self.form = ""
        self.is_refusing = False
        self.chosen = detail.task.number if detail else ""
        if detail is None:
            self.facts, self.actions, self.steps = {}, [], []
            return
        self.facts = view.facts(detail, now, language, zone)
        self.actions = record_view.actions(detail.actions, language)
        self.resolutions = view.resolutions(detail, language)
        self.evidence = view.explained(detail.evidence, found.roles, language, zone)
        self.explanation = view.explained(detail.explanation, found.roles, language, zone)
        self.steps = view.steps(detail.steps, found.roles, detail.task.currency, language, zone)
        self._version = detail.task.version
        self._currency = detail.task.currency
        await self._follow("task", detail.task.number)

    # --- moving about ---------------------------------------------------------------------------------

    @rx.event
    async def open_task(self, task: str) -> Any:
        """Choose a task."""
        return await self._go(task=task[:30])

    @rx.event
    async def close_task(self) -> Any:
        """Back to the list (on a small screen)."""
        return await self._go(task="")

    @rx.event
    async def filter_by(self, name: str, value: str) -> Any:
        """Set a filter in the URL; an empty value removes it."""
        return await self._go(**{name: value[:40]} if name in FILTERS else {}, task="")

    @rx.event
    async def move(self, steps: int) -> Any:
        """The next task of the list, or the one before."""
        return await self._go(task=self._beside(max(-1, min(1, steps))))

    def _beside(self, steps: int) -> str:
        numbers = [row["number"] for row in self.rows]
        if not numbers:
            return ""
        if self.chosen not in numbers:
            return numbers[0]
        return numbers[max(0, min(len(numbers) - 1, numbers.index(self.chosen) + steps))]

    def _following(self) -> str:
        """Which task opens itself once the chosen one is decided: the next, else the one before."""
        numbers = [row["number"] for row in self.rows]
        if self.chosen not in numbers:
            return ""
        place = numbers.index(self.chosen)
        left = numbers[place + 1 :] or numbers[:place][-1:]
        return left[0] if left else ""

    async def _go(self, **changes: str) -> Any:
        await self._ask_in()
        query = dict(self.router.url.query_parameters) | changes
        kept = {name: value for name, value in query.items() if value}
        path = str(self.router.url.path)
        return rx.redirect(path + (f"?{urlencode(kept)}" if kept else ""), replace=True)

    # --- deciding -------------------------------------------------------------------------------------

    @rx.event
    async def act(self, verb: str) -> Any:
        """Take an action at once, or open the form it needs."""
        if verb not in AT_ONCE:
            await self._ask_in()
            self.form = "" if self.form == verb else verb[:20]
            return None
        if verb == "withdraw":
            await self._write(withdraw_task, number=self.chosen, version=self._version)
            return await self._done(msg("Withdrawn."))
        return await self._decide(Decision.APPROVED)

    @rx.event
    async def submit(self, values: dict[str, Any]) -> Any:
        """Take the action whose form was filled in; the form stays as it is when refused."""
        form = {key: str(value).strip() for key, value in values.items()}
        known: dict[str, Any] = {"number": self.chosen, "version": self._version}
        match self.form:
            case "partly":
                asked = (form.get("amount", ""), self._currency, msg("Amount"))
                amount = await self._checked(parse_amount, *asked)
                return await self._decide(Decision.PARTLY, amount=amount, reason=form.get("reason", ""))
            case "reject":
                return await self._decide(Decision.REJECTED, reason=form.get("reason", ""))
            case "supplement":
                return await self._decide(Decision.SUPPLEMENT, reason=form.get("reason", ""))
            case "answer":
                await self._write(answer_supplement, **known, answer=form.get("reason", ""))
                return await self._done(msg("Your answer was sent."))
            case "resolve":
                choices = view.choices(form)
                await self._write(
                    resolve_task,
                    **known,
                    resolution=choices.get(1, "done"),
                    choices=choices,
                    reason=form.get("reason", ""),
                )
                return await self._done(msg("Resolved."))
        return await self._ask_in()

    async def _decide(self, decision: Decision, **more: Any) -> Any:
        result: DecisionResult = await self._write(
            decide, number=self.chosen, decision=decision, version=self._version, **more
        )
        if result.is_asked_again:
            await self._load()
            return await self._say(msg("The record had changed meanwhile. Look at it again, then decide."))
        said = {
            Decision.APPROVED: msg("Approved: {number}"),
            Decision.PARTLY: msg("Approved in part: {number}"),
            Decision.REJECTED: msg("Rejected: {number}"),
            Decision.SUPPLEMENT: msg("Sent back for a supplement: {number}"),
        }
        return await self._done(said[decision], number=result.number)

    async def _done(self, text: str, **facts: object) -> Any:
        """Say it, and let the next task open itself; what one waits for stays in sight."""
        toast = await self._say(text, **facts)
        return await self._turn(toast, self.chosen if self.box == "waiting" else self._following())

    async def _turn(self, toast: Any, task: str) -> Any:
        """To another task, which the page then loads; without one to this list as it is now."""
        if task == self.router.url.query_parameters.get("task", ""):
            await self._load()
            return toast
        return [toast, await self._go(task=task)]

    # --- several at once ------------------------------------------------------------------------------

    @rx.event
    async def select(self, task: str) -> None:
        """Choose a task for the bar, or no longer."""
        await self._ask_in()
        known = {row["number"] for row in self.rows}
        kept = [one for one in self.selected if one != task]
        self.selected = kept if task in self.selected or task not in known else [*kept, task]

    @rx.event
    async def clear_selection(self) -> None:
        """Choose none."""
        await self._ask_in()
        self.selected = []
        self.results = []
        self.is_refusing = False

    @rx.event
    async def ask_reason(self) -> None:
        """Open the box for the reason of refusing several."""
        await self._ask_in()
        self.is_refusing = not self.is_refusing

    @rx.event
    async def approve_selected(self) -> Any:
        """Approve all that are chosen, each on its own."""
        return await self._decide_many(Decision.APPROVED, "")

    @rx.event
    async def reject_selected(self, values: dict[str, Any]) -> Any:
        """Refuse all that are chosen, for one reason."""
        return await self._decide_many(Decision.REJECTED, str(values.get("reason", "")).strip())

    async def _decide_many(self, decision: Decision, reason: str) -> Any:
        rows = await self._write(decide_many, numbers=list(self.selected), decision=decision, reason=reason)
        language = await self._language()
        self.results = view.results(rows, language)
        self.selected = [row.number for row in rows if row.error]
        self.is_refusing = False
        done = sum(1 for row in rows if not row.error)
        toast = await self._say(msg("{done} of {all} decided"), done=done, all=len(rows))
        return await self._turn(toast, "")
