"""Planning verbs on both databases: water lines, suggestions, what is pending, quotas."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, select

from distrib_app.core.catalog import Category, Sku
from distrib_app.core.channels import Partner, Region, Tier
from distrib_app.core.inventory import (
    Location,
    NotOpenSuggestionError,
    NotYourLocationError,
    NotYourQuotaError,
    PendingStock,
    Placement,
    Quota,
    QuotaExceededError,
    Suggestion,
    Supply,
    WaterLine,
    accept_suggestion,
    clear_pending,
    compute_water_lines,
    dismiss_suggestion,
    expect_receipt,
    explain_water_line,
    get_suggestion,
    give_back_quota,
    list_suggestions,
    list_water_lines,
    make_suggestions,
    note_backorder,
    receive_stock,
    release_water_lines,
    reserve,
    set_quota,
    set_turnover_benchmark,
    set_water_lines,
    share_out,
    ship,
    snooze_suggestion,
    take_quota,
)
from distrib_app.core.inventory.shipping_models import CarrierTariff, Lane
from distrib_app.core.journal import JournalLeg, JournalPosting
from distrib_app.core.kernel.access import SYSTEM, Actor
from distrib_app.core.kernel.clock import Period
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
)
from distrib_app.core.kernel.events import Event
from distrib_app.core.kernel.listing import ListQuery

from .shop import NOW, actor

TODAY = date(2026, 10, 15)
TOMORROW = NOW + timedelta(days=1)
STEADY = Supply(lead_milli=4_000, lead_deviation_milli=0)


def put(shop: Database, location: str, sku: str, qty: int, *, on: date = TODAY, cost: str = "100") -> None:
    with shop.write(SYSTEM) as session:
        lines = [(sku, qty, Decimal(cost))]
        receive_stock(
            session, SYSTEM, location_code=location, lines=lines, cause="GRN-1", origin_on=on, now=NOW
        )


def ids(session: Session, location: str, sku: str) -> dict[str, int]:
    place = session.exec(select(Location.id).where(Location.code == location)).one()
    sku_id = session.exec(select(Sku.id).where(Sku.code == sku)).one()
    assert place is not None and sku_id is not None
    return {"location_id": place, "sku_id": sku_id}


def send(shop: Database, location: str, sku: str, qty: int, at: datetime) -> None:
    """A shipment, reserved and gone at the same instant."""
    with shop.write(SYSTEM) as session:
        one = ids(session, location, sku)
        placements = [Placement(one["sku_id"], one["location_id"], qty)]
        reserve(session, placements=placements, cause="SO-1", now=at)
        ship(session, placements=placements, cause="SO-1-1", now=at)


def by_hand(shop: Database, location: str, sku: str, *lines: int) -> None:
    safety, warning, most = lines
    with shop.write(SYSTEM) as session:
        set_water_lines(
            session,
            SYSTEM,
            location_code=location,
            sku_code=sku,
            safety_qty=safety,
            warning_qty=warning,
            max_qty=most,
            now=NOW,
        )


def lines_of(shop: Database) -> dict[tuple[str, str], tuple[int, int, int, str]]:
    with shop.read(SYSTEM) as session:
        return {
            (row.location_code, row.sku_code): (row.safety_qty, row.warning_qty, row.max_qty, row.source)
            for row in list_water_lines(session).rows
        }


def suggest(shop: Database, who: Actor = SYSTEM, now: datetime = NOW, **facts: str) -> dict[str, int]:
    with shop.write(who) as session:
        return {
            kind: count for kind, count in make_suggestions(session, who, now=now, **facts).items() if count
        }


def seen(shop: Database, who: Actor = SYSTEM, **facets: str) -> list[tuple[Any, ...]]:
    with shop.read(who) as session:
        query = ListQuery(facets={name: (value,) for name, value in facets.items()})
        rows = list_suggestions(session, query=query).rows
        return [(row.location_code, row.kind, row.qty, row.from_code, row.status) for row in rows]


def number_of(shop: Database, location: str) -> str:
    with shop.read(SYSTEM) as session:
        query = ListQuery(facets={"location": (location,)}, sort="-number")
        return list_suggestions(session, query=query).rows[0].number


def test_lines_come_from_what_was_shipped(shop: Database) -> None:
    put(shop, "GD-WH", "AC", 500)
    put(shop, "GD-WH", "TV", 3)
    for days_ago in range(1, 31):
        send(shop, "GD-WH", "AC", 4 if days_ago % 2 else 16, NOW - timedelta(days=days_ago))
    send(shop, "GD-WH", "AC", 99, NOW)  # today is not over
    send(shop, "GD-WH", "AC", 99, NOW - timedelta(days=31))  # before the window
    with shop.write(SYSTEM) as session:
        count = compute_water_lines(session, SYSTEM, supply=STEADY, window_days=30, now=NOW)
    assert (count.computed, count.kept) == (2, 0)
    # the same as the series by hand: mean 10, deviation 6
    assert lines_of(shop) == {
        ("GD-WH", "AC"): (20, 60, 130, "computed"),
        ("GD-WH", "TV"): (0, 0, 0, "computed"),
    }
    with shop.read(SYSTEM) as session:
        steps = explain_water_line(session, location_code="GD-WH", sku_code="AC")
        assert steps[0].facts == {"total": 300, "days": 30, "mean": "10", "deviation": "6"}
        event = session.exec(select(Event).where(Event.kind == "water_lines.computed")).one()
        assert event.payload == {"computed": 2, "kept": 0}


def test_a_day_is_one_of_the_networks_zone(shop: Database) -> None:
    """23:30 and 00:30 in Shanghai are two days, though one day in UTC."""
    put(shop, "GD-WH", "AC", 500)
    late = datetime.fromisoformat("2026-10-13T15:30:00+00:00")
    send(shop, "GD-WH", "AC", 6, late)
    send(shop, "GD-WH", "AC", 6, late + timedelta(hours=1))
    with shop.write(SYSTEM) as session:
        compute_water_lines(session, SYSTEM, supply=STEADY, window_days=2, now=NOW)
    with shop.read(SYSTEM) as session:
        assert session.exec(select(WaterLine)).one().inputs["spread"] == 0


def test_sell_out_comes_before_shipments(shop: Database) -> None:
    put(shop, "GZ-WH", "AC", 500)
    send(shop, "GZ-WH", "AC", 200, NOW - timedelta(days=3))
    with shop.write(SYSTEM) as session:
        seller = session.exec(select(Partner).where(Partner.code == "GZ")).one()
        posting = JournalPosting(key="report", source="report", posted_at=NOW)
        session.add(posting)
        session.flush()
        for days_ago in range(1, 11):
            session.add(
                JournalLeg(
                    posting_id=posting.id, step="sell_out", booked_on=TODAY - timedelta(days=days_ago),
                    seller_id=seller.id, buyer_id=seller.id, seller_path=seller.path, buyer_path=seller.path,
                    region_id=seller.region_id, sku_id=ids(session, "GZ-WH", "AC")["sku_id"], qty=10,
                    price_micros=1, amount=1, document="R", line_no=1,
                )
            )  # fmt: skip
    with shop.write(SYSTEM) as session:
        compute_water_lines(session, SYSTEM, supply=STEADY, window_days=10, now=NOW)
    assert lines_of(shop) == {("GZ-WH", "AC"): (0, 40, 110, "computed")}


def test_lanes_tell_the_lead_time_and_hand_set_lines_stay(shop: Database) -> None:
    put(shop, "GD-WH", "AC", 500)
    put(shop, "GD-WH", "BOX", 500)
    for days_ago in range(1, 11):
        send(shop, "GD-WH", "AC", 10, NOW - timedelta(days=days_ago))
        send(shop, "GD-WH", "BOX", 10, NOW - timedelta(days=days_ago))
    lane(shop, "SOUTH", "440000", days=2)
    lane(shop, "PLANT", "CN", days=1, closed="flood")
    with shop.write(SYSTEM) as session:
        compute_water_lines(session, SYSTEM, supply=STEADY, window_days=10, now=NOW)
    assert lines_of(shop) == {
        ("GD-WH", "AC"): (0, 20, 90, "computed"),
        ("GD-WH", "BOX"): (0, 20, 90, "computed"),
    }
    by_hand(shop, "GD-WH", "AC", 1, 2, 3)
    with shop.write(SYSTEM) as session:
        count = compute_water_lines(session, SYSTEM, supply=STEADY, window_days=10, now=TOMORROW)
    assert (count.computed, count.kept) == (1, 1)
    assert lines_of(shop)["GD-WH", "AC"] == (1, 2, 3, "hand")
    with shop.write(SYSTEM) as session:
        release_water_lines(session, SYSTEM, location_code="GD-WH", sku_code="AC", now=NOW)
    with pytest.raises(NotFoundError), shop.write(SYSTEM) as session:
        release_water_lines(session, SYSTEM, location_code="GD-WH", sku_code="BOX", now=NOW)
    assert list(lines_of(shop)) == [("GD-WH", "BOX")]


def lane(shop: Database, source: str, region: str, *, days: int, closed: str = "", km: int = 100) -> None:
    with shop.write(SYSTEM) as session:
        tariff = session.exec(select(CarrierTariff)).first()
        if tariff is None:
            tariff = CarrierTariff(code="T", name="T", carrier="T", currency="CNY")
            session.add(tariff)
            session.flush()
        assert tariff.id is not None
        goal = session.exec(select(Region.id).where(Region.code == region)).one()
        start = session.exec(select(Location.id).where(Location.code == source)).one()
        assert goal is not None and start is not None
        session.add(
            Lane(
                from_location_id=start,
                to_region_id=goal,
                tariff_id=tariff.id,
                lead_days=days,
                closed_reason=closed,
                distance_km=km,
            )
        )


def test_lines_are_set_by_their_owner_in_order(shop: Database) -> None:
    gz, ops = actor(shop, "gz"), actor(shop, "ops")
    good = {"safety_qty": 1, "warning_qty": 5, "max_qty": 9}
    cases: list[tuple[Actor, str, dict[str, int], type[Exception]]] = [
        (gz, "SZ-WH", good, NotFoundError),
        (ops, "GZ-WH", good, NotYourLocationError),
        (actor(shop, "boss"), "PLANT", good, ForbiddenError),
        (gz, "GZ-WH", good | {"warning_qty": 0}, InvalidError),
        (gz, "GZ-WH", good | {"max_qty": 4}, InvalidError),
    ]
    for who, location, lines, error in cases:
        with pytest.raises(error), shop.write(who) as session:
            set_water_lines(session, who, location_code=location, sku_code="AC", now=NOW, **lines)
    assert lines_of(shop) == {}
    with shop.write(gz) as session:
        set_water_lines(session, gz, location_code="GZ-WH", sku_code="AC", now=NOW, **good)
    with pytest.raises(StaleError), shop.write(gz) as session:
        set_water_lines(session, gz, location_code="GZ-WH", sku_code="AC", version=7, now=NOW, **good)
    with shop.write(gz) as session:
        change = good | {"max_qty": 10}
        set_water_lines(session, gz, location_code="GZ-WH", sku_code="AC", version=1, now=NOW, **change)
    assert lines_of(shop) == {("GZ-WH", "AC"): (1, 5, 10, "hand")}
    for who, code in ((gz, "SZ"), (actor(shop, "gd"), "GZ")):
        with pytest.raises((NotFoundError, NotYourLocationError)), shop.write(who) as session:
            compute_water_lines(session, who, partner_code=code, now=NOW)


def test_suggestions_once_a_day(shop: Database) -> None:
    put(shop, "GZ-WH", "AC", 5)
    put(shop, "SZ-WH", "AC", 60, on=date(2026, 7, 7))
    by_hand(shop, "GZ-WH", "AC", 10, 20, 40)
    by_hand(shop, "SZ-WH", "AC", 10, 20, 40)
    by_hand(shop, "GD-WH", "TV", 1, 2, 4)
    lane(shop, "SZ-WH", "440100", days=1)
    with shop.write(SYSTEM) as session:
        place = session.exec(select(Location).where(Location.code == "GZ-WH")).one()
        place.region_id = session.exec(select(Region.id).where(Region.code == "440100")).one() or 0
    assert suggest(shop) == {"replenish": 2, "transfer": 1}
    found = {
        ("GZ-WH", "transfer", 20, "SZ-WH", "open"),
        ("GZ-WH", "replenish", 15, "", "open"),
        ("GD-WH", "replenish", 4, "", "open"),
    }
    assert set(seen(shop)) == found
    assert suggest(shop) == {}
    assert suggest(shop, actor(shop, "gz")) == {}
    assert suggest(shop, actor(shop, "sz")) == {}  # what it has too much is on its way
    assert set(seen(shop)) == found
    # each side sees what concerns it; the source's owner learns of the transfer
    assert seen(shop, actor(shop, "sz")) == [("", "transfer", 20, "SZ-WH", "open")]
    assert set(seen(shop, actor(shop, "gz"))) == {
        ("GZ-WH", "transfer", 20, "", "open"),
        ("GZ-WH", "replenish", 15, "", "open"),
    }
    assert suggest(shop, now=TOMORROW) == {"replenish": 2, "transfer": 1}
    assert len(seen(shop)) == 3
    assert len(seen(shop, status="expired")) == 3
    with shop.read(SYSTEM) as session:
        detail = get_suggestion(session, number=number_of(shop, "GZ-WH"))
        assert detail.inputs["position"] == 5
        assert detail.inputs["warning"] == 20
        ages = {one.inputs["age_days"] for one in session.exec(select(Suggestion)) if one.kind == "transfer"}
        assert ages == {100, 101}


def test_snoozed_and_dismissed_ones_keep_quiet(shop: Database) -> None:
    gz = actor(shop, "gz")
    for sku, on_hand in (("AC", 15), ("TV", 15)):
        put(shop, "GZ-WH", sku, on_hand)
        by_hand(shop, "GZ-WH", sku, 10, 20, 40)
    assert suggest(shop, gz) == {"replenish": 2}
    with shop.read(gz) as session:
        numbers = {row.sku_code: row.number for row in list_suggestions(session).rows}
    for who, number, error in (
        (actor(shop, "sz"), numbers["AC"], NotFoundError),
        (actor(shop, "ops"), numbers["AC"], NotYourLocationError),
        (gz, "SG-0", NotFoundError),
    ):
        with pytest.raises(error), shop.write(who) as session:
            snooze_suggestion(session, who, number=number, now=NOW)
    with pytest.raises(InvalidError), shop.write(gz) as session:
        snooze_suggestion(session, gz, number=numbers["AC"], days=0, now=NOW)
    assert {row[4] for row in seen(shop)} == {"open"}
    with shop.write(gz) as session:
        snooze_suggestion(session, gz, number=numbers["AC"], days=3, now=NOW)
        dismiss_suggestion(session, gz, number=numbers["TV"], now=NOW)
    with pytest.raises(NotOpenSuggestionError), shop.write(gz) as session:
        dismiss_suggestion(session, gz, number=numbers["TV"], now=NOW)
    assert suggest(shop, now=TOMORROW) == {}
    assert suggest(shop, now=NOW + timedelta(days=3)) == {"replenish": 1}  # awake again; still dismissed
    assert suggest(shop, now=NOW + timedelta(days=7)) == {"replenish": 2}


def test_urgency_wakes_a_snoozed_suggestion(shop: Database) -> None:
    gz = actor(shop, "gz")
    put(shop, "GZ-WH", "AC", 15)
    by_hand(shop, "GZ-WH", "AC", 10, 20, 40)
    suggest(shop, gz)
    with shop.write(gz) as session:
        snooze_suggestion(session, gz, number=number_of(shop, "GZ-WH"), days=30, now=NOW)
    send(shop, "GZ-WH", "AC", 9, NOW)
    assert suggest(shop, now=TOMORROW) == {"replenish": 1}
    assert seen(shop) == [("GZ-WH", "replenish", 34, "", "open")]


def test_what_is_accepted_or_promised_counts(shop: Database) -> None:
    gz = actor(shop, "gz")
    put(shop, "GZ-WH", "AC", 5)
    by_hand(shop, "GZ-WH", "AC", 10, 20, 40)
    suggest(shop, gz)
    number = number_of(shop, "GZ-WH")
    with shop.write(gz) as session:
        row = accept_suggestion(session, gz, number=number, document="SO-7", now=NOW)
        assert (row.status, row.accepted_document) == ("accepted", "SO-7")
    assert suggest(shop, now=TOMORROW) == {}
    with shop.write(SYSTEM) as session:  # the document is cut to less, and late beyond every horizon
        place = ids(session, "GZ-WH", "AC")
        expect_receipt(session, **place, qty=16, cause="SO-7", due_on=date(2030, 1, 1), is_in_transit=True)
    assert suggest(shop, now=TOMORROW + timedelta(days=1)) == {}
    with shop.write(SYSTEM) as session:
        note_backorder(session, **place, qty=2, cause="SO-8")
    assert suggest(shop, now=TOMORROW + timedelta(days=2)) == {"replenish": 1}
    with shop.read(SYSTEM) as session:
        inputs = get_suggestion(session, number=number_of(shop, "GZ-WH")).inputs
        assert (inputs["in_transit"], inputs["backorder"], inputs["position"]) == (16, 2, 19)
    with shop.write(SYSTEM) as session:
        clear_pending(session, cause="SO-7")
        note_backorder(session, **place, qty=0, cause="SO-8")
    with shop.read(SYSTEM) as session:
        assert session.exec(select(PendingStock)).all() == []
    with pytest.raises(InvalidError), shop.write(SYSTEM) as session:
        expect_receipt(session, **place, qty=-1, cause="SO-9")


def test_industry_figures_come_before_peers(shop: Database) -> None:
    for place in ("GD-WH", "GZ-WH", "SZ-WH"):
        put(shop, place, "AC", 100)
    for days_ago in range(1, 11):
        send(shop, "GD-WH", "AC", 2, NOW - timedelta(days=days_ago))
        send(shop, "GZ-WH", "AC", 5, NOW - timedelta(days=days_ago))
        send(shop, "SZ-WH", "AC", 8, NOW - timedelta(days=days_ago))
    long = Supply(10_000, 0, 90)
    with shop.write(SYSTEM) as session:
        compute_water_lines(session, SYSTEM, supply=long, window_days=10, now=NOW)
    # turns a year: 2·365 ÷ 80 = 9.125, 5·365 ÷ 50 = 36.5, 8·365 ÷ 20 = 146
    suggest(shop)
    with shop.read(SYSTEM) as session:
        (kept,) = [one for one in session.exec(select(Suggestion)) if one.kind == "keep"]
        assert (kept.inputs["turnover_milli"], kept.inputs["benchmark_milli"]) == (9_125, 36_500)
    with shop.write(SYSTEM) as session:
        category = session.exec(select(Category)).one()
        figure = {"category_code": category.code, "turnover_milli": 9_000, "source": "Yearbook 2025"}
        set_turnover_benchmark(session, SYSTEM, region_code="440000", now=NOW, **figure)
        figure["turnover_milli"] = 50_000
        set_turnover_benchmark(session, SYSTEM, region_code="CN", now=NOW, **figure)
    assert "keep" not in suggest(shop, now=TOMORROW)
    with pytest.raises(ForbiddenError), shop.write(actor(shop, "gz")) as session:
        set_turnover_benchmark(session, actor(shop, "gz"), region_code="CN", now=NOW, **figure)


PERIOD = Period(date(2026, 10, 1), date(2026, 11, 1))


def test_quotas_are_taken_and_given_back(shop: Database) -> None:
    gd = actor(shop, "gd")
    facts = {"seller_code": "GD", "sku_code": "AC", "period": PERIOD, "now": NOW}
    for who, more, error in (
        (actor(shop, "gz"), {"qty": 5, "buyer_code": "GZ"}, (NotFoundError, NotYourQuotaError)),
        (gd, {"qty": -1}, InvalidError),
        (gd, {"qty": 5, "buyer_code": "GZ", "tier_code": "city"}, InvalidError),
    ):
        with pytest.raises(error), shop.write(who) as session:
            set_quota(session, who, **(facts | more))
    with shop.write(gd) as session:
        set_quota(session, gd, **facts, qty=9)
        set_quota(session, gd, **facts, qty=5, tier_code="city")
        set_quota(session, gd, **facts, qty=3, buyer_code="GZ")
    overlapping = facts | {"period": Period(date(2026, 10, 31), date(2026, 12, 1))}
    with pytest.raises(ConflictError), shop.write(gd) as session:
        set_quota(session, gd, **overlapping, qty=3, buyer_code="GZ")

    def take(buyer: str, qty: int, day: date = TODAY) -> int | None:
        with shop.write(SYSTEM) as session:
            seller, who = (
                session.exec(select(Partner.id).where(Partner.code == code)).one() for code in ("GD", buyer)
            )
            sku_id = ids(session, "PLANT", "AC")["sku_id"]
            assert seller is not None and who is not None
            return take_quota(session, seller_id=seller, buyer_id=who, sku_id=sku_id, qty=qty, day=day)

    assert take("GZ", 2) is not None
    with pytest.raises(QuotaExceededError) as caught:
        take("GZ", 2)
    assert caught.value.facts == {"sku": "AC", "wanted": 2, "left": 1}
    of_tier = take("SZ", 5)
    assert take("OUT", 9) not in {None, of_tier}
    assert take("GZ", 100, date(2026, 11, 1)) is None  # the period is over: nothing is limited
    assert of_tier is not None
    with pytest.raises(InvalidError), shop.write(SYSTEM) as session:
        give_back_quota(session, quota_id=of_tier, qty=6)
    with shop.write(SYSTEM) as session:
        give_back_quota(session, quota_id=of_tier, qty=4)
    with shop.read(SYSTEM) as session:
        used = sorted((row.qty, row.used_qty) for row in session.exec(select(Quota)))
    assert used == [(3, 2), (5, 1), (9, 9)]
    with pytest.raises(InvalidError), shop.write(gd) as session:
        set_quota(session, gd, **facts, qty=1, buyer_code="GZ")
    # each buyer sees its own, none sees its rival's
    with shop.read(actor(shop, "gz")) as session:
        assert [row.qty for row in session.exec(select(Quota))] == [3]


def test_a_scarce_sku_is_shared_out(shop: Database) -> None:
    gd = actor(shop, "gd")
    with shop.write(gd) as session:
        needs = {"GZ": 60, "SZ": 20}
        shares = share_out(
            session, gd, seller_code="GD", sku_code="AC", total=40, needs=needs, period=PERIOD, now=NOW
        )
        assert shares == {"GZ": 30, "SZ": 10}
        assert [row.qty for row in session.exec(select(Quota).order_by(Quota.qty))] == [10, 30]
        assert session.exec(select(Tier).where(Tier.code == "city")).one()
