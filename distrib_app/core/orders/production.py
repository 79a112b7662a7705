"""Verbs of production requests until they are finished: planned for a day, started, given up."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session

from ..channels import get_network
from ..inventory import cost_micros
from ..kernel.access import Actor, unscoped
from ..kernel.clock import business_day
from ..kernel.db import check_version, row_id
from ..kernel.errors import InvalidError
from ..workbench import work_calendar
from .parting import wait
from .production_models import ProductionRequest, ProductionStatus
from .production_work import check_made, lines_of, load_request, own_place, part_of, say, way_to_buyer
from .supplied_parts import drop_supply


def plan_production(
    session: Session,
    actor: Actor,
    *,
    number: str,
    promised_on: date,
    location_code: str,
    unit_costs: Mapping[str, Decimal] | None = None,
    version: int | None = None,
    now: datetime,
) -> ProductionRequest:
    """Promise a request for a day and a place of the maker's; its part is promised that day plus the way.

    `unit_costs` are what a unit is planned to cost, net by SKU code (none: unknown); the goods come in at
    that unless they turn out to cost something else. Raises `InvalidError` for a day that is over, a cost
    below zero or of something else, `TransitionError`, `StaleError`, `NotFoundError`,
    `NotYourOrderError`.
    """
    request, work = load_request(session, actor, number, "plan")
    check_version(request, version, number)
    if promised_on < business_day(now, get_network(session).zone):
        raise InvalidError(field="promised_on", reason=promised_on.isoformat())
    lines = lines_of(session, request)
    check_made(lines, list(unit_costs or {}), field="unit_costs")
    for code, cost in (unit_costs or {}).items():
        lines[code].planned_cost_micros = cost_micros(cost)
    place = own_place(session, request, location_code)
    request.status, request.promised_on = ProductionStatus.PLANNED, promised_on
    request.location_id = row_id(place)
    part = part_of(request, work)
    if work is not None and part is not None:
        with unscoped(session, "when goods arrive that are still to be made"):
            part.part.ready_on = work_calendar().working_day_from(promised_on)
            part.part.promised_on = part.part.ready_on + way_to_buyer(session, work, place, now)
        part.part.version += 1
        work.follow_parts()
    session.flush()
    say(session, actor, "production.planned", request, work, now)
    return request


def start_production(
    session: Session, actor: Actor, *, number: str, version: int | None = None, now: datetime
) -> ProductionRequest:
    """Say that the goods of a planned request are being made. Raises like `plan_production`."""
    request, work = load_request(session, actor, number, "start")
    check_version(request, version, number)
    request.status = ProductionStatus.IN_PRODUCTION
    session.flush()
    say(session, actor, "production.started", request, work, now)
    return request


def cancel_production(
    session: Session,
    actor: Actor,
    *,
    number: str,
    reason: str = "",
    version: int | None = None,
    now: datetime,
) -> ProductionRequest:
    """Give a request up; the part waits for the seller again, without a day.

    Raises like `plan_production`.
    """
    request, work = load_request(session, actor, number, "cancel")
    check_version(request, version, number)
    part = part_of(request, work)
    if work is not None and part is not None:
        with unscoped(session, "what the seller bought of the brand is not made"):
            drop_supply(session, work, part, now=now)
        wait(work, part.part)
        part.part.version += 1
        work.follow_parts()
    request.status, request.fulfilment_id = ProductionStatus.CANCELLED, None
    session.flush()
    say(session, actor, "production.cancelled", request, work, now, reason=reason[:200])
    return request
