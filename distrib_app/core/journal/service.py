"""Verbs of the journal: book legs. Only orders, transfers and importers call them."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, SQLModel, select

from ..kernel.db import bulk_insert, next_id, row_id, sync_sequence
from ..kernel.errors import ConflictError
from ..kernel.rows import insert_all
from .models import FlowStep, JournalLeg, JournalPosting


@dataclass(frozen=True, slots=True)
class LegDraft:
    """A leg to book. `price_micros`, `amount`, `tax_amount` in millionths; returns are negative."""

    step: str
    booked_on: date
    seller_id: int
    buyer_id: int
    seller_path: str
    buyer_path: str
    region_id: int
    sku_id: int
    qty: int
    price_micros: int
    amount: int
    tax_amount: int
    order_id: int | None
    document: str
    line_no: int
    origin_leg_id: int | None = None
    origin_on: date | None = None


LEG_COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(LegDraft))


def flow_step(*, seller_is_brand: bool, buyer_is_end_customer: bool = False) -> FlowStep:
    """Which step of the channel a transfer of title is."""
    if buyer_is_end_customer:
        return FlowStep.SELL_OUT
    return FlowStep.SELL_IN if seller_is_brand else FlowStep.SELL_THROUGH


def post_legs(
    session: Session, *, key: str, source: str, legs: Sequence[LegDraft], now: datetime
) -> list[int]:
    """Book legs as one posting; their ids in the order given. Raises `ConflictError` for a used `key`."""
    posting_id = row_id(_open_posting(session, key=key, source=source, now=now))
    rows = [{"posting_id": posting_id} | dict(zip(LEG_COLUMNS, astuple(leg), strict=True)) for leg in legs]
    return insert_all(session, JournalLeg, rows)


def bulk_post_legs(
    session: Session, *, key: str, source: str, rows: Iterable[Sequence[Any]], now: datetime
) -> int:
    """Book many legs (tuples in the order of `LEG_COLUMNS`, days as ISO text) as one posting; their count."""
    posting_id = row_id(_open_posting(session, key=key, source=source, now=now))
    table = SQLModel.metadata.tables[str(JournalLeg.__tablename__)]
    first = next_id(session, table)
    count = bulk_insert(
        session,
        table,
        ("id", "posting_id", *LEG_COLUMNS),
        ((first + index, posting_id, *row) for index, row in enumerate(rows)),
    )
    sync_sequence(session, table)
    return count


def _open_posting(session: Session, *, key: str, source: str, now: datetime) -> JournalPosting:
    if session.exec(select(JournalPosting.id).where(JournalPosting.key == key)).first():
        raise ConflictError(subject=key)
    posting = JournalPosting(key=key, source=source, posted_at=now)
    session.add(posting)
    session.flush()
    return posting
