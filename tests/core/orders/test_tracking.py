"""Public tracking: what the link opens, rates and complains about, and what it never tells."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from distrib_app.core.inventory import Shipment
from distrib_app.core.inventory.shipping_models import ShipmentEvent
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.clock import Period
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import DomainError, InvalidError, NotFoundError
from distrib_app.core.orders import (
    OrderFeedback,
    RatingClosedError,
    TrackedOrder,
    cancel_order,
    complain,
    deliver_order,
    get_fulfilment_map,
    pick_part,
    rate_order,
    ratings_of,
    ship_order,
    track_order,
)
from distrib_app.core.workbench import ReasonMissingError, Task, resolve_task
from tests.core.channels.town import partner_ids
from tests.core.inventory.shop import NOW

from .trade import Trader, counts

Who = Callable[[str], Trader]
HOUR = timedelta(hours=1)


def link(trader: Trader, number: str) -> str:
    token = trader.get(number).tracking_token
    assert token is not None
    return token


def look(database: Database, token: str, **facts: Any) -> TrackedOrder:
    with database.read(SYSTEM) as session:
        return track_order(session, token=token, **({"now": NOW} | facts))


def say(database: Database, verb: Any, token: str, **facts: Any) -> Any:
    with database.write(SYSTEM) as session:
        done = verb(session, SYSTEM, token=token, **({"now": NOW} | facts))
        return getattr(done, "number", None)


def delivered(who: Who, key: str = "k1") -> tuple[str, str]:
    number = who("gz").place({"TV": 2}, key=key)
    who("ops").do(ship_order, number, carrier="顺丰", waybill="SF1")
    who("gz").do(deliver_order, number, signed_by="李雷")
    return number, link(who("gz"), number)


def report(database: Database, number: str, kind: str, place: str, hours: int) -> None:
    """What a carrier reported of the shipment."""
    with database.write(SYSTEM) as session:
        shipment = session.exec(select(Shipment).where(Shipment.number == number)).one()
        session.add(
            ShipmentEvent(
                shipment_id=shipment.id,
                kind=kind,
                occurred_at=NOW + hours * HOUR,
                recorded_at=NOW,
                place=place,
                note="call 13800000000",
                source="sf",
                source_key=f"{kind}{hours}",
            )
        )


def test_the_link_shows_stages_parcels_and_places(trade: Database, who: Who) -> None:
    number = who("gz").place({"TV": 2, "AC": 1})
    token = link(who("gz"), number)
    assert len(token) == 24
    who("ops").do(pick_part, f"{number}-1", now=NOW + HOUR)
    [shipment, *more] = who("ops").do(ship_order, number, carrier="顺丰", waybill="SF1", now=NOW + 2 * HOUR)
    assert more == []
    report(trade, shipment, "in_transit", "佛山转运中心", 5)
    seen = look(trade, token, now=NOW + 6 * HOUR)
    assert (seen.number, seen.seller.code, seen.piece_count) == (number, "BR", 3)
    assert (seen.placed_on, seen.is_delivered, seen.can_rate) == (date(2026, 10, 15), False, False)
    [way] = seen.map.journeys
    assert (way.carrier, way.waybill, way.piece_count) == ("顺丰", "SF1", 3)
    assert [(tile.role, tile.name, tile.seen_at) for tile in way.tiles] == [
        ("from", "广东省", NOW + 2 * HOUR),
        ("hub", "佛山转运中心", NOW + 5 * HOUR),
        ("to", "广州市", None),
    ]
    assert [(event.kind, event.place, event.actor, event.note) for event in seen.map.events] == [
        ("in_transit", "佛山转运中心", "", "")
    ]
    reached = {mark.stage: mark.reached_at for mark in seen.map.stages}
    assert (reached["placed"], reached["picked"], reached["shipped"]) == (NOW, NOW + HOUR, NOW + 2 * HOUR)


def test_nothing_that_is_told_is_a_price_or_a_person(trade: Database, who: Who) -> None:
    number, token = delivered(who)
    told = str(asdict(look(trade, token)))
    for secret in ("PLANT", "6.67", "667", "李雷", "amount", "price", "'gz'", "'ops'", token):
        assert secret not in told, secret
    assert "李*" in told
    assert number in told


def test_those_inside_see_who_and_where(trade: Database, who: Who) -> None:
    number, _ = delivered(who)
    with trade.read(who("ops").actor) as session:
        inside = get_fulfilment_map(session, number=number, now=NOW)
    with trade.read(who("gz").actor) as session:
        buyer = get_fulfilment_map(session, number=number, now=NOW)
    assert [way.tiles[0].name for way in inside.journeys] == ["PLANT"]
    assert [way.tiles[0].name for way in buyer.journeys] == ["广东省"]  # places of the brand are its own
    assert [(event.kind, event.actor) for event in inside.events] == [
        ("order.placed", "gz"),
        ("order.shipped", "ops"),
        ("order.delivered", "gz"),
    ]
    with trade.read(who("sz").actor) as session, pytest.raises(NotFoundError):
        get_fulfilment_map(session, number=number, now=NOW)


@pytest.mark.parametrize("token", ["", "x" * 24, "x" * 500, "%", "\x00"])
def test_a_link_that_opens_nothing_answers_always_the_same(trade: Database, who: Who, token: str) -> None:
    delivered(who)
    before = counts(trade)
    for ask in (
        lambda: look(trade, token),
        lambda: say(trade, rate_order, token, rating=5),
        lambda: say(trade, complain, token, kind="late", text="x"),
    ):
        with pytest.raises(NotFoundError) as caught:
            ask()
        assert caught.value.facts == {"kind": "tracking link", "key": "…"}
    assert counts(trade) == before


def test_a_rating_counts_from_its_first_day_and_may_change_for_one(trade: Database, who: Who) -> None:
    _, token = delivered(who)
    say(trade, rate_order, token, rating=4, word="  很快 ")
    seen = look(trade, token)
    assert (seen.rating, seen.word, seen.can_rate) == (4, "很快", True)
    say(trade, rate_order, token, rating=2, now=NOW + 23 * HOUR)
    assert look(trade, token, now=NOW + 24 * HOUR).can_rate is False
    with pytest.raises(RatingClosedError):
        say(trade, rate_order, token, rating=5, now=NOW + 24 * HOUR)
    with trade.read(SYSTEM) as session:
        [row] = session.exec(select(OrderFeedback)).all()
    assert (row.rating, row.word, row.rated_at, row.version) == (2, "", NOW, 2)


def test_what_is_no_rating_is_refused(trade: Database, who: Who) -> None:
    number = who("gz").place({"TV": 2})
    token = link(who("gz"), number)
    before = counts(trade)
    for facts, refusal in (
        ({"rating": 5}, RatingClosedError),  # nothing has arrived yet
        ({"rating": 0}, InvalidError),
        ({"rating": 6}, InvalidError),
        ({"rating": 3, "word": "x" * 401}, InvalidError),
    ):
        with pytest.raises(refusal):
            say(trade, rate_order, token, **facts)
    assert counts(trade) == before


def test_ratings_are_counted_by_seller_and_day_within_scope(trade: Database, who: Who) -> None:
    for key, rating in (("a", 5), ("b", 5), ("c", 2)):
        _, token = delivered(who, key)
        say(trade, rate_order, token, rating=rating)
    today = Period(date(2026, 10, 15), date(2026, 10, 16))
    with trade.read(who("ops").actor) as session:
        found = ratings_of(session, partner_code="BR", period=today)
        assert (found.counts, found.answer_count, found.mean_hundredths) == ((0, 1, 0, 0, 2), 3, 400)
        assert ratings_of(session, partner_code="GD", period=today).answer_count == 0
        assert ratings_of(session, partner_code="GD", period=today).mean_hundredths is None
        tomorrow = Period(date(2026, 10, 16), date(2026, 10, 17))
        assert ratings_of(session, partner_code="BR", period=tomorrow).answer_count == 0
    with trade.read(who("sz").actor) as session, pytest.raises(NotFoundError):
        ratings_of(session, partner_code="BR", period=today)


def test_a_complaint_is_a_task_of_the_seller(trade: Database, who: Who) -> None:
    number, token = delivered(who)
    first = say(trade, complain, token, kind="late", text="三天了", contact="138")
    again = say(trade, complain, token, kind="damaged", text="外箱破了")
    assert first == again
    with trade.read(SYSTEM) as session:
        [task] = session.exec(select(Task).where(Task.kind == "complaint")).all()
    assert (task.owner_id, task.verb, task.severity) == (partner_ids(trade)["BR"], "resolve", "high")
    assert [step["facts"].get("text") or step["facts"].get("contact") for step in task.evidence] == [
        None,
        "三天了",
        "138",
        None,
        "外箱破了",
    ]
    assert look(trade, token).is_complaint_open
    with trade.write(who("ops").actor) as session:
        resolve_task(session, who("ops").actor, number=task.number, resolution="replaced", now=NOW)
    assert not look(trade, token).is_complaint_open
    assert say(trade, complain, token, kind="other", text="还有") != first
    with trade.read(SYSTEM) as session:
        [row] = session.exec(select(OrderFeedback)).all()
    assert (row.complaint_kind, row.complaint, row.rating) == ("other", "还有", None)
    assert number == task.subject_key


def test_what_is_no_complaint_is_refused(trade: Database, who: Who) -> None:
    number = who("gz").place({"TV": 2})
    token = link(who("gz"), number)
    before = counts(trade)
    refusals: list[tuple[dict[str, str], type[DomainError]]] = [
        ({"kind": "price", "text": "x"}, InvalidError),
        ({"kind": "late", "text": "  "}, ReasonMissingError),
        ({"kind": "late", "text": "x" * 401}, InvalidError),
        ({"kind": "late", "text": "x", "contact": "x" * 81}, InvalidError),
    ]
    for facts, refusal in refusals:
        with pytest.raises(refusal):
            say(trade, complain, token, **facts)
    assert counts(trade) == before
    who("gz").do(cancel_order, number)
    with pytest.raises(InvalidError):
        say(trade, complain, token, kind="late", text="x")
    assert look(trade, token).is_cancelled
