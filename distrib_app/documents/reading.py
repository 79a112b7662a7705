"""From a kind and a number to finished HTML, with the permission and the scope of the record itself."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from sqlmodel import Session

from .. import routes
from ..core.accounts import account_statement
from ..core.inventory import get_shipment
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import Period
from ..core.kernel.errors import NotFoundError
from ..core.orders import get_order, tracking_tokens
from ..core.workbench import thumbnail_key
from ..files import get_files
from .frame import Sheet, draw
from .seal import Seal, get_secret, qr_svg, seal_token
from .sheets import delivery_seal, delivery_sheet, order_seal, order_sheet, statement_seal, statement_sheet

MAX_CODES = 3  # of orders merged in one shipment, as many as fit beside the signatures


@dataclass(frozen=True, slots=True)
class Document:
    """A drawn document and how its file is called (without an ending)."""

    html: str
    file_name: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """What of a document depends on its reader."""

    number: str
    period: Period | None
    language: str
    zone: str
    origin: str
    now: datetime


def _order(session: Session, actor: Actor, asked: _Asked) -> tuple[Sheet, Seal]:
    actor.require(Permission.ORDERS_READ)
    order = get_order(session, asked.number)
    return order_sheet(order, language=asked.language, zone=asked.zone), order_seal(order, zone=asked.zone)


def _delivery(session: Session, actor: Actor, asked: _Asked) -> tuple[Sheet, Seal]:
    actor.require(Permission.ORDERS_READ)
    shipment = get_shipment(session, asked.number)
    short = "en" if asked.language == "en" else "zh"
    tokens = tracking_tokens(session, part_numbers=shipment.documents)
    sheet = delivery_sheet(
        shipment,
        links=[
            (order, f"{asked.origin}{routes.tracking(token, short)}")
            for order, token in list(tokens.items())[:MAX_CODES]
        ],
        photo=_photo(shipment.proof_file),
        language=asked.language,
        zone=asked.zone,
    )
    return sheet, delivery_seal(shipment, zone=asked.zone)


def _photo(key: str) -> str:
    """The small picture of a delivery as a data URI; nothing where there is none (any more)."""
    if not key:
        return ""
    try:
        with get_files().open(thumbnail_key(key)) as content:
            picture = base64.b64encode(content.read()).decode()
    except FileNotFoundError:
        return ""
    return f"data:image/webp;base64,{picture}"


def _statement(session: Session, actor: Actor, asked: _Asked) -> tuple[Sheet, Seal]:
    actor.require(Permission.ACCOUNTS_READ)
    seller_code, _, buyer_code = asked.number.partition(":")
    statement = account_statement(
        session, seller_code=seller_code, buyer_code=buyer_code, period=asked.period
    )
    sheet = statement_sheet(
        statement, period=asked.period, now=asked.now, language=asked.language, zone=asked.zone
    )
    return sheet, statement_seal(statement, period=asked.period, now=asked.now, zone=asked.zone)


KINDS: dict[str, Callable[[Session, Actor, _Asked], tuple[Sheet, Seal]]] = {
    "order": _order,
    "delivery": _delivery,
    "statement": _statement,
}


def read_document(
    session: Session,
    actor: Actor,
    *,
    kind: str,
    number: str,
    period: Period | None,
    language: str,
    origin: str,
    notice: str = "",
    now: datetime,
) -> Document:
    """The document as HTML; `origin` is where people reach the platform, for the QR code.

    A statement's number is `seller:buyer`. Raises `NotFoundError` for an unknown kind or what the actor does
    not see, `ForbiddenError`.
    """
    read = KINDS.get(kind)
    if read is None:
        raise NotFoundError(kind="document", key=kind)
    asked = _Asked(number, period, language, actor.zone, origin, now)
    sheet, seal = read(session, actor, asked)
    url = f"{origin}/verify/{seal_token(seal, get_secret())}"
    days = {"from": period.start.isoformat(), "to": period.last.isoformat()} if period else {}
    query = urlencode({"lang": language} | days)
    html = draw(
        sheet, language=language, qr=qr_svg(url), pdf_url=f"{quote(number)}.pdf?{query}", notice=notice
    )
    return Document(html, f"{kind}-{number}".replace(":", "-"))
