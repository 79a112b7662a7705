"""An urgent order that is short takes what the seller has promised to others and not yet picked.

Who takes is serialised per seller, and only orders that nobody works on at the moment give way: so nothing is
taken twice and nobody waits for each other in a circle.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, select

from ..channels import Partner, Role, holders_of
from ..inventory import Placement, release
from ..kernel.access import Actor, Permission
from ..kernel.errors import msg
from ..kernel.events import emit
from ..workbench import notify
from .models import FulfilmentStatus, SalesOrder
from .parting import give_way, serve_parcels
from .preempting import Preemption, Soft, choose_victims
from .rerouting import Rerouted, reroute
from .soft_allocations import by_place, read_soft
from .work import OrderWork, read_work

BUMPED = "order.bumped"


@dataclass(frozen=True, slots=True)
class _Loss:
    """What one order loses: by part number, by line number, and by place."""

    lines: Mapping[str, Mapping[int, int]]
    placements: Sequence[Placement]
    goods: str


def take_from_others(session: Session, actor: Actor, work: OrderWork, *, now: datetime) -> int:
    """Serve what an urgent order lacks out of soft allocations of other buyers; how many units (inside
    `unscoped`).

    Whoever gives way is routed anew at once; both orders say what happened, and the seller's people are told.
    """
    lacking = work.lacking()
    order = work.order
    # two urgent orders take turns; orders that are worked on at the moment are left alone
    session.exec(
        select(Partner.id).where(Partner.id == order.seller_id).with_for_update(key_share=True)
    ).one()
    sku_ids = {line.sku_id for part in lacking for line in part.lines if work.lacks(part, line)}
    rows = read_soft(
        session, seller_id=order.seller_id, buyer_id=order.buyer_id, sku_ids=sorted(sku_ids), lock=True
    )
    parcels = reroute(session, work, lacking, stock=by_place(rows), now=now) if rows else []
    if not parcels:
        return 0
    decision = choose_victims(_needs(work, parcels), [_as_soft(row) for row in rows])
    losses = _losses(decision, rows)
    victims = {order_id: _free(session, order_id, loss, now) for order_id, loss in losses.items()}
    reasoned = [replace(parcel, route=_with_steps(parcel.route, decision)) for parcel in parcels]
    qty = serve_parcels(session, work, lacking, reasoned, now=now)
    for order_id, victim in victims.items():
        _move_on(session, actor, victim, losses[order_id], by=order, now=now)
    emit(
        session,
        actor,
        "order.prioritised",
        subject=("order", order.number),
        now=now,
        qty=qty,
        orders=", ".join(victim.number for victim in victims.values()),
        steps=[step.frozen() for step in decision.steps],
    )
    return qty


def _as_soft(row: Any) -> Soft:
    day = row.promised_on.isoformat() if row.promised_on else ""
    return Soft(row.number, row.location_id, row.code, row.reserved_qty, day)


def _needs(work: OrderWork, parcels: Sequence[Rerouted]) -> dict[tuple[int, str], int]:
    needs: dict[tuple[int, str], int] = defaultdict(int)
    for parcel in parcels:
        for line, qty in parcel.lines:
            needs[parcel.location_id, work.skus[line.sku_id].code] += qty
    return needs


def _losses(decision: Preemption, rows: Sequence[Any]) -> dict[int, _Loss]:
    """Who loses what, by order id."""
    by_key = {(row.number, row.code): row for row in rows}  # an order has one line of a SKU
    lost: dict[int, dict[str, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    placements: dict[int, list[Placement]] = defaultdict(list)
    goods: dict[int, list[str]] = defaultdict(list)
    for taken in decision.taken:
        row = by_key[taken.soft.part_number, taken.soft.sku_code]
        lost[row.order_id][row.number][row.line_no] = taken.qty
        placements[row.order_id].append(Placement(row.sku_id, row.location_id, taken.qty))
        goods[row.order_id].append(f"{row.code} × {taken.qty}")
    return {key: _Loss(lost[key], placements[key], ", ".join(goods[key])) for key in sorted(lost)}


def _free(session: Session, order_id: int, loss: _Loss, now: datetime) -> SalesOrder:
    """An order lets go of what it loses."""
    order = session.get_one(SalesOrder, order_id, populate_existing=True)
    release(session, placements=loss.placements, cause=order.number, now=now)
    for number, taken in loss.lines.items():
        work = read_work(session, order)
        part = work.part(number)
        assert part is not None
        give_way(session, work, part, taken, now=now)
    return order


def _move_on(
    session: Session, actor: Actor, order: SalesOrder, loss: _Loss, *, by: SalesOrder, now: datetime
) -> None:
    """What gave way is routed over what is free elsewhere; the order says its new promise."""
    work = read_work(session, order)
    lacking = [part for part in work.lacking() if part.part.status == FulfilmentStatus.WAITING]
    serve_parcels(session, work, lacking, reroute(session, work, lacking, now=now), now=now)
    work = read_work(session, order)
    work.follow_parts()
    order.version += 1
    session.flush()
    promised = order.promised_on
    emit(
        session,
        actor,
        BUMPED,
        subject=("order", order.number),
        now=now,
        goods=loss.goods,
        by=by.number,
        promised_on=promised.isoformat() if promised else "–",
    )
    _tell(session, actor, order, by=by, promised=promised, now=now)


def _tell(
    session: Session, actor: Actor, order: SalesOrder, *, by: SalesOrder, promised: date | None, now: datetime
) -> None:
    """The seller's people who fulfil orders learn whose promise was broken, but for who did it."""
    roles = [role.code for role in session.exec(select(Role)) if Permission.ORDERS_FULFIL in role.permissions]
    people = holders_of(session, partner_id=order.seller_id, roles=roles, now=now)
    notify(
        session,
        user_ids=[one for one in people if one != actor.user_id],
        kind=BUMPED,
        title=msg("{order} gave way to urgent {by}; new promise: {day}"),
        facts={
            "order": order.number,
            "by": by.number,
            "day": promised.isoformat() if promised else msg("no date yet"),
        },
        subject=("order", order.number),
        now=now,
    )


def _with_steps(route: dict[str, Any], decision: Preemption) -> dict[str, Any]:
    """Why these parts gave way stands before how the goods travel."""
    return {**route, "steps": [*(step.frozen() for step in decision.steps), *route.get("steps", ())]}
