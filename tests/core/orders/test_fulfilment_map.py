"""The fulfilment map: what the projection says of stages and places, and what a stranger may know of it."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.orders.fulfilment_map import (
    STAGES,
    FulfilmentMap,
    MapEvent,
    Parcel,
    PartPoint,
    Place,
    fulfilment_map,
    mask_name,
    public_view,
)

ZONE = "Asia/Shanghai"
START = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Shanghai


def hour(count: int) -> datetime:
    return START + timedelta(hours=count)


def parcel(**facts: object) -> Parcel:
    known: dict[str, object] = {
        "number": "SH-1",
        "carrier": "SF",
        "waybill": "SF1",
        "piece_count": 3,
        "shipped_at": hour(4),
        "promised_on": date(2026, 10, 14),
        "delivered_at": None,
        "signed_by": "",
        "origin": Place("广州仓", "Guangzhou"),
        "goal": Place("深圳市", "Shenzhen"),
    }
    return Parcel(**(known | facts))  # type: ignore[arg-type]


def seen(at: int, place: str, kind: str = "in_transit", of: str = "SH-1") -> MapEvent:
    return MapEvent(kind, hour(at), actor="carrier", place=place, note="call 138", parcel=of)


def drawn(
    *parts: PartPoint,
    parcels: tuple[Parcel, ...] = (),
    events: tuple[MapEvent, ...] = (),
    now: datetime = START,
    promised_on: date | None = date(2026, 10, 14),
) -> FulfilmentMap:
    return fulfilment_map(
        placed_at=START,
        promised_on=promised_on,
        parts=parts,
        parcels=parcels,
        events=events,
        now=now,
        zone=ZONE,
    )


def marks(found: FulfilmentMap) -> dict[str, tuple[str, datetime | None, bool]]:
    return {mark.stage: (mark.state, mark.reached_at, mark.is_late) for mark in found.stages}


def test_a_stage_is_reached_by_the_last_part() -> None:
    first = PartPoint("shipped", {"allocated": START, "picked": hour(1), "shipped": hour(2)})
    second = PartPoint("picked", {"allocated": START, "picked": hour(5)})
    found = drawn(first, second, now=hour(6))
    assert marks(found) == {
        "placed": ("done", START, False),
        "allocated": ("done", START, False),
        "picked": ("now", hour(5), False),
        "shipped": ("ahead", None, False),
        "in_transit": ("ahead", None, False),
        "delivered": ("ahead", None, False),
    }
    assert [(mark.reached_count, mark.part_count) for mark in found.stages][2:4] == [(2, 2), (1, 2)]


def test_a_stage_that_was_jumped_over_has_no_time() -> None:
    found = drawn(PartPoint("shipped", {"allocated": START, "shipped": hour(2)}), now=hour(3))
    assert marks(found)["picked"] == ("done", None, False)
    assert marks(found)["shipped"] == ("now", hour(2), False)


def test_late_is_past_the_day_in_the_networks_zone() -> None:
    part = PartPoint("allocated", {"allocated": START}, ready_on=date(2026, 10, 13))
    last_minute = datetime(2026, 10, 13, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    assert marks(drawn(part, now=last_minute))["shipped"][2] is False
    late = drawn(part, now=last_minute + timedelta(minutes=1))
    assert marks(late)["shipped"] == ("ahead", None, True)
    assert marks(late)["delivered"][2] is False
    assert late.is_late
    # it left in time, so it is no longer late; arriving after the promise stays late for ever
    times = {"shipped": hour(4), "delivered": hour(80)}
    arrived = drawn(PartPoint("delivered", times, ready_on=date(2026, 10, 13)), now=hour(500))
    assert marks(arrived)["shipped"][2] is False
    assert marks(arrived)["delivered"] == ("done", hour(80), True)


def test_a_cancelled_order_stands_still() -> None:
    found = drawn(PartPoint("cancelled"), now=hour(900))
    assert [mark.state for mark in found.stages] == ["now"] + ["ahead"] * 5
    assert not found.is_late


def test_a_parcel_travels_from_place_to_place() -> None:
    events = (
        seen(9, "东莞"),
        seen(6, "广州转运"),
        seen(7, "广州转运"),
        seen(8, "x", of="SH-2"),
        seen(10, "东莞"),
    )
    [way] = drawn(PartPoint("in_transit"), parcels=(parcel(),), events=events, now=hour(11)).journeys
    assert [(tile.role, tile.name, tile.seen_at, tile.state) for tile in way.tiles] == [
        ("from", "广州仓", hour(4), "done"),
        ("hub", "广州转运", hour(6), "done"),
        ("hub", "东莞", hour(9), "now"),
        ("to", "深圳市", None, "ahead"),
    ]
    [done] = drawn(
        PartPoint("delivered"), parcels=(parcel(delivered_at=hour(12)),), events=events, now=hour(13)
    ).journeys
    assert [tile.state for tile in done.tiles] == ["done"] * 4
    [still] = drawn(PartPoint("shipped"), parcels=(parcel(),), now=hour(5)).journeys
    assert [tile.state for tile in still.tiles] == ["now", "ahead"]


def test_a_stranger_learns_neither_people_nor_what_was_said_inside() -> None:
    events = (MapEvent("order.placed", START, actor="王五"), seen(6, "东莞"))
    arrived = parcel(delivered_at=hour(12), signed_by="李雷雷雷")
    found = public_view(drawn(PartPoint("delivered"), parcels=(arrived,), events=events, now=hour(13)))
    assert found.events == (MapEvent("in_transit", hour(6), place="东莞", parcel="SH-1"),)
    assert [way.signed_by for way in found.journeys] == ["李**"]


def test_masked_names() -> None:
    assert [mask_name(name) for name in ("李雷", "李", " 欧阳小明 ", "Zhang San", "")] == [
        "李*",
        "李*",
        "欧**",
        "Z**",
        "",
    ]


STATUSES = ["offered", "waiting", "in_production", *STAGES[1:], "cancelled"]
POINTS = st.builds(
    PartPoint,
    status=st.sampled_from(STATUSES),
    times=st.dictionaries(st.sampled_from(STAGES[1:]), st.integers(0, 99).map(hour)),
    ready_on=st.none() | st.integers(0, 9).map(lambda day: date(2026, 10, 10 + day)),
)


@settings(max_examples=100)
@given(parts=st.lists(POINTS, max_size=4), now=st.integers(0, 200).map(hour))
def test_the_track_is_one_run_of_done_then_now_then_ahead(parts: list[PartPoint], now: datetime) -> None:
    found = drawn(*parts, now=now)
    states = [mark.state for mark in found.stages]
    order = {"done": 0, "now": 1, "ahead": 2}
    assert states == sorted(states, key=order.__getitem__)
    assert states.count("now") == (0 if states[-1] == "done" else 1)
    counts = [mark.reached_count for mark in found.stages]
    assert counts == sorted(counts, reverse=True)
    living = [part for part in parts if part.status != "cancelled"]
    # a stage is reached exactly when no living part stands before it
    position = {status: STAGES.index(status) if status in STAGES else 0 for status in STATUSES}
    slowest = min((position[part.status] for part in living), default=0)
    assert sum(state != "ahead" for state in states) == slowest + 1
    for mark in found.stages:
        assert mark.state != "ahead" or mark.reached_at is None
