"""Sheets of waybills: what left under which waybill, and what was signed for, from a carrier's own system."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from sqlmodel import Session, col, select

from ..channels import get_network
from ..inventory import Handover, Shipment, ShipmentEventKind, record_shipment_event, set_waybill
from ..kernel.access import Actor, Permission
from ..kernel.clock import parse_day, zone
from ..kernel.db import row_id
from ..kernel.errors import InvalidError, NotFoundError, msg
from ..workbench.import_fields import ImportEntity, ImportField
from .delivering import lock_together
from .models import FulfilmentOrder, SalesOrder
from .progress import OPEN_PARTS
from .shipping import ship_parts
from .work import READY_PARTS

# the source of reports that come as sheets
SHEET = "sheet"
NOON = time(12)
_INSTANT = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::\d{2})?)?")


def import_waybill(session: Session, actor: Actor, *, row: dict[str, Any], now: datetime) -> str:
    """Ship what a line names under its waybill, or write the waybill on what has left already.

    A part, an order (what of it is ready and one's own) or a shipment. The instants of the line are reports
    of the shipment: picked up, and signed for. The same line again changes nothing.
    """
    actor.require(Permission.ORDERS_FULFIL)
    carrier, waybill = row["carrier"], row["waybill"]
    tz = get_network(session).zone
    shipped_at = _instant("shipped_at", row.get("shipped_at"), tz, now)
    signed_at = _instant("signed_at", row.get("signed_at"), tz, now)
    ready, sent = _find(session, actor, row["number"])
    outcome = "unchanged"
    if any((one.carrier, one.waybill) == (carrier, waybill) for one in sent):
        sent = [one for one in sent if (one.carrier, one.waybill) == (carrier, waybill)]
    elif ready:
        numbers = [part.number for part in ready]
        sent = [ship_parts(session, actor, numbers=numbers, carrier=carrier, waybill=waybill, now=now)]
        outcome = "created"
    else:
        lock_together(session, [], [row_id(one) for one in sent])  # orders before their shipments
        for one in sent:
            set_waybill(session, actor, number=one.number, carrier=carrier, waybill=waybill, now=now)
        outcome = "updated"
    session.flush()
    reports = [(ShipmentEventKind.PICKED_UP, shipped_at, Handover())]
    if row.get("signed_by") and signed_at is None:
        signed_at = now
    reports.append((ShipmentEventKind.DELIVERED, signed_at, Handover(row.get("signed_by") or "")))
    for kind, at, handover in reports:
        is_new = at is not None and _report(
            session, actor, sent, kind, at, handover, waybill=waybill, now=now
        )
        outcome = "updated" if is_new and outcome == "unchanged" else outcome
    return outcome


def _report(
    session: Session,
    actor: Actor,
    shipments: Sequence[Shipment],
    kind: ShipmentEventKind,
    at: datetime,
    handover: Handover,
    *,
    waybill: str,
    now: datetime,
) -> bool:
    new = [
        record_shipment_event(
            session,
            actor,
            shipment_number=one.number,
            kind=kind,
            occurred_at=at,
            source=SHEET,
            source_key=f"{waybill}:{kind}",
            handover=handover,
            now=now,
        )
        for one in shipments
    ]
    return any(new)


def _find(session: Session, actor: Actor, number: str) -> tuple[list[FulfilmentOrder], list[Shipment]]:
    """Parts of that number that may leave, and shipments that have left. Raises `NotFoundError`."""
    shipment = session.exec(select(Shipment).where(Shipment.number == number)).one_or_none()
    if shipment is not None:
        return [], [shipment]
    parts = list(session.exec(select(FulfilmentOrder).where(FulfilmentOrder.number == number)))
    if not parts:
        parts = list(
            session.exec(
                select(FulfilmentOrder)
                .join(SalesOrder, col(SalesOrder.id) == col(FulfilmentOrder.order_id))
                .where(SalesOrder.number == number)
                .order_by(col(FulfilmentOrder.id))
            )
        )
        own = [part for part in parts if actor.is_system or part.owner_id in actor.partner_ids]
        parts = own or parts
    if not parts:
        raise NotFoundError(kind="fulfilment order", key=number)
    ready = [part for part in parts if part.status in READY_PARTS]
    ids = sorted({part.shipment_id for part in parts if part.shipment_id is not None})
    sent = list(session.exec(select(Shipment).where(col(Shipment.id).in_(ids)).order_by(col(Shipment.id))))
    if not ready and not sent:
        # nothing to leave: the verb of the first part says why not
        return [part for part in parts if part.status in OPEN_PARTS] or parts, []
    return ready, sent


def _instant(field: str, text: str | None, tz: str, now: datetime) -> datetime | None:
    """A local instant `2026-10-15 14:30`, or a day (its noon, at the latest now). Raises `InvalidError`."""
    if not text:
        return None
    found = _INSTANT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise InvalidError(field=field, reason=msg("is no instant"))
    day = parse_day(f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}", field)
    try:
        clock = time(int(found[4]), int(found[5])) if found[4] else NOON
    except ValueError as error:
        raise InvalidError(field=field, reason=msg("is no instant")) from error
    at = datetime.combine(day, clock, tzinfo=zone(tz)).astimezone(UTC)
    if found[4] is None and day == now.astimezone(zone(tz)).date():
        return min(at, now)
    if at > now:
        raise InvalidError(field=field, reason=msg("lies in the future"))
    return at


WAYBILLS = ImportEntity(
    name=msg("Waybills"),
    permission=Permission.ORDERS_FULFIL,
    key=("number", "waybill"),
    commit=import_waybill,
    fields=(
        ImportField(
            "number",
            msg("Part / order / shipment"),
            required=True,
            aliases=(
                "part",
                "order",
                "order number",
                "shipment",
                "订单号",
                "订单",
                "子单号",
                "履约单号",
                "发货单号",
                "单号",
            ),
            example="SO-20261015-0001-1",
            note=msg("what is ready leaves under the waybill; what has left gets it written on"),
        ),
        ImportField(
            "carrier",
            msg("Carrier"),
            required=True,
            aliases=("carrier", "courier", "承运商", "快递公司", "物流公司"),
            example="顺丰速运",
        ),
        ImportField(
            "waybill",
            msg("Waybill"),
            required=True,
            aliases=("waybill", "tracking number", "运单", "运单号", "快递单号", "物流单号"),
            example="SF1234567890",
        ),
        ImportField(
            "shipped_at",
            msg("Shipped at"),
            aliases=("shipped", "shipped on", "发货时间", "发货日期", "揽收时间"),
            example="2026-10-15 14:30",
            note=msg("local time; a day alone will do"),
        ),
        ImportField(
            "signed_by",
            msg("Signed by"),
            aliases=("signer", "签收人", "收货人"),
            example="王五",
        ),
        ImportField(
            "signed_at",
            msg("Signed at"),
            aliases=("signed", "signed on", "签收时间", "签收日期"),
            example="2026-10-17 10:05",
        ),
    ),
)
