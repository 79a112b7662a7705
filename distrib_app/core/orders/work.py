"""An order under work: loaded through the scope, locked, with what its verbs need around it.

Rows are locked in one order everywhere: the order, then its accounts, then balances by SKU and location.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from ..accounts import TradingAccount, find_account, lock_account, lock_accounts
from ..catalog import Sku, SkuKind
from ..channels import Partner, PartnerKind, PartnerStatus, get_network
from ..inventory import Placement, give_back_quota, give_share_back
from ..kernel.access import Actor, unscoped
from ..kernel.db import check_version, get_by, row_id
from ..kernel.money import TaxSplit
from ..workbench import Hold, find_holds
from .lifecycle import OrderFacts, find_lifecycle, require_verb
from .models import (
    FulfilmentLine,
    FulfilmentMode,
    FulfilmentOrder,
    FulfilmentStatus,
    OrderLine,
    SalesOrder,
)
from .progress import ENDED_PARTS, OPEN_PARTS, OUT_PARTS, roll_up

READY_PARTS = frozenset({FulfilmentStatus.ALLOCATED.value, FulfilmentStatus.PICKED.value})


@dataclass(frozen=True, slots=True)
class PartWork:
    """A part of an order with its lines by number."""

    part: FulfilmentOrder
    lines: Sequence[FulfilmentLine]

    @property
    def is_ready(self) -> bool:
        """Whether it could leave now."""
        return self.part.status in READY_PARTS

    def placements(self) -> list[Placement]:
        """What is reserved for it, by place."""
        place = self.part.location_id
        return [
            Placement(line.sku_id, place, line.reserved_qty)
            for line in self.lines
            if place is not None and line.reserved_qty
        ]


@dataclass(frozen=True, slots=True)
class OrderWork:
    """A locked order with its lines (by number), parts, their SKUs by id, both parties and its holds.

    `is_supplied`: something of it waits, and its seller buys from the brand.
    """

    order: SalesOrder
    lines: Sequence[OrderLine]
    parts: Sequence[PartWork]
    skus: dict[int, Sku]
    seller: Partner
    buyer: Partner
    holds: Sequence[Hold]
    is_supplied: bool = False

    def is_goods(self, sku_id: int) -> bool:
        """Whether a SKU of the order is kept in stock."""
        return self.skus[sku_id].kind == SkuKind.GOODS

    def lacks(self, part: PartWork, line: FulfilmentLine) -> bool:
        """Whether a line of a part waits for stock."""
        return part.part.status in OPEN_PARTS and self.is_goods(line.sku_id) and line.reserved_qty < line.qty

    def lacking(self) -> list[PartWork]:
        """The parts that wait for stock."""
        return [part for part in self.parts if any(self.lacks(part, line) for line in part.lines)]

    def promise(self, line: FulfilmentLine) -> OrderLine:
        """The line of the promise that a line of a part serves."""
        return next(one for one in self.lines if one.line_no == line.line_no)

    def part(self, number: str) -> PartWork | None:
        """The part of that number."""
        return next((part for part in self.parts if part.part.number == number), None)

    def facts(self) -> OrderFacts:
        """What the guards of the lifecycle look at."""
        out = [part for part in self.parts if part.part.status in OUT_PARTS]
        return OrderFacts(
            is_seller_active=self.seller.status == PartnerStatus.ACTIVE,
            is_buyer_active=self.buyer.status == PartnerStatus.ACTIVE,
            is_held=bool(self.holds),
            urgency=self.order.urgency,
            is_made=self.seller.kind == PartnerKind.BRAND or self.is_supplied,
            waiting_parts=sum(1 for part in self.parts if part.part.status == FulfilmentStatus.WAITING),
            unreserved_qty=sum(
                line.qty - line.reserved_qty
                for part in self.parts
                for line in part.lines
                if self.lacks(part, line)
            ),
            ready_parts=sum(
                1 for part in self.parts if part.is_ready and part.part.owner_id == self.order.seller_id
            ),
            open_parts=sum(1 for part in self.parts if part.part.status in OPEN_PARTS),
            arriving_qty=sum(
                line.shipped_qty - line.returned_qty
                for part in out
                if part.part.status != FulfilmentStatus.DELIVERED
                for line in part.lines
            ),
            returnable_qty=sum(
                line.shipped_qty - line.returned_qty - line.missing_qty for part in out for line in part.lines
            ),
            missing_qty=sum(line.missing_qty for part in out for line in part.lines),
        )

    def lock_account(self, session: Session) -> TradingAccount:
        """The order's account, locked until the end of the transaction."""
        with unscoped(session, "what an order does to credit is decided on its account"):
            account = session.get_one(TradingAccount, self.order.account_id)
            lock_account(session, account)
        return account

    def follow_parts(self) -> None:
        """Set the order's status to where its parts stand."""
        self.order.status = roll_up((part.part.status for part in self.parts), is_held=bool(self.holds))
        days = [part.part.promised_on for part in self.parts if part.part.status not in ENDED_PARTS]
        self.order.promised_on = _latest(days)


def _latest(days: Sequence[date | None]) -> date | None:
    return None if not days or None in days else max(day for day in days if day is not None)


def load_work(session: Session, actor: Actor, *, number: str, verb: str) -> OrderWork:
    """Load and lock an order for `verb`: permission, then scope, then the side the actor stands on.

    Raises `ForbiddenError`, `NotFoundError` (also out of scope), `NotYourOrderError`.
    """
    require_verb(actor, verb)
    order = get_by(session, SalesOrder, "order", number=number)
    find_lifecycle(actor, verb, number=number, seller_id=order.seller_id, buyer_id=order.buyer_id)
    session.refresh(order, with_for_update=True)
    return read_work(session, order)


def read_work(session: Session, order: SalesOrder) -> OrderWork:
    """The order's lines, parts, SKUs, parties and holds, read afresh; the order was found within scope."""
    with unscoped(session, "both parties decide what may be done, whichever of them acts"):
        lines = session.exec(
            select(OrderLine)
            .where(OrderLine.order_id == row_id(order))
            .order_by(col(OrderLine.line_no))
            .execution_options(populate_existing=True)
        ).all()
        rows = session.exec(
            select(FulfilmentOrder, FulfilmentLine)
            .join(FulfilmentLine, col(FulfilmentLine.fulfilment_id) == col(FulfilmentOrder.id))
            .where(FulfilmentOrder.order_id == row_id(order))
            .order_by(col(FulfilmentOrder.id), col(FulfilmentLine.line_no))
            .execution_options(populate_existing=True)
        ).all()
        sku_ids = {line.sku_id for line in lines}
        skus = session.exec(select(Sku).where(col(Sku.id).in_(sku_ids))).all()
        seller = session.get_one(Partner, order.seller_id)
        buyer = session.get_one(Partner, order.buyer_id)
        holds = find_holds(session, kind="order", keys=[order.number])
        parts: dict[int, PartWork] = {}
        for part, line in rows:
            known = parts.setdefault(row_id(part), PartWork(part, []))
            assert isinstance(known.lines, list)
            known.lines.append(line)
        is_supplied = seller.kind != PartnerKind.BRAND and any(
            part.part.status == FulfilmentStatus.WAITING for part in parts.values()
        )
        if is_supplied:
            brand_id = get_network(session).brand_id
            account = find_account(session, seller_id=brand_id, buyer_id=row_id(seller))
            is_supplied = account is not None and not account.is_closed
    return OrderWork(
        order,
        lines,
        tuple(parts.values()),
        {row_id(sku): sku for sku in skus},
        seller,
        buyer,
        holds,
        is_supplied,
    )


def hold_accounts(session: Session, works: Iterable[OrderWork]) -> None:
    """Hold every account that orders and their parts are booked on, all at once and before any balance."""
    held: set[int | None] = set()
    with unscoped(session, "what an order does to credit is decided on the accounts of all its parties"):
        for work in works:
            order, parts = work.order, [one.part for one in work.parts]
            held |= {order.account_id, *(part.supply_account_id for part in parts)}
            for owner_id in {part.owner_id for part in parts if part.mode == FulfilmentMode.PARTNER}:
                account = find_account(session, seller_id=order.seller_id, buyer_id=owner_id)
                held.add(account.id if account is not None else None)
        lock_accounts(session, [one for one in held if one is not None])


def check_verb(actor: Actor, work: OrderWork, verb: str) -> str:
    """The state `verb` leads to. Raises `TransitionError` with the reason."""
    order = work.order
    lifecycle = find_lifecycle(
        actor, verb, number=order.number, seller_id=order.seller_id, buyer_id=order.buyer_id
    )
    return lifecycle.check(actor, verb, state=order.status, document=work.facts(), key=order.number).target


def advance(actor: Actor, work: OrderWork, *, verb: str, version: int | None) -> None:
    """Take the order along `verb`: the state allows it and the editor saw this version.

    Raises `TransitionError`, `StaleError`.
    """
    target = check_verb(actor, work, verb)
    check_version(work.order, version, work.order.number)
    work.order.status = target or work.order.status


def amounts_of(row: OrderLine | FulfilmentLine | FulfilmentOrder) -> TaxSplit:
    """A row's frozen amounts in minor units."""
    return TaxSplit(row.net_amount or 0, row.tax_amount or 0, row.gross_amount or 0)


def return_to_quotas(session: Session, work: OrderWork, lines: Iterable[tuple[FulfilmentLine, int]]) -> None:
    """What is cancelled or comes back of lines goes back to the quotas it was taken from."""
    given: dict[int, int] = {}
    for line, qty in lines:
        quota_id = work.promise(line).quota_id
        if quota_id is not None:
            given[quota_id] = given.get(quota_id, 0) + qty
    for quota_id, qty in sorted(given.items()):
        give_back_quota(session, quota_id=quota_id, qty=qty)


def drop_shares(session: Session, parts: Iterable[PartWork]) -> None:
    """Partners' shares are free again for what parts had reserved of them."""
    for part in parts:
        if part.part.mode == FulfilmentMode.PARTNER:
            give_share_back(session, placements=part.placements(), seller_id=part.part.seller_id)
