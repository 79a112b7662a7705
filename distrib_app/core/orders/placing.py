"""The verb that places an order: priced and routed afresh, reserved, committed, split into its parts.

The busiest verb of the house: a handful of prepared statements, none per line (see `kernel.rows`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, select
from sqlmodel import Session

from ..accounts import Reason, commit_amount
from ..inventory import Placement, reserve, take_quotas, take_share
from ..kernel.access import Actor, unscoped
from ..kernel.db import get_by
from ..kernel.errors import InvalidError
from ..kernel.events import emit
from ..kernel.explain import Step
from ..kernel.numbers import next_number
from ..kernel.rows import decide, table_of
from ..workbench import place_hold
from .bumping import take_from_others
from .errors import OrderRefusedError, ReusedKeyError
from .goods import OrderedSku, find_ordered
from .models import FulfilmentMode, OrderLine, SalesOrder
from .parties import Parties, find_parties
from .placed_rows import Draft, write_rows
from .production_asking import ask_production
from .progress import roll_up
from .quoting import quote_lines
from .rules import LineRequest, short_stock, sum_lines
from .supplying import commit_supply, price_supply
from .work import read_work

MAX_KEY = 80
# how long a held order keeps its stock
HOLD_HOURS = 48


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """What was placed, and what it comes to (minor units); `promised_on` None: a part has no date yet."""

    number: str
    status: str
    version: int
    currency: str
    net_amount: int
    tax_amount: int
    gross_amount: int
    promised_on: date | None


_order, _line = table_of(SalesOrder), table_of(OrderLine)
_EARLIER = (
    select(
        _order.c.seller_id,
        _line.c.sku_id,
        _line.c.qty,
        *(_order.c[field.name] for field in fields(PlacedOrder)),
    )
    .select_from(_order.join(_line, _line.c.order_id == _order.c.id))
    .where(_order.c.idempotency_key == bindparam("key"))
)


def place_order(
    session: Session,
    actor: Actor,
    *,
    buyer_code: str,
    seller_code: str,
    lines: Sequence[LineRequest],
    idempotency_key: str,
    requested_on: date | None = None,
    now: datetime,
) -> PlacedOrder:
    """Place an order for the actor's own company: its parts reserved where they come from.

    The promise (lines, prices, amounts) never changes again; its parts add up to it. SKUs with backorder may
    be placed beyond the stock. Debt holds the order: it is placed, keeps its stock for `HOLD_HOURS`, and is
    committed against the credit when it is released. The same key with the same content returns the first
    order and changes nothing. Raises `OrderRefusedError` with every reason, `ReusedKeyError` for the key
    with other content, `NotFoundError`, `NotYourBuyerError`, `InvalidError`.
    """
    if not 1 <= len(idempotency_key) <= MAX_KEY:
        raise InvalidError(field="idempotency_key", reason=f"{len(idempotency_key)} – 1 … {MAX_KEY}")
    parties = find_parties(session, actor, buyer_code=buyer_code, seller_code=seller_code, lock=True)
    wanted = sum_lines(lines)
    skus = find_ordered(session, [line.sku_code for line in wanted])
    key = f"{parties.buyer.id}:{idempotency_key}"
    earlier = _find_earlier(session, key, idempotency_key, parties, wanted, skus)
    if earlier is not None:
        return earlier
    quote = quote_lines(
        session, parties=parties, lines=wanted, skus=skus, requested_on=requested_on, lock=True, now=now
    )
    if quote.reasons or parties.account is None:
        raise OrderRefusedError(quote.reasons)
    draft = Draft(
        actor=actor,
        parties=parties,
        quote=quote,
        skus=skus,
        supplies=price_supply(session, parties, quote, skus),
        number=next_number(session, "SO", quote.day),
        status=str(roll_up((part.status for part in quote.parts), is_held=bool(quote.holds))),
        key=key,
        requested_on=requested_on,
        now=now,
    )
    with unscoped(session, "an order is written as its buyer's verb decided"):
        write_rows(session, draft)
        _reserve(session, draft)
    _commit(session, draft)
    emit(
        session,
        actor,
        "order.placed",
        subject=("order", draft.number),
        now=now,
        seller=seller_code,
        buyer=buyer_code,
        gross_amount=quote.amounts.gross,
        currency=quote.currency,
    )
    status, promised_on = draft.status, quote.promised_on
    if quote.plan.missing and not quote.holds:
        status, promised_on = _find_more(session, draft)
    return PlacedOrder(
        number=draft.number,
        status=status,
        version=1,
        currency=quote.currency,
        net_amount=quote.amounts.net,
        tax_amount=quote.amounts.tax,
        gross_amount=quote.amounts.gross,
        promised_on=promised_on,
    )


def _find_more(session: Session, draft: Draft) -> tuple[str, date | None]:
    """What is missing: urgent orders take what others were promised, the brand makes the rest.

    Where the order stands then. Raises `OrderRefusedError` for goods that may not wait and that somebody else
    was faster to take.
    """
    with unscoped(session, "what others were promised may have to give way"):
        order = get_by(session, SalesOrder, "order", number=draft.number)
        if draft.quote.urgency:
            take_from_others(session, draft.actor, read_work(session, order), now=draft.now)
        work = read_work(session, order)
        ask_production(session, draft.actor, work, now=draft.now)
    late = {row.line_no for part in work.lacking() for row in part.lines}
    short = [
        line
        for line in draft.quote.lines
        if line.line_no in late and line.available_qty is not None and not line.is_backorder_allowed
    ]
    if short:
        raise OrderRefusedError(
            [short_stock(line.sku_code, line.qty, available=line.available_qty or 0) for line in short]
        )
    work.follow_parts()
    session.flush()
    return order.status, order.promised_on


def _find_earlier(
    session: Session,
    key: str,
    shown_key: str,
    parties: Parties,
    wanted: Sequence[LineRequest],
    skus: Mapping[str, OrderedSku],
) -> PlacedOrder | None:
    """The order placed with this key, if it asked for the same; `ReusedKeyError` if for something else."""
    with unscoped(session, "a key is the buyer's own; the order behind it decides"):
        rows = decide(session, _EARLIER, key=key)
    if not rows:
        return None
    placed = {row.sku_id: row.qty for row in rows}
    asked = {skus[line.sku_code].id: line.qty for line in wanted if line.sku_code in skus}
    if rows[0].seller_id != parties.seller.id or asked != placed or len(asked) != len(wanted):
        raise ReusedKeyError(key=shown_key, document=rows[0].number)
    return PlacedOrder(**{field.name: getattr(rows[0], field.name) for field in fields(PlacedOrder)})


def _reserve(session: Session, draft: Draft) -> None:
    """Promise the stock of every part; what a partner shares also counts against its share."""
    placements: list[Placement] = []
    for part in draft.quote.parts:
        if part.source_code is None:
            continue
        place = draft.quote.sources[part.source_code].location_id
        held = [
            Placement(draft.sku_id(line.line_no), place, line.qty) for line in part.lines if line.is_reserved
        ]
        if part.mode == FulfilmentMode.PARTNER:
            take_share(session, placements=held, seller_id=draft.parties.seller.id)
        placements += held
    reserve(session, placements=placements, cause=draft.number, now=draft.now)
    quotas = draft.quote.quotas
    if quotas:
        lines = [line for line in draft.quote.lines if line.sku_code in quotas]
        take_quotas(session, {quotas[line.sku_code].id: line.qty for line in lines})


def _commit(session: Session, draft: Draft) -> None:
    """The credit the order takes; a held one takes none before it is released, and says why it waits."""
    account, gross = draft.parties.account, draft.quote.amounts.gross
    assert account is not None
    if not draft.quote.holds:
        commit_amount(session, account, document=draft.number, amount=gross, now=draft.now)
        commit_supply(session, draft.supplies.values(), document=draft.number, now=draft.now)
    for reason in draft.quote.holds:
        hold_order(session, draft.actor, number=draft.number, reason=reason, amount=gross, now=draft.now)


def hold_order(
    session: Session, actor: Actor, *, number: str, reason: Reason, amount: int, now: datetime
) -> None:
    """Write down why an order waits, and how long it keeps its stock."""
    place_hold(
        session,
        actor,
        subject=("order", number),
        reason=reason.code,
        why=Step(reason.text, reason.facts),
        amount=amount,
        until=now + timedelta(hours=HOLD_HOURS),
        now=now,
    )
