"""Verbs of suggestions: make them once a day, snooze, dismiss, and say that one was accepted."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, update
from sqlmodel import Session, SQLModel, col, select

from ..channels import get_network
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import business_day
from ..kernel.db import bulk_insert, get_by
from ..kernel.errors import InvalidError
from ..kernel.events import emit
from ..kernel.numbers import next_numbers
from .demand import open_ways, read_lanes, read_spots
from .errors import NotOpenSuggestionError, NotYourLocationError
from .models import Location
from .pending import expect_receipt, is_expected
from .planning import lock_planning, planned_places
from .planning_models import (
    Suggestion,
    SuggestionKind,
    SuggestionStatus,
)
from .service import check_cause
from .snapshot import read_points, read_settled, with_age
from .suggestions import Decision, Key, decide

VALID_DAYS = 7
MAX_SNOOZE_DAYS = 90
# suggestions nobody took are history for so long
KEPT_DAYS = 60
NUMBERS = "SG"
_COLUMNS = (
    "number", "location_id", "sku_id", "kind", "is_urgent", "qty", "from_location_id", "status",
    "snoozed_until", "suggested_on", "expires_on", "inputs", "steps", "accepted_document",
)  # fmt: skip


def make_suggestions(
    session: Session, actor: Actor, *, partner_code: str = "", now: datetime
) -> dict[str, int]:
    """Decide every order point of a partner's places, or of all one plans; how many of each kind came out.

    Once per place, SKU and day: what today already answered, what was dismissed and has not expired, and
    what sleeps (unless it has become urgent) is left alone, so a second run adds nothing. Open ones of
    earlier days expire. Raises `NotFoundError`, `NotYourLocationError`.
    """
    actor.require(Permission.STOCK_WRITE)
    network = lock_planning(session)
    today = business_day(now, network.zone)
    where = planned_places(session, actor, partner_code)
    _expire(session, where, today)
    spots = read_spots(session, where)
    by_id = {spot.id: spot for spot in spots}
    settled = read_settled(session, where, today)
    points = read_points(session, where, by_id, settled)
    points = with_age(session, where, points, today=today, currency=network.currency)
    sources = {point.place_id for point in points if point.surplus_qty}
    short = {point.place_id for point in points if point.is_short}
    ways = open_ways(
        read_lanes(session, sources),
        [spot for spot in spots if spot.id in sources],
        [spot for spot in spots if spot.id in short],
    )
    decisions = decide(points, ways, network.currency)
    _wake(session, {(decision.place_id, decision.sku_id) for decision in decisions}, settled.snoozed)
    numbers = next_numbers(session, NUMBERS, today, len(decisions))
    table = SQLModel.metadata.tables["suggestion"]
    bulk_insert(session, table, _COLUMNS, _rows(decisions, numbers, today))
    counts = dict(Counter(str(decision.kind) for decision in decisions))
    subject = ("partner", partner_code) if partner_code else ("network", network.source)
    emit(session, actor, "suggestions.made", subject=subject, now=now, day=today.isoformat(), **counts)
    return {str(kind): counts.get(str(kind), 0) for kind in SuggestionKind}


def snooze_suggestion(
    session: Session, actor: Actor, *, number: str, days: int = VALID_DAYS, now: datetime
) -> Suggestion:
    """Let an open suggestion of one's own place sleep for `days`; only urgency wakes it earlier.

    Raises `NotOpenSuggestionError`, `InvalidError`, `NotFoundError`, `NotYourLocationError`.
    """
    if not 1 <= days <= MAX_SNOOZE_DAYS:
        raise InvalidError(field="days", reason=f"{days} – 1 … {MAX_SNOOZE_DAYS}")
    row, today = _own(session, actor, number, now)
    row.status, row.snoozed_until = SuggestionStatus.SNOOZED, today + timedelta(days=days)
    row.expires_on = max(row.expires_on, row.snoozed_until)
    return _decided(session, actor, row, "suggestion.snoozed", now, until=row.snoozed_until.isoformat())


def dismiss_suggestion(session: Session, actor: Actor, *, number: str, now: datetime) -> Suggestion:
    """Say no to a suggestion of one's own place; it is not made again before it would have expired.

    Raises `NotOpenSuggestionError`, `NotFoundError`, `NotYourLocationError`.
    """
    row, _ = _own(session, actor, number, now)
    row.status = SuggestionStatus.DISMISSED
    return _decided(session, actor, row, "suggestion.dismissed", now)


def accept_suggestion(
    session: Session, actor: Actor, *, number: str, document: str, now: datetime
) -> Suggestion:
    """Mark a suggestion as taken up by a document: a transfer, or a draft order.

    Its quantity counts as on order from now on, under the document's name, unless the document has already
    said what it will bring; the document ends that with `clear_pending`. Raises `NotOpenSuggestionError`,
    `InvalidError` (nothing to accept, no document), `NotFoundError`, `NotYourLocationError`.
    """
    check_cause(document)
    row, _ = _own(session, actor, number, now)
    if row.kind == SuggestionKind.KEEP:
        raise InvalidError(field="number", reason=number)
    row.status, row.accepted_document = SuggestionStatus.ACCEPTED, document
    is_inbound = row.kind in {SuggestionKind.REPLENISH, SuggestionKind.TRANSFER}
    if is_inbound and not is_expected(
        session, location_id=row.location_id, sku_id=row.sku_id, cause=document
    ):
        expect_receipt(session, location_id=row.location_id, sku_id=row.sku_id, qty=row.qty, cause=document)
    return _decided(session, actor, row, "suggestion.accepted", now, document=document)


def _expire(session: Session, where: Sequence[ColumnElement[bool]], today: date) -> None:
    """Open suggestions of earlier days end, sleep that is over ends, old ones that nobody took go."""
    mine = col(Suggestion.location_id).in_(select(Location.id).where(*where))
    is_over = or_(
        and_(col(Suggestion.status) == SuggestionStatus.OPEN, col(Suggestion.suggested_on) < today),
        and_(col(Suggestion.status) == SuggestionStatus.SNOOZED, col(Suggestion.snoozed_until) <= today),
    )
    session.execute(
        update(Suggestion)
        .where(mine, is_over)
        .values(status=SuggestionStatus.EXPIRED)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(Suggestion)
        .where(
            mine,
            col(Suggestion.status) == SuggestionStatus.EXPIRED,
            col(Suggestion.suggested_on) < today - timedelta(days=KEPT_DAYS),
        )
        .execution_options(synchronize_session=False)
    )


def _wake(session: Session, decided: Collection[Key], snoozed: Mapping[Key, Sequence[int]]) -> None:
    """What slept at a place that is decided anew has ended."""
    ids = sorted(one for key in decided if key in snoozed for one in snoozed[key])
    if ids:
        session.execute(
            update(Suggestion)
            .where(col(Suggestion.id).in_(ids))
            .values(status=SuggestionStatus.EXPIRED)
            .execution_options(synchronize_session=False)
        )


def _rows(decisions: Sequence[Decision], numbers: Sequence[str], today: date) -> Iterator[Sequence[Any]]:
    expires_on = (today + timedelta(days=VALID_DAYS)).isoformat()
    for decision, number in zip(decisions, numbers, strict=True):
        yield (
            number, decision.place_id, decision.sku_id, str(decision.kind), decision.is_urgent, decision.qty,
            decision.from_place_id, str(SuggestionStatus.OPEN), None, today.isoformat(), expires_on,
            _json(decision.inputs), _json([step.frozen() for step in decision.steps]), "",
        )  # fmt: skip


def _json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _own(session: Session, actor: Actor, number: str, now: datetime) -> tuple[Suggestion, date]:
    """An open suggestion of the actor's own place, locked, and the network's business day."""
    actor.require(Permission.STOCK_WRITE)
    row = get_by(session, Suggestion, "suggestion", number=number)
    session.refresh(row, with_for_update=True)
    with unscoped(session, "who sees a suggestion through its source learns that it is not its own"):
        place = session.get_one(Location, row.location_id)
    if not (actor.is_system or place.partner_id in actor.partner_ids):
        raise NotYourLocationError(location=place.code)
    if row.status not in {SuggestionStatus.OPEN, SuggestionStatus.SNOOZED}:
        raise NotOpenSuggestionError(number=number)
    return row, business_day(now, get_network(session).zone)


def _decided(
    session: Session, actor: Actor, row: Suggestion, kind: str, now: datetime, **facts: str
) -> Suggestion:
    session.flush()
    emit(session, actor, kind, subject=("suggestion", row.number), now=now, **facts)
    return row
