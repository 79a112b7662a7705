"""The rows of an order that is placed: the promise, its parts and their lines, one statement each."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from ..kernel.access import Actor
from ..kernel.explain import Step
from ..kernel.money import divide
from ..kernel.rows import add_all, insert_all
from .errors import ReusedKeyError
from .goods import OrderedSku
from .models import FulfilmentLine, FulfilmentMode, FulfilmentOrder, OrderLine, SalesOrder
from .parties import Parties
from .quoting import OrderQuote
from .rules import partner_fee
from .splitting import PartLine, frozen_route
from .supplying import Supply


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that is decided before the first row is written."""

    actor: Actor
    parties: Parties
    quote: OrderQuote
    skus: Mapping[str, OrderedSku]
    supplies: Mapping[int, Supply]
    number: str
    status: str
    key: str
    requested_on: date | None
    now: datetime

    def sku_id(self, line_no: int) -> int:
        """The SKU of a line by its number (lines are numbered from 1)."""
        return self.skus[self.quote.lines[line_no - 1].sku_code].id


def write_rows(session: Session, draft: Draft) -> None:
    """The order, its lines, parts and their lines. Raises `ReusedKeyError` for the key of another order."""
    order_id = _write_order(session, draft)
    _write_lines(session, draft, order_id)
    frozen = frozen_route(draft.quote.plan)
    parts = draft.quote.parts
    rows = [_part_row(draft, order_id, index, frozen) for index in range(len(parts))]
    part_ids = insert_all(session, FulfilmentOrder, rows)
    add_all(
        session,
        FulfilmentLine,
        [
            _part_line_row(draft, index, line, part_id)
            for index, (part, part_id) in enumerate(zip(parts, part_ids, strict=True))
            for line in part.lines
        ],
    )


def _write_order(session: Session, draft: Draft) -> int:
    parties, quote = draft.parties, draft.quote
    assert parties.account is not None  # an order without an account is refused
    row = {
        "version": 1,
        "number": draft.number,
        "status": draft.status,
        "seller_id": parties.seller.id,
        "buyer_id": parties.buyer.id,
        "seller_path": parties.seller.path,
        "buyer_path": parties.buyer.path,
        "region_id": parties.buyer.region_id,
        "account_id": parties.account.id,
        "currency": quote.currency,
        "net_amount": quote.amounts.net,
        "tax_amount": quote.amounts.tax,
        "gross_amount": quote.amounts.gross,
        "placed_at": draft.now,
        "placed_by": draft.actor.user_id,
        "idempotency_key": draft.key,
        "requested_on": draft.requested_on,
        "promised_on": quote.promised_on,
        "urgency": quote.urgency,
        "urgent_reason": quote.urgent_reason,
        "tracking_token": secrets.token_urlsafe(18),
    }
    try:
        return insert_all(session, SalesOrder, [row])[0]
    except IntegrityError as error:  # the same key at the same moment
        raise ReusedKeyError(key=draft.key.partition(":")[2], document=draft.number) from error


def _write_lines(session: Session, draft: Draft, order_id: int) -> None:
    """The promise."""
    quotas = draft.quote.quotas
    rows = [
        {
            "order_id": order_id,
            "line_no": line.line_no,
            "sku_id": draft.sku_id(line.line_no),
            "qty": line.qty,
            "unit_price": line.unit_price,
            "tax_ppm": line.tax_ppm,
            "net_amount": line.amounts.net,
            "tax_amount": line.amounts.tax,
            "gross_amount": line.amounts.gross,
            "steps": [step.frozen() for step in line.steps],
            "quota_id": quotas[line.sku_code].id if line.sku_code in quotas else None,
        }
        for line in draft.quote.lines
    ]
    add_all(session, OrderLine, rows)


def _part_row(draft: Draft, order_id: int, index: int, frozen: dict[str, Any]) -> dict[str, Any]:
    part, parties = draft.quote.parts[index], draft.parties
    source = draft.quote.sources[part.source_code] if part.source_code is not None else None
    supply = draft.supplies.get(index)
    amounts = part.amounts
    answer_until = None
    if source is not None and part.mode == FulfilmentMode.PARTNER:
        answer_until = draft.now + timedelta(hours=source.answer_hours)
    return {
        "version": 1,
        "number": f"{draft.number}-{index + 1}",
        "order_id": order_id,
        "mode": part.mode,
        "status": part.status,
        "location_id": source.location_id if source else None,
        "seller_id": parties.seller.id,
        "buyer_id": parties.buyer.id,
        "owner_id": source.owner_id if source else parties.seller.id,
        "seller_path": parties.seller.path,
        "buyer_path": parties.buyer.path,
        "owner_path": source.owner_path if source else parties.seller.path,
        "supply_account_id": supply.account.id if supply else None,
        "currency": draft.quote.currency,
        "net_amount": amounts.net,
        "tax_amount": amounts.tax,
        "gross_amount": amounts.gross,
        "freight_amount": part.freight_amount,
        "cost_amount": part.cost_amount,
        "ready_on": part.ready_on,
        "promised_on": part.promised_on,
        "is_urgent": bool(draft.quote.urgency),
        "answer_until": answer_until,
        "route": _with_fees(draft, index, frozen),
        "created_at": draft.now,
    }


def _with_fees(draft: Draft, index: int, frozen: dict[str, Any]) -> dict[str, Any]:
    """The route of a part, with what its owner earns."""
    fees = [step for line in draft.quote.parts[index].lines if (step := _fee(draft, index, line)[1])]
    if not fees:
        return frozen
    return {**frozen, "steps": [*frozen["steps"], *(step.frozen() for step in fees)]}


def _part_line_row(draft: Draft, index: int, line: PartLine, part_id: int) -> dict[str, Any]:
    supply = draft.supplies.get(index)
    bought = supply.lines.get(line.line_no) if supply is not None else None
    return {
        "fulfilment_id": part_id,
        "line_no": line.line_no,
        "sku_id": draft.sku_id(line.line_no),
        "qty": line.qty,
        "reserved_qty": line.qty if line.is_reserved else 0,
        "shipped_qty": 0,
        "returned_qty": 0,
        "net_amount": line.amounts.net,
        "tax_amount": line.amounts.tax,
        "gross_amount": line.amounts.gross,
        "supply_price": bought.unit_price if bought else None,
        "supply_net_amount": bought.amounts.net if bought else None,
        "supply_tax_amount": bought.amounts.tax if bought else None,
        "supply_gross_amount": bought.amounts.gross if bought else None,
        "fee_amount": _fee(draft, index, line)[0],
    }


def _fee(draft: Draft, index: int, line: PartLine) -> tuple[int, Step | None]:
    """What the owner of shared stock earns for a line, and how it comes about."""
    part = draft.quote.parts[index]
    if part.source_code is None or part.mode != FulfilmentMode.PARTNER or not line.is_reserved:
        return 0, None
    whole = draft.quote.lines[line.line_no - 1]
    ppm = draft.quote.sources[part.source_code].route.fee_ppm
    return partner_fee(line.qty, divide(whole.amounts.net, whole.qty), ppm, draft.quote.currency)
