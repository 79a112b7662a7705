"""A carrier that is reached over HTTP: signed requests, short answers, nothing followed elsewhere."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from ..core.inventory import CarrierLine, CarrierReport, CarrierUnreachableError, Parcel, read_report
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import InvalidError
from ..core.kernel.signatures import sign

SECONDS = 10
LARGEST = 1_048_576


class _Stay(HTTPRedirectHandler):
    """A carrier that sends us elsewhere is not followed: the signature is for it alone."""

    def redirect_request(self, *_: Any) -> None:
        """Nowhere."""
        return


class RemoteCarrier:
    """The port of core over HTTP: `POST {service}/bookings`, `GET {service}/waybills/{waybill}/events`."""

    def __init__(self, line: CarrierLine) -> None:
        self._line = line
        proxies: tuple[Any, ...] = (ProxyHandler({}),) if line.service_url.startswith("http://") else ()
        self._opener = build_opener(_Stay, *proxies)

    def book(self, parcel: Parcel) -> str:
        """Order a pick-up; the waybill. Raises `CarrierUnreachableError`."""
        answer = self._ask("POST", "/bookings", json.dumps(asdict(parcel)).encode())
        waybill = answer.get("waybill")
        if not isinstance(waybill, str) or not 1 <= len(waybill) <= 60:
            raise self._unreachable("no waybill")
        return waybill

    def track(self, waybill: str) -> Sequence[CarrierReport]:
        """Everything that happened to a parcel so far. Raises `CarrierUnreachableError`."""
        answer = self._ask("GET", f"/waybills/{quote(waybill, safe='')}/events", b"")
        try:
            return [read_report(str(one["id"]), one) for one in answer["events"]]
        except (KeyError, TypeError, InvalidError) as error:
            raise self._unreachable(f"{type(error).__name__} {error}") from error

    def _ask(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        headers = sign(self._line.secret, key=f"req_{secrets.token_hex(12)}", sent_at=utc_now(), body=body)
        request = Request(
            self._line.service_url.rstrip("/") + path,
            data=body or None,
            headers=headers | {"content-type": "application/json", "accept": "application/json"},
            method=method,
        )
        try:
            with self._opener.open(request, timeout=SECONDS) as response:
                answer = json.loads(response.read(LARGEST))
        except HTTPError as error:
            raise self._unreachable(f"HTTP {error.code}") from error
        except (URLError, HTTPException, OSError, ValueError) as error:
            raise self._unreachable(type(error).__name__) from error
        if not isinstance(answer, dict):
            raise self._unreachable("no object")
        return answer

    def _unreachable(self, cause: str) -> CarrierUnreachableError:
        return CarrierUnreachableError(carrier=self._line.code, cause=cause)
