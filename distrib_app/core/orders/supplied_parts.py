"""The purchase behind a part that the brand makes or delivers for another seller, after the order was placed.

Callers run inside `unscoped`, with the order locked.
"""

from datetime import date, datetime

from sqlmodel import Session

from ..accounts import TradingAccount, commit_amount, find_account, lock_account
from ..channels import Partner, get_network
from .errors import OrderRefusedError
from .goods import find_ordered
from .models import FulfilmentLine, FulfilmentMode
from .parties import find_party
from .rules import split_amounts
from .supplying import NO_SUPPLY_CREDIT, SuppliedLine, Supply, check_credit, supply_lines
from .titles import supply_amounts
from .work import OrderWork, PartWork


def find_supply(session: Session, work: OrderWork, part: PartWork, *, day: date) -> Supply | None:
    """What the seller would pay the brand for the goods of a part; None where it does not buy from the brand.

    Its account is locked. Raises `OrderRefusedError` where it has no price of its own, or no credit left.
    """
    account = _account(session, work)
    if account is None:
        return None
    goods = [line for line in part.lines if work.is_goods(line.sku_id) and line.qty]
    skus = find_ordered(session, sorted({work.skus[line.sku_id].code for line in goods}))
    seller = find_party(session, work.order.seller_id)
    wanted = [(line.qty, skus[work.skus[line.sku_id].code]) for line in goods]
    bought = supply_lines(session, account, seller.facts, wanted, day=day)
    supply = Supply(account, {line.line_no: one for line, one in zip(goods, bought, strict=True)})
    lock_account(session, account)
    check_credit(session, account, supply.gross, day=day)
    return supply


def check_supply(session: Session, work: OrderWork, *, day: date) -> None:
    """Raise `OrderRefusedError` with the reason why the brand does not make what an order waits for."""
    for part in work.lacking():
        find_supply(session, work, part, day=day)
    raise OrderRefusedError([NO_SUPPLY_CREDIT])


def give_supply(session: Session, work: OrderWork, part: PartWork, supply: Supply, *, now: datetime) -> None:
    """From now on the brand serves a part for its seller: goods, price and credit."""
    brand = session.get_one(Partner, supply.account.seller_id)
    row = part.part
    row.owner_id, row.owner_path, row.mode = supply.account.seller_id, brand.path, FulfilmentMode.DIRECT
    row.supply_account_id = supply.account.id
    for line in part.lines:
        _price(line, supply.lines.get(line.line_no))
    commit_amount(session, supply.account, document=work.order.number, amount=supply.gross, now=now)


def drop_supply(session: Session, work: OrderWork, part: PartWork, *, now: datetime) -> None:
    """The brand does not serve a part any more: what it took of the seller's credit is free again."""
    if part.part.supply_account_id is None:
        return
    account = session.get_one(TradingAccount, part.part.supply_account_id)
    lock_account(session, account)
    gross = sum(supply_amounts(line).gross for line in part.lines)
    commit_amount(session, account, document=work.order.number, amount=-gross, now=now)
    part.part.supply_account_id = None
    for line in part.lines:
        _price(line, None)


def shrink_supply(
    session: Session, work: OrderWork, part: PartWork, line: FulfilmentLine, qty: int, *, now: datetime
) -> None:
    """The seller serves `qty` of a line itself after all: the brand sells it that much less.

    Call it before the line counts less.
    """
    if part.part.supply_account_id is None or line.supply_price is None:
        return
    account = session.get_one(TradingAccount, part.part.supply_account_id)
    lock_account(session, account)
    moved, kept = split_amounts(supply_amounts(line), [qty, line.qty - qty])
    _price(line, SuppliedLine(line.supply_price, kept))
    commit_amount(session, account, document=work.order.number, amount=-moved.gross, now=now)


def _price(line: FulfilmentLine, bought: SuppliedLine | None) -> None:
    line.supply_price = bought.unit_price if bought else None
    line.supply_net_amount = bought.amounts.net if bought else None
    line.supply_tax_amount = bought.amounts.tax if bought else None
    line.supply_gross_amount = bought.amounts.gross if bought else None


def _account(session: Session, work: OrderWork) -> TradingAccount | None:
    """The seller's own account with the brand."""
    brand_id = get_network(session).brand_id
    account = find_account(session, seller_id=brand_id, buyer_id=work.order.seller_id)
    return None if account is None or account.is_closed else account
