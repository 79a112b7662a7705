"""Talking with carriers: read what to say, say it outside any transaction, write down what came of it."""

import json
from collections.abc import Mapping
from typing import Any

import structlog
from sqlmodel import Session

from .. import gate
from ..core.inventory import (
    CarrierReport,
    CarrierUnreachableError,
    Shipment,
    find_line,
    list_carriers,
    open_waybills,
    prepare_booking,
    read_report,
    set_waybill,
    take_report,
)
from ..core.kernel.access import SYSTEM, Actor
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import DomainError, InvalidError, msg
from ..core.kernel.signatures import BadSignatureError, open_message
from ..gate import Credential
from .remote import RemoteCarrier

log = structlog.get_logger()
Said = tuple[str, dict[str, Any]]


def book_shipment(credential: Credential, *, number: str, carrier_code: str) -> None:
    """Order a pick-up for a shipment and write its waybill down; once is enough.

    A booking that is repeated because the platform could not write it down gets the same waybill: the
    carrier knows it by the shipment's number. Raises `CarrierUnreachableError` and what
    `prepare_booking` and `set_waybill` raise.
    """
    booking = gate.read(credential, prepare_booking, number=number, carrier_code=carrier_code)
    if booking is None:
        return
    line, parcel = booking
    waybill = RemoteCarrier(line).book(parcel)

    def verb(session: Session, actor: Actor, /, **facts: Any) -> Shipment:
        name = next(row.name for row in list_carriers(session) if row.code == carrier_code)
        return set_waybill(session, actor, number=number, carrier=name, waybill=waybill, **facts)

    gate.write(credential, verb)


def take_message(code: str, headers: Mapping[str, str], body: bytes) -> bool:
    """A message that a carrier pushed: whether it said anything new. A repeated one is no error.

    Raises `BadSignatureError` (also for a carrier nobody knows), `MessageTooOldError`, `InvalidError` for a
    body that says nothing, and what `take_report` raises; nothing is written then.
    """
    with gate.get_database().read(SYSTEM) as session:
        line = find_line(session, SYSTEM, code=code)
    if line is None:
        raise BadSignatureError
    now = utc_now()
    message = open_message(line.secret, headers=headers, body=body, now=now)
    try:
        payload = json.loads(message.body)
    except (ValueError, RecursionError) as error:
        raise InvalidError(field="body", reason=msg("is no JSON")) from error
    report = read_report(message.key, payload)
    with gate.get_database().write(SYSTEM) as session:
        return take_report(session, SYSTEM, code=code, report=report, now=now) > 0


def track_shipments() -> Said:
    """Ask carriers what became of the parcels on their way, for what was never pushed or got lost."""
    with gate.get_database().read(SYSTEM) as session:
        waybills = open_waybills(session, SYSTEM)
    asked = new = failed = 0
    silent: set[str] = set()
    for line, waybill in waybills:
        if line.code in silent:
            continue
        try:
            reports = RemoteCarrier(line).track(waybill)
        except CarrierUnreachableError as error:
            silent.add(line.code)
            log.warning("carrier_silent", carrier=line.code, cause=str(error))
            continue
        asked += 1
        for report in reports:
            outcome = _record(line.code, report)
            new += outcome == 1
            failed += outcome < 0
    return msg("{asked} waybills asked for, {new} new reports, {failed} not understood"), {
        "asked": asked,
        "new": new,
        "failed": failed,
    }


def _record(code: str, report: CarrierReport) -> int:
    """1 for a new report, 0 for a known one, -1 for one that was refused."""
    try:
        with gate.get_database().write(SYSTEM) as session:
            return int(take_report(session, SYSTEM, code=code, report=report, now=utc_now()) > 0)
    except DomainError as error:
        log.warning("report_refused", carrier=code, message=report.key, error=str(error))
        return -1
