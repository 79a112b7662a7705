"""What happens to shipments over REST: what was reported of them, and a report of one's own."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, Field
from sqlmodel import Session

from ..core.inventory import Handover, ShipmentEventRow, events_of, get_shipment, record_shipment_event
from ..core.kernel.access import Permission
from ..core.kernel.clock import utc_now
from ..gate import allowed
from .caller import CallerDep, shown
from .models import PLAIN, Body, CodePath, Json, Text, row_json
from .schemas import array_of, asks, object_of
from .shapes import SHIPMENT_EVENT
from .steps import Short

router = APIRouter(tags=["orders"])

EVENTS = object_of(items=array_of(SHIPMENT_EVENT))
Instant = Annotated[AwareDatetime, Field(strict=False)]


class ShipmentReport(Body):
    """Something that happened to a shipment; the same `key` is the same report."""

    kind: Annotated[str, Field(min_length=1, max_length=20, pattern=PLAIN)]
    key: Annotated[str, Field(min_length=1, max_length=80, pattern=PLAIN)]
    occurred_at: Instant | None = None
    place: Annotated[str, Field(max_length=80, pattern=PLAIN)] = ""
    note: Text = ""
    signed_by: Short = ""
    region: Short = ""
    short_qty: Annotated[int, Field(ge=0, le=2_147_483_647)] = 0


@router.get("/shipments/{number}/events", openapi_extra=asks(Permission.ORDERS_READ, answers=EVENTS))
async def read_shipment_events(caller: CallerDep, number: CodePath) -> Json:
    """What was reported of a shipment, in the order in which it happened."""
    return await caller.read(allowed(Permission.ORDERS_READ, _events), number)


@router.post(
    "/shipments/{number}/events",
    status_code=201,
    openapi_extra=asks(Permission.ORDERS_FULFIL, answers=EVENTS),
)
async def report_shipment(caller: CallerDep, number: CodePath, body: ShipmentReport) -> Json:
    """Report what happened to a shipment one sends; answers everything that was reported of it."""
    occurred_at: datetime = body.occurred_at or utc_now()
    return await caller.write(
        shown(record_shipment_event, lambda session, _is_new: _events(session, number)),
        shipment_number=number,
        kind=body.kind,
        occurred_at=occurred_at,
        place=body.place,
        note=body.note,
        source_key=body.key,
        handover=Handover(body.signed_by, body.region, body.short_qty),
    )


def _events(session: Session, number: str) -> Json:
    get_shipment(session, number)
    rows: tuple[ShipmentEventRow, ...] = events_of(session, shipment_numbers=[number]).get(number, ())
    return {"items": [row_json(row) for row in rows]}
