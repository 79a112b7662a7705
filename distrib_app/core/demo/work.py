"""What waits for a decision when the demo begins: asked through the verbs that people use."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session, col, select

from ..accounts import TradingAccount, set_credit
from ..catalog import Sku
from ..channels import Partner
from ..inventory import Balance, Location, count_stock
from ..kernel.access import Actor
from ..orders import FulfilmentLine, FulfilmentOrder, OrderStatus, SalesOrder, request_return
from ..workbench import Decision, decide, work_calendar
from .network import NetworkDraft, Party
from .transfers import ask_transfer, person

# who asks, the new limit in percent of the present one, working hours ago: for the largest buyers …
_LARGE = (("finance", 120, 21), ("finance2", 130, 17), ("finance", 150, 12), ("finance2", 90, 9))
# … and for the smallest, which can be decided several at once
_SMALL = (("finance2", 125, 6), ("finance2", 140, 4), ("finance", 150, 2))
_TO_EXECUTIVE, _SUPPLEMENT = 0, 3
_RETURNS = (("province", 11, "外包装破损，客户拒收"), ("city", 3, "门店调整，型号滞销"))
# who asks for a transfer, from whom to whom, working hours ago, and which of the fullest balances it takes
_TRANSFERS = (
    ("province", "city", "province", 26, 0),
    ("province", "province", "city", 8, 2),
    ("city", "province", "city", 1, 4),
)
_COUNTS = ("月末盘点", "循环盘点")
_WHOLE = 1_000_000  # limits are agreed in steps of ¥10,000
_HALF_HOUR = timedelta(minutes=30)
Ask = Callable[..., str]


def write_work(session: Session, network: NetworkDraft, *, now: datetime) -> str:
    """Requests of several kinds: some late, one with its second step, one waiting for a supplement.

    The number of the transfer that was asked for first comes back, for it goes on. Every amount and time
    follows from the rows that are there, so that the same demo asks the same.
    """
    people = {sign_in.username: sign_in.party for sign_in in network.sign_ins}
    asked: list[tuple[int, Ask]] = [
        *_credit_requests(session, network.brand, now),
        *(
            (hours, partial(_ask_return, username=name, party=people[name], reason=reason))
            for name, hours, reason in _RETURNS
        ),
        *(
            (hours, partial(ask_transfer, username=who, giver=people[giver], taker=people[taker], rank=rank))
            for who, giver, taker, hours, rank in _TRANSFERS
        ),
    ]
    numbers = {}
    for position, (hours, ask) in sorted(enumerate(asked), key=lambda item: (-item[1][0], item[0])):
        numbers[position] = ask(session, now=ago(now, hours))
    second, first = (person(session, name, now) for name in ("finance2", "finance"))
    large, doubtful = numbers[_TO_EXECUTIVE], numbers[_SUPPLEMENT]
    decide(session, second, number=large, decision=Decision.APPROVED, now=ago(now, 6))
    why = "请补充该客户最近两个季度的回款记录"
    decide(session, first, number=doubtful, decision=Decision.SUPPLEMENT, reason=why, now=ago(now, 1))
    _count(session, network.brand, now)
    return numbers[len(asked) - len(_TRANSFERS)]


def ago(now: datetime, hours: int) -> datetime:
    """The latest half hour that lies so many working hours back."""
    calendar, start = work_calendar(), now
    while calendar.business_seconds(start, now) < hours * 3600:
        start -= _HALF_HOUR
    return start


def _credit_requests(session: Session, brand: Party, now: datetime) -> list[tuple[int, Ask]]:
    limit = col(TradingAccount.credit_limit_amount)
    buyers = (
        select(TradingAccount, Partner.code)
        .join(Partner, col(Partner.id) == col(TradingAccount.buyer_id))
        .where(TradingAccount.seller_id == brand.id, limit >= _WHOLE)
    )
    rows = [
        *session.exec(buyers.order_by(limit.desc(), col(TradingAccount.id)).limit(len(_LARGE))),
        *session.exec(buyers.order_by(limit, col(TradingAccount.id)).limit(len(_SMALL))),
    ]
    return [
        (
            hours,
            partial(
                _ask_credit,
                actor=person(session, who, now),
                brand=brand,
                buyer=buyer,
                limit=account.credit_limit_amount * percent // 100 // _WHOLE * _WHOLE,
                version=account.version,
            ),
        )
        for (account, buyer), (who, percent, hours) in zip(rows, _LARGE + _SMALL, strict=True)
    ]


def _ask_credit(
    session: Session, *, actor: Actor, brand: Party, buyer: str, limit: int, version: int, now: datetime
) -> str:
    task = set_credit(
        session,
        actor,
        seller_code=brand.code,
        buyer_code=buyer,
        credit_limit_amount=limit,
        version=version,
        now=now,
    )
    assert task is not None
    return task.number


def _ask_return(session: Session, *, username: str, party: Party, reason: str, now: datetime) -> str:
    """A few pieces of the newest delivery that has some left."""
    found = session.exec(
        select(SalesOrder.number, FulfilmentLine.line_no, FulfilmentLine.shipped_qty)
        .join(FulfilmentOrder, col(FulfilmentOrder.order_id) == col(SalesOrder.id))
        .join(FulfilmentLine, col(FulfilmentLine.fulfilment_id) == col(FulfilmentOrder.id))
        .where(
            SalesOrder.buyer_id == party.id,
            SalesOrder.status == OrderStatus.DELIVERED,
            FulfilmentLine.returned_qty == 0,
            FulfilmentLine.shipped_qty >= 1,
        )
        .order_by(col(SalesOrder.id).desc(), col(FulfilmentLine.line_no))
        .limit(1)
    ).first()
    if found is None:
        return ""
    number, line_no, shipped = found
    lines = [(line_no, max(1, min(4, shipped // 2)))]
    asking = person(session, username, now)
    return request_return(session, asking, number=number, lines=lines, reason=reason, now=now).number


def _count(session: Session, brand: Party, now: datetime) -> None:
    """The brand's fullest balances are counted a little short."""
    rows = session.exec(
        select(Location.code, Sku.code, Balance.on_hand_qty, Balance.reserved_qty)
        .join(Location, col(Location.id) == col(Balance.location_id))
        .join(Sku, col(Sku.id) == col(Balance.sku_id))
        .where(Location.partner_id == brand.id)
        .order_by(col(Balance.on_hand_qty).desc(), col(Balance.location_id), col(Balance.sku_id))
        .limit(len(_COUNTS))
    ).all()
    for (location, sku, on_hand, reserved), cause in zip(rows, _COUNTS, strict=True):
        count_stock(
            session,
            person(session, "ops", now),
            location_code=location,
            sku_code=sku,
            counted_qty=on_hand - min(on_hand - reserved, max(24, on_hand // 20)),
            cause=cause,
            now=now,  # a small difference is booked at once, behind every movement of the story
        )
