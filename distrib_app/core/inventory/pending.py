"""What floors above write down about stock to come: receipts they expect, goods they owe.

A row belongs to its document (`cause`): written again it says what is open now, 0 takes it away. The caller
has checked who may do it.
"""

from collections.abc import Collection
from datetime import date

from sqlmodel import Session, col, delete, select, update

from ..catalog import Sku
from ..kernel.access import unscoped
from ..kernel.errors import InvalidError
from .planning_models import PendingKind, PendingStock, Suggestion
from .rules import MAX_QTY
from .service import check_cause


def expect_receipt(
    session: Session,
    *,
    location_id: int,
    sku_id: int,
    qty: int,
    cause: str,
    due_on: date | None = None,
    is_in_transit: bool = False,
) -> None:
    """Say how much a document still brings a place, whenever it is due. Raises `InvalidError`."""
    _note(session, PendingKind.EXPECTED, (location_id, sku_id), qty, cause, due_on, is_in_transit)


def note_backorder(
    session: Session, *, location_id: int, sku_id: int, qty: int, cause: str, due_on: date | None = None
) -> None:
    """Say how much a document owes a buyer from a place that lacks it. Raises `InvalidError`."""
    _note(session, PendingKind.BACKORDER, (location_id, sku_id), qty, cause, due_on, False)


def clear_pending(session: Session, *, cause: str, sku_codes: Collection[str] | None = None) -> None:
    """Forget what a document expected or owed, of all or some SKUs: it is received, delivered, cancelled."""
    statement = delete(PendingStock).where(col(PendingStock.cause) == cause)
    if sku_codes is not None:
        if not sku_codes:
            return
        inside = select(Sku.id).where(col(Sku.code).in_(sku_codes))
        statement = statement.where(col(PendingStock.sku_id).in_(inside))
    with unscoped(session, "a document ends for both of its parties"):
        session.exec(statement)


def follow_document(session: Session, *, document: str, new_document: str) -> None:
    """What one document expected or owed another one does now; suggestions it took up name that one."""
    with unscoped(session, "a document writes for its receiver, whoever books it"):
        session.exec(
            update(PendingStock).where(col(PendingStock.cause) == document).values(cause=new_document)
        )
        session.exec(
            update(Suggestion)
            .where(col(Suggestion.accepted_document) == document)
            .values(accepted_document=new_document)
        )


def is_expected(session: Session, *, location_id: int, sku_id: int, cause: str) -> bool:
    """Whether a document has said what it brings a place."""
    with unscoped(session, "a document writes for its receiver"):
        return _find(session, PendingKind.EXPECTED, (location_id, sku_id), cause) is not None


def _note(
    session: Session,
    kind: PendingKind,
    place: tuple[int, int],
    qty: int,
    cause: str,
    due_on: date | None,
    is_in_transit: bool,
) -> None:
    check_cause(cause)
    if not 0 <= qty <= MAX_QTY:
        raise InvalidError(field="qty", reason=f"{qty} – 0 … {MAX_QTY}")
    location_id, sku_id = place
    with unscoped(session, "a document writes for its receiver, whoever books it"):
        row = _find(session, kind, place, cause)
        if not qty:
            if row is not None:
                session.delete(row)
        elif row is None:
            session.add(
                PendingStock(
                    location_id=location_id,
                    sku_id=sku_id,
                    kind=kind,
                    qty=qty,
                    cause=cause,
                    is_in_transit=is_in_transit,
                    due_on=due_on,
                )
            )
        else:
            row.qty, row.due_on, row.is_in_transit = qty, due_on, is_in_transit
        session.flush()


def _find(session: Session, kind: PendingKind, place: tuple[int, int], cause: str) -> PendingStock | None:
    return session.exec(
        select(PendingStock)
        .where(
            PendingStock.location_id == place[0],
            PendingStock.sku_id == place[1],
            PendingStock.kind == kind,
            PendingStock.cause == cause,
        )
        .with_for_update()
    ).one_or_none()
