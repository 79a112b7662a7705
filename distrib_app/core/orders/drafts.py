"""What somebody is about to order: kept per person, company and seller until it is placed or emptied."""

import re
from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from ..catalog import Sku
from ..channels import require_partner
from ..inventory import clear_pending, follow_document
from ..kernel.access import Actor, Permission
from ..kernel.db import get_by, row_id
from ..kernel.errors import ForbiddenError, InvalidError
from .errors import PastedLineError
from .models import OrderDraft, OrderLine, SalesOrder

MAX_LINES = 200
MAX_SHOWN = 40
_LINE = re.compile(r"^\s*(?P<sku>[^\s,;\t]+)(?:[\s,;\t×x*]+(?P<qty>\d{1,9}))?\s*$")


def read_draft(session: Session, actor: Actor, *, buyer_code: str, seller_code: str) -> dict[str, int]:
    """The actor's draft for a buyer and a seller: quantity per SKU code, in the order they were added."""
    actor.require(Permission.ORDERS_PLACE)
    draft = find_draft(session, actor, buyer_code=buyer_code, seller_code=seller_code)
    return dict(draft.lines) if draft is not None else {}


def keep_draft(
    session: Session,
    actor: Actor,
    *,
    buyer_code: str,
    seller_code: str,
    lines: Mapping[str, int],
    placed_as: str = "",
    now: datetime,
) -> None:
    """Keep what is about to be ordered; nothing left is no draft.

    What suggestions had added is no more expected once it is left out; the order `placed_as` brings it from
    now on. Raises `InvalidError`, `ForbiddenError`.
    """
    actor.require(Permission.ORDERS_PLACE)
    if len(lines) > MAX_LINES:
        raise InvalidError(field="lines", reason=f"≤ {MAX_LINES}")
    draft = find_draft(session, actor, buyer_code=buyer_code, seller_code=seller_code)
    if draft is not None:
        if placed_as:
            follow_document(session, document=draft_document(draft), new_document=placed_as)
        gone = sorted(set(draft.lines) - set(lines))
        clear_pending(session, cause=draft_document(draft), sku_codes=gone)
    if not lines:
        if draft is not None:
            session.delete(draft)
        return
    if actor.user_id is None:
        raise ForbiddenError(permission=str(Permission.ORDERS_PLACE))
    if draft is None:
        buyer = require_partner(session, buyer_code)
        if row_id(buyer) not in actor.partner_ids:
            raise ForbiddenError(permission=str(Permission.ORDERS_PLACE))
        draft = OrderDraft(
            user_id=actor.user_id, buyer_code=buyer_code, seller_code=seller_code, changed_at=now
        )
    draft.lines, draft.changed_at = dict(lines), now
    session.add(draft)
    session.flush()


def lines_of_order(session: Session, *, number: str) -> dict[str, int]:
    """What an order was for, to order it again: quantity per SKU code. Raises `NotFoundError`."""
    order = get_by(session, SalesOrder, "order", number=number)
    rows = session.exec(
        select(Sku.code, OrderLine.qty)
        .join(OrderLine, col(OrderLine.sku_id) == col(Sku.id))
        .where(OrderLine.order_id == row_id(order))
        .order_by(col(OrderLine.line_no))
    ).all()
    found: dict[str, int] = {}
    for code, qty in rows:
        found[code] = found.get(code, 0) + qty
    return found


def parse_lines(text: str) -> dict[str, int]:
    """Lines as people paste them: a SKU code and a quantity (1 where there is none) per line.

    Blanks, tabs, commas and × part the two. Raises `PastedLineError` naming the row that is none, counted as
    it was pasted, and `InvalidError` for too many.
    """
    found: dict[str, int] = {}
    rows = [(number, row) for number, row in enumerate(text.splitlines(), 1) if row.strip()]
    if len(rows) > MAX_LINES:
        raise InvalidError(field="lines", reason=f"≤ {MAX_LINES}")
    for number, row in rows:
        match = _LINE.match(row)
        if match is None:
            raise PastedLineError(row=number, text=row.strip()[:MAX_SHOWN])
        code, qty = match["sku"][:60], int(match["qty"] or 1)
        if qty:
            found[code] = found.get(code, 0) + qty
    return found


def draft_document(draft: OrderDraft) -> str:
    """What a draft is called where a document is named."""
    return f"DRAFT-{row_id(draft)}"


def find_draft(session: Session, actor: Actor, *, buyer_code: str, seller_code: str) -> OrderDraft | None:
    """The actor's own draft for a buyer and a seller."""
    return session.exec(
        select(OrderDraft).where(
            OrderDraft.user_id == actor.user_id,
            OrderDraft.buyer_code == buyer_code,
            OrderDraft.seller_code == seller_code,
        )
    ).one_or_none()
