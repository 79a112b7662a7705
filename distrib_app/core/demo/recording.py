"""The one transaction of an import: network, catalogue, orders, returns and journal legs.

History has no movements and no receivables; an imported line keeps quantity and unit price, its amount
is its journal row's.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, select

from ..channels import Partner, found_network
from ..journal import FlowStep, JournalPosting, bulk_post_legs
from ..kernel.access import SYSTEM
from ..kernel.clock import day_start
from ..kernel.db import Database, bulk_insert, next_id, row_id, sync_sequence
from ..kernel.errors import msg
from ..kernel.events import emit
from ..orders.models import OrderLine, OrderStatus, ReturnLine, SalesOrder, SalesReturn
from .history import DocumentDraft, History, LineColumns
from .imports import Progress
from .masters import Party, table_of, write_categories, write_partners, write_regions, write_skus

WRITING_ORDERS = msg("Writing orders and returns")
WRITING_JOURNAL = msg("Writing the journal")
_TICK = 50_000
# Bulk inserts choose their ids, so on PostgreSQL nobody else may insert here meanwhile; reading goes on.
_LOCKED = ("partner", "product", "sku", "sales_order", "sales_return", "journal_leg")


@dataclass(frozen=True, slots=True)
class _Document:
    """A new order or return as its lines and legs refer to it."""

    id: int
    draft: DocumentDraft
    day: str
    buyer: Party
    region_id: int

    @property
    def order_id(self) -> int | None:
        """The order a leg belongs to; imported returns have none."""
        return None if self.draft.is_return else self.id


def record(database: Database, history: History, *, key: str, now: datetime, progress: Progress) -> bool:
    """Write what the database does not hold yet, in one commit; False when it holds everything.

    `key` is the journal posting key of the content. Documents present by number are left alone with all
    their lines. Raises `SecondNetworkError` when another network is there, `StorageError` when the database
    cannot take it.
    """
    with database.write(SYSTEM) as session:
        return _record(session, history, key=key, now=now, progress=progress)


def _record(session: Session, history: History, *, key: str, now: datetime, progress: Progress) -> bool:
    _lock_tables(session)
    if session.exec(select(JournalPosting.id).where(JournalPosting.key == key)).first():
        return False
    is_new = _unknown_documents(session, history.documents)
    if not is_new.any():
        found_network(session, SYSTEM, plan=history.plan, now=now)  # refuses the numbers of another source
        return False
    regions = write_regions(session, history.regions)
    network = found_network(session, SYSTEM, plan=history.plan, now=now)
    brand = session.get_one(Partner, network.brand_id)
    brand.created_at = day_start(network.founded_on, network.zone)
    seller = Party(row_id(brand), brand.path)
    parties = write_partners(session, history, brand, regions, now=now)
    sku_ids = write_skus(session, history.skus, write_categories(session, history.categories))
    documents = _place(session, history, is_new, parties, regions)
    _write_headers(session, history, documents, seller)
    lines = history.lines.where(is_new[history.lines.document])
    skus = sku_ids[lines.sku]
    progress(WRITING_ORDERS, 0, len(lines.sku))
    _write_lines(session, lines, documents, skus)
    progress(WRITING_ORDERS, len(lines.sku), len(lines.sku))
    legs = _ticking(_legs(lines, documents, skus, seller), WRITING_JOURNAL, len(lines.sku), progress)
    count = bulk_post_legs(session, key=key, source=history.plan.source, rows=legs, now=now)
    subject = ("network", history.plan.source)
    emit(session, SYSTEM, "history.imported", subject=subject, now=now, legs=count)
    return True


def _lock_tables(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(f'"{name}"' for name in _LOCKED)
        session.connection().exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")


def _unknown_documents(session: Session, documents: Sequence[DocumentDraft]) -> NDArray[np.bool_]:
    known = set(session.exec(select(SalesOrder.number)).all())
    known |= set(session.exec(select(SalesReturn.number)).all())
    return np.array([document.number not in known for document in documents], dtype=np.bool_)


def _place(
    session: Session,
    history: History,
    is_new: NDArray[np.bool_],
    parties: Mapping[str, Party],
    regions: Mapping[str, int],
) -> list[_Document | None]:
    """The new documents with their ids, in the positions of `history.documents` (None: known already)."""
    next_ids = {False: next_id(session, table_of(SalesOrder)), True: next_id(session, table_of(SalesReturn))}
    placed: list[_Document | None] = []
    for draft, wanted in zip(history.documents, is_new.tolist(), strict=True):
        if not wanted:
            placed.append(None)
            continue
        number = next_ids[draft.is_return]
        next_ids[draft.is_return] += 1
        party, region_id = parties[draft.partner_code], regions[draft.region_code]
        placed.append(_Document(number, draft, draft.booked_on.isoformat(), party, region_id))
    return placed


def _write_headers(
    session: Session, history: History, documents: Sequence[_Document | None], seller: Party
) -> None:
    fresh = [document for document in documents if document is not None]
    bulk_insert(
        session,
        table_of(SalesOrder),
        (
            "id", "version", "number", "status", "seller_id", "buyer_id", "seller_path", "buyer_path",
            "region_id", "currency", "placed_at", "attributes",
        ),
        (
            (
                one.id, 1, one.draft.number, str(OrderStatus.RECORDED), seller.id, one.buyer.id, seller.path,
                one.buyer.path, one.region_id, history.plan.currency, one.draft.placed_at,
                json.dumps(dict(one.draft.attributes)) if one.draft.attributes else None,
            )
            for one in fresh
            if not one.draft.is_return
        ),
    )  # fmt: skip
    bulk_insert(
        session,
        table_of(SalesReturn),
        (
            "id", "number", "seller_id", "buyer_id", "seller_path", "buyer_path", "returned_at",
            "returned_on", "reason",
        ),
        (
            (
                one.id, one.draft.number, seller.id, one.buyer.id, seller.path, one.buyer.path,
                one.draft.placed_at, one.day, "",
            )
            for one in fresh
            if one.draft.is_return
        ),
    )  # fmt: skip
    sync_sequence(session, table_of(SalesOrder))
    sync_sequence(session, table_of(SalesReturn))


def _write_lines(
    session: Session, lines: LineColumns, documents: Sequence[_Document | None], skus: NDArray[np.int64]
) -> None:
    """Order lines and return lines; a return line's quantity is what came back, so positive."""
    ids = np.array([one.id if one else 0 for one in documents], dtype=np.int64)[lines.document]
    returned = np.array([bool(one and one.draft.is_return) for one in documents], dtype=np.bool_)
    came_back = returned[lines.document]
    sold = ~came_back
    bulk_insert(
        session,
        table_of(OrderLine),
        ("order_id", "line_no", "sku_id", "qty", "unit_price", "tax_ppm"),
        zip(
            ids[sold].tolist(), lines.line_no[sold].tolist(), skus[sold].tolist(), lines.qty[sold].tolist(),
            lines.price_micros[sold].tolist(), repeat(0),
            strict=False,
        ),
    )  # fmt: skip
    bulk_insert(
        session,
        table_of(ReturnLine),
        ("return_id", "line_no", "sku_id", "qty", "unit_price"),
        zip(
            ids[came_back].tolist(), lines.line_no[came_back].tolist(), skus[came_back].tolist(),
            (-lines.qty[came_back]).tolist(), lines.price_micros[came_back].tolist(),
            strict=True,
        ),
    )  # fmt: skip


def _legs(
    lines: LineColumns, documents: Sequence[_Document | None], skus: NDArray[np.int64], seller: Party
) -> Iterator[tuple[Any, ...]]:
    """Journal legs in the order of `LEG_COLUMNS`: everything was sold by the brand."""
    step = str(FlowStep.SELL_IN)
    facts = [
        one and (one.day, one.buyer.id, one.buyer.path, one.region_id, one.order_id, one.draft.number)
        for one in documents
    ]
    columns = (lines.document, lines.line_no, skus, lines.qty, lines.price_micros, lines.amount)
    for position, line_no, sku, qty, price, amount in zip(*(c.tolist() for c in columns), strict=True):
        fact = facts[position]
        assert fact is not None, "a line of a document that is not written"
        day, buyer_id, buyer_path, region_id, order_id, number = fact
        yield (
            step, day, seller.id, buyer_id, seller.path, buyer_path, region_id, sku, qty, price, amount, 0,
            order_id, number, line_no, None, None,
        )  # fmt: skip


def _ticking(
    rows: Iterable[tuple[Any, ...]], stage: str, total: int, progress: Progress
) -> Iterator[tuple[Any, ...]]:
    for done, row in enumerate(rows):
        if done % _TICK == 0:
            progress(stage, done, total)
        yield row
    progress(stage, total, total)
