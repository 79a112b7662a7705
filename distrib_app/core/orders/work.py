"""An order under work: loaded through the scope, locked, with what its verbs need around it.

Rows are locked in one order everywhere: the order, then its account, then balances by SKU and location.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from ..accounts import TradingAccount, lock_account
from ..catalog import Sku, SkuKind
from ..channels import Partner, PartnerStatus
from ..inventory import Placement
from ..kernel.access import Actor, unscoped
from ..kernel.db import check_version, get_by, row_id
from ..kernel.money import TaxSplit
from .lifecycle import OrderFacts, find_lifecycle, require_verb
from .models import OrderLine, SalesOrder


@dataclass(frozen=True, slots=True)
class OrderWork:
    """A locked order with its lines (by number), their SKUs by id, and both parties."""

    order: SalesOrder
    lines: Sequence[OrderLine]
    skus: dict[int, Sku]
    seller: Partner
    buyer: Partner

    def is_goods(self, line: OrderLine) -> bool:
        """Whether the line's SKU is kept in stock."""
        return self.skus[line.sku_id].kind == SkuKind.GOODS

    def lacks(self, line: OrderLine) -> bool:
        """Whether the line waits for stock."""
        return self.is_goods(line) and line.reserved_qty < line.qty and not line.shipped_qty

    def facts(self) -> OrderFacts:
        """What the guards of the lifecycle look at."""
        return OrderFacts(
            is_seller_active=self.seller.status == PartnerStatus.ACTIVE,
            is_buyer_active=self.buyer.status == PartnerStatus.ACTIVE,
            unreserved_qty=sum(line.qty - line.reserved_qty for line in self.lines if self.lacks(line)),
            returnable_qty=sum(line.shipped_qty - line.returned_qty for line in self.lines),
        )

    def lock_account(self, session: Session) -> TradingAccount:
        """The order's account, locked until the end of the transaction."""
        with unscoped(session, "what an order does to credit is decided on its account"):
            account = session.get_one(TradingAccount, self.order.account_id)
            lock_account(session, account)
        return account


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
    """The order's lines, SKUs and parties, read afresh; the order itself has been found within scope."""
    with unscoped(session, "both parties decide what may be done, whichever of them acts"):
        lines = session.exec(
            select(OrderLine)
            .where(OrderLine.order_id == row_id(order))
            .order_by(col(OrderLine.line_no))
            .execution_options(populate_existing=True)
        ).all()
        sku_ids = {line.sku_id for line in lines}
        skus = session.exec(select(Sku).where(col(Sku.id).in_(sku_ids))).all()
        seller = session.get_one(Partner, order.seller_id)
        buyer = session.get_one(Partner, order.buyer_id)
    return OrderWork(order, lines, {row_id(sku): sku for sku in skus}, seller, buyer)


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


def amounts_of(line: OrderLine) -> TaxSplit:
    """A line's frozen amounts in minor units."""
    return TaxSplit(line.net_amount or 0, line.tax_amount or 0, line.gross_amount or 0)


def reserved_placements(lines: Iterable[OrderLine]) -> list[Placement]:
    """What the lines have reserved, by place."""
    return [
        Placement(line.sku_id, line.location_id, line.reserved_qty)
        for line in lines
        if line.location_id is not None and line.reserved_qty
    ]
