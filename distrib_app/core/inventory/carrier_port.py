"""What the platform and a carrier say to each other: the port every carrier's adapter fills; pure.

Adapters live outside core (`distrib_app/carriers`): they call, core decides. A report reads the same whether
the carrier pushes it or is asked for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ..kernel.errors import DomainError, InvalidError, msg
from .shipping_models import ShipmentEventKind

_TYPE = "shipment."


class CarrierUnreachableError(DomainError):
    """The carrier's service did not answer as agreed; nothing was recorded."""

    code = "carrier_unreachable"
    status = 424
    template = msg("{carrier} does not answer: {cause}. Nothing was recorded; try again later.")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a carrier is asked to fetch; the shipment's number makes a repeated booking one."""

    shipment_number: str
    from_place: str
    receiver: str
    region_code: str
    pieces: int
    weight_g: int


@dataclass(frozen=True, slots=True)
class CarrierReport:
    """Something that happened to a parcel; `key` is the id of the message that says so."""

    key: str
    waybill: str
    kind: str
    occurred_at: datetime
    place: str = ""
    note: str = ""
    signed_by: str = ""
    region_code: str = ""
    short_qty: int = 0


class CarrierPort(Protocol):
    """A carrier's service. Never called inside a database transaction."""

    def book(self, parcel: Parcel) -> str:
        """Order a pick-up; the waybill, the same one for the same shipment. `CarrierUnreachableError`."""
        ...

    def track(self, waybill: str) -> Sequence[CarrierReport]:
        """Everything that happened to a parcel so far. Raises `CarrierUnreachableError`."""
        ...


def read_report(key: str, payload: Any) -> CarrierReport:
    """A report as it comes over the wire: `{"type": "shipment.<kind>", "timestamp": …, "data": {…}}`.

    Raises `InvalidError` naming what is wrong; unknown fields are left alone.
    """
    if not isinstance(payload, Mapping) or not isinstance(payload.get("data"), Mapping):
        raise InvalidError(field="data", reason=msg("is no object"))
    kind = _text(payload, "type", 40).removeprefix(_TYPE)
    if kind not in list(ShipmentEventKind):
        raise InvalidError(field="type", reason=kind)
    data = payload["data"]
    waybill = _text(data, "waybill", 60)
    if not waybill:
        raise InvalidError(field="waybill", reason=msg("empty"))
    return CarrierReport(
        key=key,
        waybill=waybill,
        kind=kind,
        occurred_at=_instant(payload),
        place=_text(data, "place", 80),
        note=_text(data, "note", 200),
        signed_by=_text(data, "signed_by", 60),
        region_code=_text(data, "region", 60),
        short_qty=_count(data, "short_qty"),
    )


def _text(holder: Mapping[str, Any], field: str, longest: int) -> str:
    value = holder.get(field, "")
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise InvalidError(field=field, reason=msg("is no plain text of a fitting length"))
    return value.strip()


def _count(holder: Mapping[str, Any], field: str) -> int:
    value = holder.get(field, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise InvalidError(field=field, reason=msg("is no whole number"))
    return value


def _instant(payload: Mapping[str, Any]) -> datetime:
    try:
        found = datetime.fromisoformat(str(payload.get("timestamp")))
    except ValueError as error:
        raise InvalidError(field="timestamp", reason=msg("is no instant")) from error
    if found.tzinfo is None:
        raise InvalidError(field="timestamp", reason=msg("has no time zone"))
    return found
