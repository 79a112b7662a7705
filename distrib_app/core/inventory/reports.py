"""Reported stock: what owners say lies at their places, taken once per line, beside what the books say."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from ..catalog import Sku
from ..channels import Partner
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import business_day
from ..kernel.db import row_id
from ..kernel.errors import InvalidError, NotFoundError
from ..kernel.events import emit
from .balances import goods_codes
from .errors import NotYourLocationError, ReportedOtherwiseError
from .lot_models import StockReport
from .models import Location

MAX_NAME = 40
MAX_REPORTED = 1_000_000_000
# older than two years is no stock of today any more
OLDEST_DAYS = 731


class ReportedLine(NamedTuple):
    """How many of a SKU were counted at a place at the end of a day; line numbers begin with 1."""

    location_code: str
    sku_code: str
    reported_qty: int
    counted_on: date
    line_no: int


def report_stock(
    session: Session,
    actor: Actor,
    *,
    source: str,
    document: str,
    lines: Sequence[ReportedLine],
    now: datetime,
) -> int:
    """Take what an own system or a count reports, and return how many lines are new; no stock moves.

    `source` names the system, `document` its report. A line that came before is left out; all lines or none
    are taken. Raises `ReportedOtherwiseError` for a line that came with other content (a newer document
    corrects it), `InvalidError` (names, quantity, a day to come or long ago, a line twice),
    `NotStockedError`, `NotFoundError`, `NotYourLocationError`.
    """
    actor.require(Permission.STOCK_WRITE)
    _check_names(source, document)
    if not lines:
        raise InvalidError(field="lines", reason="empty")
    if len({line.line_no for line in lines}) < len(lines):
        raise InvalidError(field="line_no", reason=document)
    places = _own_places(session, actor, {line.location_code for line in lines}, now)
    sku_ids = _goods(session, {line.sku_code for line in lines})
    wanted = [_row(line, places, sku_ids, source, document, now) for line in lines]
    known = _known(session, wanted)
    fresh = []
    for row in wanted:
        earlier = known.get((row.partner_id, row.line_no))
        if earlier is None:
            fresh.append(row)
        elif _content(earlier) != _content(row):
            raise ReportedOtherwiseError(line=row.line_no, document=document)
    if fresh:
        session.add_all(fresh)
        session.flush()
        facts = {"source": source, "document": document}
        for code in sorted({line.location_code for line in lines}):
            emit(session, actor, "stock.reported", subject=("location", code), now=now, **facts)
    return len(fresh)


def _check_names(source: str, document: str) -> None:
    for field, name in (("source", source), ("document", document)):
        if not name.strip() or len(name) > MAX_NAME:
            raise InvalidError(field=field, reason=f"1 … {MAX_NAME}")


def _own_places(
    session: Session, actor: Actor, codes: set[str], now: datetime
) -> Mapping[str, tuple[Location, date]]:
    """Places of the actor's own by code, each with its owner's business day."""
    rows = session.exec(select(Location).where(col(Location.code).in_(sorted(codes)))).all()
    found = {location.code: location for location in rows}
    for code in sorted(codes):
        if code not in found:
            raise NotFoundError(kind="location", key=code)
        if not (actor.is_system or found[code].partner_id in actor.partner_ids):
            raise NotYourLocationError(location=code)
    owners = {location.partner_id for location in rows}
    with unscoped(session, "the owner's zone decides its business day"):
        found_zones = session.exec(
            select(Partner.id, Partner.zone).where(col(Partner.id).in_(sorted(owners)))
        )
        zones = dict(found_zones.all())
    return {
        code: (location, business_day(now, zones[location.partner_id])) for code, location in found.items()
    }


def _goods(session: Session, codes: set[str]) -> Mapping[str, int]:
    rows = session.exec(select(Sku).where(col(Sku.code).in_(sorted(codes)))).all()
    found = {sku.code: row_id(sku) for sku in rows}
    for code in sorted(codes):
        if code not in found:
            raise NotFoundError(kind="SKU", key=code)
    goods_codes(session, found.values())
    return found


def _row(
    line: ReportedLine,
    places: Mapping[str, tuple[Location, date]],
    sku_ids: Mapping[str, int],
    source: str,
    document: str,
    now: datetime,
) -> StockReport:
    location, today = places[line.location_code]
    if not 0 <= line.reported_qty <= MAX_REPORTED:
        raise InvalidError(field="reported_qty", reason=str(line.reported_qty))
    if not 1 <= line.line_no <= MAX_REPORTED:
        raise InvalidError(field="line_no", reason=str(line.line_no))
    if not today - timedelta(days=OLDEST_DAYS) <= line.counted_on <= today:
        raise InvalidError(field="counted_on", reason=str(line.counted_on))
    return StockReport(
        location_id=row_id(location),
        sku_id=sku_ids[line.sku_code],
        partner_id=location.partner_id,
        reported_qty=line.reported_qty,
        counted_on=line.counted_on,
        source=source,
        document=document,
        line_no=line.line_no,
        reported_at=now,
    )


def _known(session: Session, rows: Sequence[StockReport]) -> dict[tuple[int, int], StockReport]:
    """What came before of the same documents, by owner and line."""
    earlier = session.exec(
        select(StockReport).where(
            col(StockReport.partner_id).in_(sorted({row.partner_id for row in rows})),
            StockReport.source == rows[0].source,
            StockReport.document == rows[0].document,
        )
    )
    return {(row.partner_id, row.line_no): row for row in earlier}


def _content(row: StockReport) -> tuple[int, int, int, date]:
    return row.location_id, row.sku_id, row.reported_qty, row.counted_on
