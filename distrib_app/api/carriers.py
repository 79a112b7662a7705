"""Carriers over REST: administrators set them up, senders book, carriers push what happens (signed)."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from sqlmodel import Session

from .. import routes
from ..carriers import book_shipment, take_message
from ..core.inventory import (
    Carrier,
    CarrierRow,
    get_shipment,
    list_carriers,
    renew_carrier_secret,
    set_carrier,
    set_waybill,
)
from ..core.kernel.access import Permission
from ..gate import allowed
from .answers import Answer
from .caller import CallerDep, shown
from .limits import Limiter, monotonic_ms
from .models import NEW_CODE, PLAIN, Body, Code, CodePath, Json, Version, row_json
from .schemas import TEXT, array_of, asks, object_of, row_of
from .shapes import SHIPMENT

router = APIRouter(tags=["carriers"])
# without a token: a message is known by its signature
messages = APIRouter(prefix=routes.API, include_in_schema=False, default_response_class=Answer)

CARRIER = row_of("Carrier", CarrierRow)
CARRIERS = object_of(items=array_of(CARRIER))
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=PLAIN)]


class CarrierBody(Body):
    """What is known of a carrier."""

    name: Name
    name_en: Annotated[str, Field(max_length=60, pattern=PLAIN)] = ""
    service_url: Annotated[str, Field(max_length=200, pattern=PLAIN)] = ""
    is_active: bool = True
    version: Version | None = None


class SecretBody(Body):
    """The carrier's own secret, or none for a new one."""

    secret: Annotated[str, Field(max_length=120, pattern=r"^[\x21-\x7e]*$")] = ""


class Booking(Body):
    """Who is to fetch it."""

    carrier: Code


class WaybillBody(Body):
    """Under which waybill it travels, and with whom."""

    carrier: Name
    waybill: Name


@router.get("/carriers", openapi_extra=asks(Permission.ORDERS_READ, answers=CARRIERS))
async def read_carriers(caller: CallerDep) -> Json:
    """All carriers; never what their messages are signed with."""
    rows = await caller.read(allowed(Permission.ORDERS_READ, list_carriers))
    return {"items": [row_json(row) for row in rows]}


@router.put("/carriers/{code}", openapi_extra=asks(Permission.ADMIN_ACCESS, answers=CARRIER))
async def put_carrier(
    caller: CallerDep, code: Annotated[CodePath, Field(max_length=40, pattern=NEW_CODE)], body: CarrierBody
) -> Json:
    """Add a carrier or change what is known of it."""

    def show(session: Session, carrier: Carrier) -> Json:
        session.flush()
        return next(row_json(row) for row in list_carriers(session) if row.code == carrier.code)

    return await caller.write(
        shown(set_carrier, show),
        code=code,
        name=body.name,
        name_en=body.name_en,
        service_url=body.service_url,
        is_active=body.is_active,
        version=body.version,
    )


@router.post(
    "/carriers/{code}/secret",
    openapi_extra=asks(Permission.ADMIN_ACCESS, answers=object_of(secret=TEXT)),
)
async def renew_secret(caller: CallerDep, code: CodePath, body: SecretBody) -> Json:
    """Set what the carrier's messages are signed with; shown this once. The old secret ends at once."""
    secret = await caller.write_secret(renew_carrier_secret, code=code, secret=body.secret)
    return {"secret": secret}


@router.post("/shipments/{number}/booking", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=SHIPMENT))
async def book(caller: CallerDep, number: CodePath, body: Booking) -> Json:
    """Have a carrier fetch a shipment: it answers with the waybill, always the same."""
    await run_in_threadpool(book_shipment, caller.credential, number=number, carrier_code=body.carrier)
    return row_json(await caller.read(allowed(Permission.ORDERS_READ, get_shipment), number))


@router.put("/shipments/{number}/waybill", openapi_extra=asks(Permission.ORDERS_FULFIL, answers=SHIPMENT))
async def put_waybill(caller: CallerDep, number: CodePath, body: WaybillBody) -> Json:
    """Write down a waybill that was booked elsewhere."""

    def show(session: Session, _: object) -> Json:
        session.flush()
        return row_json(get_shipment(session, number))

    return await caller.write(
        shown(set_waybill, show), number=number, carrier=body.carrier, waybill=body.waybill
    )


@messages.post("/carriers/{code}/events", status_code=200)
async def take(request: Request, code: CodePath) -> Json:
    """A message of a carrier after Standard Webhooks; answered alike when it was known already."""
    body = await request.body()
    headers = {name: request.headers.get(name, "") for name in request.headers}
    is_new = await run_in_threadpool(take_message, code, headers, body)
    limiter: Limiter = request.app.state.limiter
    limiter.welcome(f"carrier {code} {request.client.host if request.client else ''}", now_ms=monotonic_ms())
    return {"is_new": is_new}
