"""Verbs that ask for a transfer: by hand, or by taking up a suggestion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from ..accounts import insert_unique, party_names
from ..catalog import Sku
from ..channels import Partner, PartnerStatus, get_network
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.clock import business_day
from ..kernel.db import get_by, row_id
from ..kernel.errors import InvalidError, NotFoundError, msg
from ..kernel.events import emit
from ..kernel.explain import Step
from ..kernel.numbers import next_number
from ..workbench import ask_approval
from .balances import read_goods
from .errors import NotYourLocationError, ReusedKeyError
from .models import Location
from .pending import expect_receipt, note_backorder
from .planning_models import Suggestion, SuggestionKind
from .rules import check_qty
from .suggesting import accept_suggestion
from .transfer_answers import STOCK_TRANSFER, reserve_goods
from .transfer_freight import check_way
from .transfer_models import Transfer, TransferLine, TransferTitle
from .transfer_places import find_place_by_code
from .transfer_titles import Titles, find_titles
from .transfer_work import SUBJECT, TransferWork, read_transfer

# who answers where the other company has no rule of its own
DECIDERS = ("operations", "administrator", "owner")
MAX_KEY = 80
MAX_LINES = 200
MAX_NOTE = 200


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for: quantities per SKU code, under a key of whoever asks."""

    source: Location
    target: Location
    lines: Mapping[str, int]
    key: str
    note: str = ""
    suggestion: str = ""
    for_document: str = ""


def request_transfer(
    session: Session,
    actor: Actor,
    *,
    from_code: str,
    to_code: str,
    lines: Mapping[str, int],
    idempotency_key: str,
    note: str = "",
    for_document: str = "",
    now: datetime,
) -> Transfer:
    """Ask for goods (quantity per SKU code) to go from one place to another.

    For the people of either owner, who may name places of their trading partners, and for the brand's.
    Between two owners the one that did not ask decides; inside one owner its approval rule does, and without
    a rule the transfer is approved at once. Prices are those of today; the goods count as expected there and
    as owed here from now on; `for_document` is what they are for. The same key with the same content returns
    the first transfer. Raises
    `InvalidError`, `NotFoundError`, `NotStockedError`, `NotYourLocationError`, `NoTitleError`,
    `NoLaneError`, `ReusedKeyError`; where it is approved at once also what `approve_transfer` raises.
    """
    actor.require(Permission.STOCK_WRITE)
    source = find_place_by_code(session, actor, from_code)
    target = find_place_by_code(session, actor, to_code)
    wish = _Wish(source, target, dict(lines), idempotency_key, note.strip(), for_document=for_document)
    return _request(session, actor, wish, now=now)


def transfer_for_suggestion(session: Session, actor: Actor, *, number: str, now: datetime) -> Transfer:
    """Take up a suggestion to transfer: ask for it, and mark the suggestion as accepted by the transfer.

    For the people of the place that is to get the goods. Raises `NotOpenSuggestionError`, and what
    `request_transfer` raises.
    """
    actor.require(Permission.STOCK_WRITE)
    row = get_by(session, Suggestion, "suggestion", number=number)
    if row.kind != SuggestionKind.TRANSFER:
        raise InvalidError(field="number", reason=number)
    with unscoped(session, "a suggestion names the place that has too much, whoever may see it"):
        source = session.get_one(Location, row.from_location_id)
        target = session.get_one(Location, row.location_id)
        code = session.exec(select(Sku.code).where(Sku.id == row.sku_id)).one()
    wish = _Wish(source, target, {code: row.qty}, f"suggestion:{number}", suggestion=number)
    transfer = _request(session, actor, wish, now=now)
    accept_suggestion(session, actor, number=number, document=transfer.number, now=now)
    return transfer


def _request(session: Session, actor: Actor, wish: _Wish, *, now: datetime) -> Transfer:
    _check_wish(wish)
    network = get_network(session)
    with unscoped(session, "both owners stand on the transfer"):
        giver = session.get_one(Partner, wish.source.partner_id)
        taker = session.get_one(Partner, wish.target.partner_id)
    requester_id = _requester(actor, giver, taker, network.brand_id, wish)
    earlier = _find_earlier(session, wish, requester_id)
    if earlier is not None:
        return earlier
    for party in (giver, taker):
        if party.status != PartnerStatus.ACTIVE:
            raise InvalidError(field=party.code, reason=msg("a party is not active"))
    skus = _find_skus(session, wish.lines)
    day = business_day(now, network.zone)
    planned = requester_id == network.brand_id or bool(wish.suggestion)
    titles = find_titles(session, giver, taker, list(skus.values()), is_planned_by_brand=planned, day=day)
    check_way(session, wish.source, wish.target, network.currency)
    transfer = Transfer(
        number=next_number(session, "TF", day),
        from_location_id=row_id(wish.source),
        to_location_id=row_id(wish.target),
        giver_id=row_id(giver),
        taker_id=row_id(taker),
        giver_path=giver.path,
        taker_path=taker.path,
        requester_id=requester_id,
        approver_id=row_id(taker if requester_id == giver.id else giver),
        title=titles.title,
        hops=[[row_id(hop.seller), row_id(hop.buyer), hop.sign] for hop in titles.hops],
        currency=network.currency,
        note=wish.note,
        suggestion_number=wish.suggestion,
        for_document=wish.for_document,
        idempotency_key=wish.key,
        requested_at=now,
    )
    insert_unique(session, transfer, ReusedKeyError(key=wish.key, document=transfer.number))
    _write_lines(session, transfer, wish, skus, titles)
    emit(
        session,
        actor,
        "transfer.requested",
        subject=(SUBJECT, transfer.number),
        now=now,
        suggestion=wish.suggestion,
    )
    _ask(session, actor, read_transfer(session, transfer), now=now)
    return transfer


def _check_wish(wish: _Wish) -> None:
    if wish.source.id == wish.target.id:
        raise InvalidError(field="to", reason=msg("goods are there already"))
    if not 1 <= len(wish.lines) <= MAX_LINES:
        raise InvalidError(field="lines", reason=f"{len(wish.lines)} – 1 … {MAX_LINES}")
    for qty in wish.lines.values():
        check_qty(qty)
    if not 1 <= len(wish.key) <= MAX_KEY:
        raise InvalidError(field="idempotency_key", reason=f"{len(wish.key)} – 1 … {MAX_KEY}")
    if len(wish.note) > MAX_NOTE:
        raise InvalidError(field="note", reason=f"{len(wish.note)} > {MAX_NOTE}")


def _requester(actor: Actor, giver: Partner, taker: Partner, brand_id: int, wish: _Wish) -> int:
    """For which company the actor asks: the taker, else the giver, else the brand."""
    if actor.is_system:
        return brand_id
    for party_id in (row_id(taker), row_id(giver), brand_id):
        if party_id in actor.partner_ids:
            return party_id
    raise NotYourLocationError(location=wish.target.code)


def _find_earlier(session: Session, wish: _Wish, requester_id: int) -> Transfer | None:
    """The transfer asked for with this key, if it was the same; `ReusedKeyError` if another."""
    with unscoped(session, "a key belongs to the company that asks"):
        found = session.exec(
            select(Transfer).where(
                Transfer.requester_id == requester_id, Transfer.idempotency_key == wish.key
            )
        ).one_or_none()
        if found is None:
            return None
        rows = session.exec(
            select(Sku.code, TransferLine.qty)
            .join(TransferLine, col(TransferLine.sku_id) == col(Sku.id))
            .where(TransferLine.transfer_id == row_id(found))
        ).all()
    places = found.from_location_id, found.to_location_id
    if dict(rows) != dict(wish.lines) or places != (wish.source.id, wish.target.id):
        raise ReusedKeyError(key=wish.key, document=found.number)
    return found


def _find_skus(session: Session, lines: Mapping[str, int]) -> dict[str, Sku]:
    """The SKUs asked for. Raises `NotFoundError`, `NotStockedError`."""
    found = {row.code: row for row in session.exec(select(Sku).where(col(Sku.code).in_(sorted(lines))))}
    for code in lines:
        if code not in found:
            raise NotFoundError(kind="SKU", key=code)
    read_goods(session, [row_id(sku) for sku in found.values()])
    return found


def _write_lines(
    session: Session, transfer: Transfer, wish: _Wish, skus: Mapping[str, Sku], titles: Titles
) -> None:
    """The lines with their prices; the goods are expected there, and owed here until they are reserved."""
    for line_no, (code, qty) in enumerate(wish.lines.items(), 1):
        sku_id = row_id(skus[code])
        line = TransferLine(
            transfer_id=row_id(transfer),
            line_no=line_no,
            sku_id=sku_id,
            qty=qty,
            tax_ppm=skus[code].tax_ppm,
            hop_prices=[
                [str(hop.prices[sku_id].unit_price), hop.prices[sku_id].is_gross] for hop in titles.hops
            ],
        )
        price = titles.prices.get(sku_id)
        if price is not None:
            amounts = price.amounts(qty)
            line.unit_price, line.is_gross_price = price.unit_price, price.is_gross
            line.net_amount, line.tax_amount, line.gross_amount = amounts.net, amounts.tax, amounts.gross
            line.steps = [price.explain(qty).frozen()]
        session.add(line)
        target, source = row_id(wish.target), row_id(wish.source)
        expect_receipt(session, location_id=target, sku_id=sku_id, qty=qty, cause=transfer.number)
        note_backorder(session, location_id=source, sku_id=sku_id, qty=qty, cause=transfer.number)
    session.flush()


def _ask(session: Session, actor: Actor, work: TransferWork, *, now: datetime) -> None:
    """Ask who has to agree; nobody has to: approved at once."""
    transfer = work.transfer
    # a price is the business of its seller and its buyer: through the brand the giver is neither
    is_open_price = transfer.title == TransferTitle.DIRECT
    gross = sum(line.gross_amount or 0 for line in work.lines) if is_open_price else 0
    names = party_names(session, [transfer.requester_id])[transfer.requester_id]
    task = ask_approval(
        session,
        actor,
        kind=STOCK_TRANSFER,
        subject=(SUBJECT, transfer.number),
        title=msg("{party} asks for {qty} pieces from {source} to {target} ({transfer})"),
        facts={
            "party": names.name,
            "party_en": names.name_en or names.name,
            "qty": sum(line.qty for line in work.lines),
            "source": work.source.name,
            "source_en": work.source.name_en or work.source.name,
            "target": work.target.name,
            "target_en": work.target.name_en or work.target.name,
            "transfer": transfer.number,
        },
        owner_id=transfer.approver_id,
        requester_id=transfer.requester_id,
        amount=gross or None,
        currency=transfer.currency if gross else "",
        evidence=[step.frozen() for step in _evidence(work, with_prices=is_open_price)],
        always_roles=DECIDERS if transfer.requester_id != transfer.approver_id else (),
        now=now,
    )
    if task is None:
        reserve_goods(session, actor, work, now=now)


def _evidence(work: TransferWork, *, with_prices: bool) -> Sequence[Step]:
    """What is asked for, line by line, and why."""
    steps = [
        Step(
            msg("{sku} × {qty}"),
            {"sku": work.skus[line.sku_id].code, "qty": line.qty},
            _price(line) if with_prices else "",
        )
        for line in work.lines
    ]
    if work.transfer.suggestion_number:
        steps.append(Step(msg("Suggested as {number}"), {"number": work.transfer.suggestion_number}))
    if work.transfer.for_document:
        steps.append(Step(msg("An order waits for it: {part}"), {"part": work.transfer.for_document}))
    if work.transfer.note:
        steps.append(Step(msg("Note: {text}"), {"text": work.transfer.note}))
    return steps


def _price(line: TransferLine) -> str:
    return str(line.steps[0]["result"]) if line.steps else ""
