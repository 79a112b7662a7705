"""Reads of planning, through the actor's scope: lists of suggestions and water lines, and why each is so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from ..catalog import Sku
from ..channels import Partner
from ..kernel.db import get_by
from ..kernel.errors import NotFoundError, msg
from ..kernel.explain import Step
from ..kernel.listing import FIRST_PAGE, Choices, Facet, Listing, ListQuery, ListSpec, run
from .models import Balance, Location
from .planning import read_inputs
from .planning_models import LineSource, Suggestion, SuggestionKind, SuggestionStatus, WaterLine
from .water_lines import explain_lines


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """A suggestion with the names of its place, its SKU and where a transfer comes from.

    Of a transfer, the place that the actor may not see has no code and no name.
    """

    number: str
    partner_code: str
    partner_name: str
    partner_name_en: str
    location_code: str
    location_name: str
    location_name_en: str
    sku_code: str
    sku_name: str
    sku_name_en: str
    unit: str
    kind: str
    is_urgent: bool
    status: str
    qty: int
    position_qty: int
    safety_qty: int
    warning_qty: int
    max_qty: int
    from_code: str
    from_name: str
    from_name_en: str
    suggested_on: date
    expires_on: date
    snoozed_until: date | None
    accepted_document: str


@dataclass(frozen=True, slots=True)
class SuggestionDetail:
    """A suggestion with the quantities it was decided on and its frozen steps.

    `is_own`: it is about a place of the reader's own company, which decides on it.
    """

    row: SuggestionRow
    inputs: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]
    is_own: bool


@dataclass(frozen=True, slots=True)
class WaterLineRow:
    """The lines of a SKU at a place, with what lies there. `daily_milli` is a day's mean demand × 1000."""

    partner_code: str
    partner_name: str
    partner_name_en: str
    location_code: str
    location_name: str
    location_name_en: str
    sku_code: str
    sku_name: str
    sku_name_en: str
    unit: str
    safety_qty: int
    warning_qty: int
    max_qty: int
    available_qty: int
    daily_milli: int | None
    source: str
    set_at: datetime
    version: int


def list_suggestions(session: Session, *, query: ListQuery = FIRST_PAGE) -> Listing[SuggestionRow]:
    """Suggestions, urgent ones first; without a status those that are not over (expired, dismissed).

    A search looks into place, SKU, partner and number.

    Sorts: urgency, number, place, partner, sku, qty, expires_on. Facets: kind, status, urgency, partner,
    location, from, sku. Total: qty.
    """
    is_over = col(Suggestion.status).in_([SuggestionStatus.EXPIRED, SuggestionStatus.DISMISSED])
    found = run(session, SUGGESTIONS, query, [] if query.facets.get("status") else [~is_over])
    return found.showing([_suggestion_row(*row) for row in found.rows])


def get_suggestion(session: Session, *, number: str) -> SuggestionDetail:
    """A suggestion and its why. Raises `NotFoundError`."""
    statement = _with_source(
        select(Suggestion, Location, Partner, Sku, _SOURCE.code, _SOURCE.name, _SOURCE.name_en)  # type: ignore[call-overload]
    ).where(col(Suggestion.number) == number)
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFoundError(kind="suggestion", key=number)
    actor, place = session.info["actor"], found[1]
    is_own = actor.is_system or (place is not None and place.partner_id in actor.partner_ids)
    return SuggestionDetail(_suggestion_row(*found), found[0].inputs, tuple(found[0].steps), is_own)


def list_water_lines(session: Session, *, query: ListQuery = FIRST_PAGE) -> Listing[WaterLineRow]:
    """Water lines by place and SKU. A search looks into place, SKU and partner.

    Sorts: place, partner, sku, safety, warning, maximum, available, set_at. Facets: source, state (short:
    available below the warning line; urgent: below safety; above: over the maximum), partner, location, sku.
    """
    found = run(session, WATER_LINES, query)
    return found.showing([_line_row(*row) for row in found.rows])


def explain_water_line(session: Session, *, location_code: str, sku_code: str) -> tuple[Step, ...]:
    """How the lines of a place and SKU came about. Raises `NotFoundError`."""
    location = get_by(session, Location, "location", code=location_code)
    sku = get_by(session, Sku, "SKU", code=sku_code)
    row = session.exec(
        select(WaterLine).where(WaterLine.location_id == location.id, WaterLine.sku_id == sku.id)
    ).one_or_none()
    if row is None:
        raise NotFoundError(kind="water line", key=f"{location_code} · {sku_code}")
    if row.source == LineSource.HAND:
        return (Step(msg("Set by hand; no computation changes it")),)
    return explain_lines(*read_inputs(row.inputs)).steps


_SOURCE = aliased(Location, name="source")
_PARTNER = Facet(col(Partner.code), col(Partner.name), col(Partner.name_en))
_LOCATION = Facet(col(Location.code), col(Location.name), col(Location.name_en))
_SKU = Facet(col(Sku.code), is_counted=False)
_CODES = (col(Sku.code), col(Partner.code), col(Location.code))
_NAMES = tuple(col(column) for model in (Sku, Partner, Location) for column in (model.name, model.name_en))
_INITIALS = (col(Sku.initials), col(Partner.initials))


def _with_source(statement: Select[Any]) -> Select[Any]:
    """Either place of a transfer may be hidden from the actor, who then sees the other one."""
    return (
        statement.outerjoin(Location, col(Location.id) == col(Suggestion.location_id))
        .outerjoin(Partner, col(Partner.id) == col(Location.partner_id))
        .join(Sku, col(Sku.id) == col(Suggestion.sku_id))
        .outerjoin(_SOURCE, col(_SOURCE.id) == col(Suggestion.from_location_id))
    )


def _with_balance(statement: Select[Any]) -> Select[Any]:
    return (
        statement.join(Location, col(Location.id) == col(WaterLine.location_id))
        .join(Partner, col(Partner.id) == col(Location.partner_id))
        .join(Sku, col(Sku.id) == col(WaterLine.sku_id))
        .outerjoin(
            Balance,
            (col(Balance.location_id) == col(WaterLine.location_id))
            & (col(Balance.sku_id) == col(WaterLine.sku_id)),
        )
    )


_AVAILABLE = func.coalesce(col(Balance.on_hand_qty) - col(Balance.reserved_qty), 0)
SUGGESTIONS = ListSpec(
    entity=Suggestion,
    columns=(Location, Partner, Sku, _SOURCE.code, _SOURCE.name, _SOURCE.name_en),
    join=_with_source,
    key=(col(Suggestion.id),),
    sorts={
        "urgency": (col(Suggestion.is_urgent), col(Suggestion.qty)),
        "number": (col(Suggestion.number),),
        "place": (col(Partner.code), col(Location.code), col(Sku.code)),
        "partner": (col(Partner.code),),
        "sku": (col(Sku.code),),
        "qty": (col(Suggestion.qty),),
        "expires_on": (col(Suggestion.expires_on),),
    },
    default_sort="-urgency",
    codes=(*_CODES, col(Suggestion.number)),
    names=_NAMES,
    initials=_INITIALS,
    facets={
        "kind": Facet(col(Suggestion.kind), allowed=frozenset(SuggestionKind)),
        "status": Facet(col(Suggestion.status), allowed=frozenset(SuggestionStatus)),
        "urgency": Choices(
            {"urgent": col(Suggestion.is_urgent).is_(True), "normal": col(Suggestion.is_urgent).is_(False)}
        ),
        "partner": _PARTNER,
        "location": _LOCATION,
        "from": Facet(_SOURCE.code, _SOURCE.name, _SOURCE.name_en),
        "sku": _SKU,
    },
    totals={"qty": col(Suggestion.qty)},
)
WATER_LINES = ListSpec(
    entity=WaterLine,
    columns=(Location, Partner, Sku, _AVAILABLE),
    join=_with_balance,
    key=(col(WaterLine.id),),
    sorts={
        "place": (col(Partner.code), col(Location.priority), col(Location.code), col(Sku.code)),
        "partner": (col(Partner.code),),
        "sku": (col(Sku.code),),
        "safety": (col(WaterLine.safety_qty),),
        "warning": (col(WaterLine.warning_qty),),
        "maximum": (col(WaterLine.max_qty),),
        "available": (_AVAILABLE,),
        "set_at": (col(WaterLine.set_at),),
    },
    default_sort="place",
    codes=_CODES,
    names=_NAMES,
    initials=_INITIALS,
    facets={
        "source": Facet(col(WaterLine.source), allowed=frozenset(LineSource)),
        "state": Choices(
            {
                "urgent": col(WaterLine.safety_qty) > _AVAILABLE,
                "short": col(WaterLine.warning_qty) > _AVAILABLE,
                "above": col(WaterLine.max_qty) < _AVAILABLE,
            }
        ),
        "partner": _PARTNER,
        "location": _LOCATION,
        "sku": _SKU,
    },
)


def _suggestion_row(
    row: Suggestion,
    location: Location | None,
    partner: Partner | None,
    sku: Sku,
    from_code: str | None,
    from_name: str | None,
    from_name_en: str | None,
) -> SuggestionRow:
    return SuggestionRow(
        number=row.number,
        partner_code=partner.code if partner else "",
        partner_name=partner.name if partner else "",
        partner_name_en=partner.name_en if partner else "",
        location_code=location.code if location else "",
        location_name=location.name if location else "",
        location_name_en=location.name_en if location else "",
        sku_code=sku.code,
        sku_name=sku.name,
        sku_name_en=sku.name_en,
        unit=sku.unit,
        kind=row.kind,
        is_urgent=row.is_urgent,
        status=row.status,
        qty=row.qty,
        position_qty=row.inputs["position"],
        safety_qty=row.inputs["safety"],
        warning_qty=row.inputs["warning"],
        max_qty=row.inputs["maximum"],
        from_code=from_code or "",
        from_name=from_name or "",
        from_name_en=from_name_en or "",
        suggested_on=row.suggested_on,
        expires_on=row.expires_on,
        snoozed_until=row.snoozed_until,
        accepted_document=row.accepted_document,
    )


def _line_row(row: WaterLine, location: Location, partner: Partner, sku: Sku, available: int) -> WaterLineRow:
    return WaterLineRow(
        partner_code=partner.code,
        partner_name=partner.name,
        partner_name_en=partner.name_en,
        location_code=location.code,
        location_name=location.name,
        location_name_en=location.name_en,
        sku_code=sku.code,
        sku_name=sku.name,
        sku_name_en=sku.name_en,
        unit=sku.unit,
        safety_qty=row.safety_qty,
        warning_qty=row.warning_qty,
        max_qty=row.max_qty,
        available_qty=int(available),
        daily_milli=row.daily_milli,
        source=row.source,
        set_at=row.set_at,
        version=row.version,
    )
