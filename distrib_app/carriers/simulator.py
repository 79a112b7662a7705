"""A simulated carrier: a small real HTTP service that takes bookings and pushes signed messages.

For tests and demonstrations. It moves a parcel one stage a step: whoever runs it says when (`advance`), or
lets it do so by itself every few seconds. It remembers nothing beyond its process but the numbering of
waybills, which follows from the shipment's number: a booking repeated later gets the same waybill.
"""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote
from urllib.request import ProxyHandler, Request, build_opener

import structlog

from ..core.kernel.errors import DomainError
from ..core.kernel.signatures import open_message, sign

log = structlog.get_logger()
STAGES = ("picked_up", "arrived_hub", "out_for_delivery", "delivered")
LARGEST = 65_536
SECONDS = 10


@dataclass
class CarriedParcel:
    """A parcel as the carrier knows it, and every message it has said about it (id, payload)."""

    waybill: str
    parcel: Mapping[str, Any]
    said: list[dict[str, Any]] = field(default_factory=list)


class SimulatedCarrier:
    """The service; `platform_url` is where its messages go: `…/api/v1/carriers/<code>/events`."""

    def __init__(self, *, secret: str, platform_url: str, port: int = 0, host: str = "127.0.0.1") -> None:
        self.secret = secret
        self.platform_url = platform_url
        self._parcels: dict[str, CarriedParcel] = {}
        self._lock = threading.Lock()
        self._opener = build_opener(ProxyHandler({}))
        self._server = ThreadingHTTPServer((host, port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._is_over = threading.Event()

    @property
    def url(self) -> str:
        """Where it is reached."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def __enter__(self) -> "SimulatedCarrier":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._server.shutdown()
        self._server.server_close()

    def take_booking(self, parcel: Mapping[str, Any]) -> str:
        """Take a parcel over; the same waybill for the same shipment."""
        waybill = waybill_of(str(parcel["shipment_number"]))
        with self._lock:
            self._parcels.setdefault(waybill, CarriedParcel(waybill, dict(parcel)))
        return waybill

    def events_of(self, waybill: str) -> list[dict[str, Any]] | None:
        """What was said of a parcel; None for one it does not have."""
        with self._lock:
            found = self._parcels.get(waybill)
            return None if found is None else list(found.said)

    def say(self, waybill: str, kind: str, **data: Any) -> dict[str, Any]:
        """Note that something happened to a parcel, without telling the platform yet."""
        with self._lock:
            parcel = self._parcels[waybill]
            number = len(parcel.said) + 1
            message = {
                "id": f"msg_{waybill}_{number}",
                "type": f"shipment.{kind}",
                "timestamp": datetime.now(UTC).isoformat(),
                "data": {"waybill": waybill} | data,
            }
            parcel.said.append(message)
        return message

    def push(self, message: Mapping[str, Any]) -> int:
        """Tell the platform, signed; the status it answers, 0 where nobody does."""
        body = json.dumps({key: value for key, value in message.items() if key != "id"}).encode()
        headers = sign(self.secret, key=str(message["id"]), sent_at=datetime.now(UTC), body=body)
        headers["content-type"] = "application/json"
        request = Request(self.platform_url, data=body, headers=headers, method="POST")
        try:
            with self._opener.open(request, timeout=SECONDS) as response:
                return int(response.status)
        except HTTPError as error:
            answer = error.read(500).decode(errors="replace")
            log.warning("platform_refused", status=error.code, answer=answer)
            return error.code
        except (URLError, HTTPException, OSError) as error:
            log.warning("platform_silent", error=str(error))
            return 0

    def advance(self, waybill: str, **data: Any) -> str:
        """Move a parcel to its next stage and tell the platform; the stage, empty once it has arrived."""
        said = self.events_of(waybill) or []
        done = {str(one["type"]).removeprefix("shipment.") for one in said}
        stage = next((one for one in STAGES if one not in done), "")
        if stage:
            signer = {"signed_by": "收件人"} if stage == "delivered" else {}
            self.push(self.say(waybill, stage, **(signer | data)))
        return stage

    def keep_moving(self, seconds: int) -> None:
        """Move every parcel one stage every so many seconds until the service ends."""
        while not self._is_over.wait(seconds):
            with self._lock:
                waybills = list(self._parcels)
            for waybill in waybills:
                self.advance(waybill)


def waybill_of(shipment_number: str) -> str:
    """The waybill of a shipment: twelve digits that follow from its number."""
    digest = int.from_bytes(hashlib.sha256(shipment_number.encode()).digest()[:8])
    return f"SIM{digest % 10**12:012}"


def _handler(carrier: SimulatedCarrier) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """One request; only the platform, which shares the secret, is served."""

        def do_POST(self) -> None:
            """A booking."""
            body = self._body()
            if body is None or self.path != "/bookings":
                return self._answer(404 if body is not None else 401, {})
            try:
                waybill = carrier.take_booking(json.loads(body))
            except (ValueError, KeyError, TypeError):
                return self._answer(422, {})
            return self._answer(201, {"waybill": waybill})

        def do_GET(self) -> None:
            """What happened to a parcel."""
            if self._body() is None:
                return self._answer(401, {})
            head, _, tail = self.path.removeprefix("/waybills/").partition("/")
            events = carrier.events_of(unquote(head)) if tail == "events" else None
            return self._answer(404 if events is None else 200, {"events": events or []})

        def _body(self) -> bytes | None:
            """What was sent, if the platform signed it."""
            length = self.headers.get("content-length", "0")
            if not length.isdigit() or int(length) > LARGEST:
                return None
            body = self.rfile.read(int(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                return open_message(carrier.secret, headers=headers, body=body, now=datetime.now(UTC)).body
            except DomainError:
                return None

        def _answer(self, status: int, answer: Mapping[str, Any]) -> None:
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Not line by line."""

    return Handler
