"""What goes wrong with a part: each kind at its limit, one below it, and what excuses it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.orders import EXCEPTION_NAMES, LIMITS, ExceptionKind, Found, Limits, Watched, judge
from distrib_app.core.workbench import Calendar

ZONE = "Asia/Shanghai"
CALENDAR = Calendar(ZONE)
# a Thursday, 09:00 in Shanghai
THURSDAY = datetime(2026, 10, 15, 1, 0, tzinfo=UTC)
READY = Watched("SO-1-1", "allocated", "own", THURSDAY, buyer_path="cn/gd/gz/")
MOVING = replace(READY, status="in_transit", shipment_status="in_transit", heard_at=THURSDAY)
DELIVERED = replace(READY, status="delivered", shipment_status="delivered", handed_over_at=THURSDAY)


def found(part: Watched, now: datetime, limits: Limits = LIMITS) -> dict[str, Found]:
    all_found = judge(part, now=now, calendar=CALENDAR, zone_name=ZONE, limits=limits)
    return {one.kind.value: one for one in all_found}


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("mode", "is_urgent", "due"),
    [
        # 9–12 and 13–18 are eight working hours a day
        ("own", False, local(16, 18)),
        ("regional", False, local(16, 18)),
        ("direct", False, local(19, 18)),  # over the weekend
        ("partner", False, local(15, 18)),
        ("own", True, local(15, 14)),
        ("partner", True, local(15, 14)),
    ],
)
def test_not_shipped_in_working_hours(mode: str, is_urgent: bool, due: datetime) -> None:
    part = replace(READY, mode=mode, is_urgent=is_urgent)
    assert found(part, due - timedelta(seconds=1)) == {}
    one = found(part, due)["order_unshipped"]
    assert (one.since, one.side) == (THURSDAY, "owner")
    assert (one.severity, one.due_hours) == (("critical", 1) if is_urgent else ("normal", 4))
    for excused in ({"is_held": True}, {"status": "waiting"}, {"status": "shipped"}):
        assert "order_unshipped" not in found(replace(part, **excused), due + timedelta(days=9))


@pytest.mark.parametrize(("is_urgent", "hours"), [(False, 48), (True, 24)])
def test_no_scan(is_urgent: bool, hours: int) -> None:
    part = replace(MOVING, is_urgent=is_urgent)
    assert found(part, THURSDAY + timedelta(hours=hours, seconds=-1)) == {}
    assert set(found(part, THURSDAY + timedelta(hours=hours))) == {"order_no_scan"}
    assert found(replace(part, is_scanned=False), THURSDAY + timedelta(days=9)) == {}
    for status in ("refused", "lost", "delivered"):
        silent = replace(part, shipment_status=status)
        assert "order_no_scan" not in found(silent, THURSDAY + timedelta(days=9))


@pytest.mark.parametrize("status", ["refused", "lost"])
def test_refused_and_lost(status: str) -> None:
    part = replace(MOVING, shipment_status=status, ended_at=THURSDAY)
    one = found(part, THURSDAY)[f"order_{status}"]
    assert (one.severity, one.due_hours, one.since) == ("high", 4, THURSDAY)
    assert found(replace(part, status="returned"), THURSDAY) == {}


def test_signed_short() -> None:
    assert set(found(replace(DELIVERED, short_qty=1), THURSDAY)) == {"order_short"}
    assert found(DELIVERED, THURSDAY) == {}


@pytest.mark.parametrize(
    ("there", "is_wrong"),
    [
        ("", False),
        ("cn/gd/gz/", False),
        ("cn/gd/gz/tianhe/", False),
        ("cn/gd/", False),  # the province only: it may well be there
        ("cn/gd/sz/", True),
        ("cn/gd/gz2/", True),
        ("cn/js/", True),
    ],
)
def test_signed_elsewhere(there: str, is_wrong: bool) -> None:
    part = replace(DELIVERED, handed_over_path=there)
    assert set(found(part, THURSDAY)) == ({"order_elsewhere"} if is_wrong else set())


def test_late_from_the_end_of_the_promised_day_in_the_network_s_zone() -> None:
    part = replace(MOVING, promised_on=date(2026, 10, 15), heard_at=local(15, 23))
    assert found(part, local(16, 0) - timedelta(seconds=1)) == {}
    one = found(part, local(16, 0))["order_late"]
    assert (one.since, one.side, one.due_hours) == (local(16, 0), "seller", 8)
    ended = [{"status": status} for status in ("delivered", "returned", "cancelled")]
    for excused in (*ended, {"is_held": True}, {"promised_on": None}):
        assert "order_late" not in found(replace(part, **excused), local(17, 0))


def test_nobody_answers() -> None:
    offered = replace(READY, status="offered", mode="partner", answer_until=local(15, 15))
    assert found(offered, local(15, 15) - timedelta(seconds=1)) == {}
    assert found(offered, local(15, 15))["order_unanswered"].side == "seller"
    lapsed = replace(READY, status="waiting", lapsed_at=local(15, 15))
    assert set(found(lapsed, local(15, 15))) == {"order_unanswered"}
    assert found(replace(lapsed, status="allocated"), local(15, 15)) == {}


watched = st.builds(
    Watched,
    st.just("SO-1-1"),
    st.sampled_from(
        ["offered", "waiting", "allocated", "picked", "shipped", "in_transit", "delivered", "returned"]
    ),
    st.sampled_from(["own", "direct", "regional", "partner"]),
    st.just(THURSDAY),
    is_urgent=st.booleans(),
    is_held=st.booleans(),
    answer_until=st.none() | st.just(THURSDAY),
    promised_on=st.none() | st.just(date(2026, 10, 15)),
    shipment_status=st.sampled_from(["", "shipped", "in_transit", "refused", "lost", "delivered"]),
    heard_at=st.none() | st.just(THURSDAY),
    ended_at=st.none() | st.just(THURSDAY),
    short_qty=st.integers(0, 2),
)


@settings(max_examples=100, deadline=None)
@given(watched, st.integers(0, 400), st.integers(0, 400))
def test_time_alone_cures_nothing_and_urgent_is_never_slower(part: Watched, early: int, more: int) -> None:
    sooner = THURSDAY + timedelta(hours=early)
    later = sooner + timedelta(hours=more)
    assert set(found(part, sooner)) <= set(found(part, later))
    usual, urgent = (set(found(replace(part, is_urgent=flag), later)) for flag in (False, True))
    assert usual <= urgent
    for one in found(part, later).values():
        assert one.since <= later
        assert one.due_hours == (1 if part.is_urgent else LIMITS.due_hours[one.kind])


def test_limits_are_set_per_call() -> None:
    quick: dict[str, Any] = {"scan_hours": 1}
    assert set(found(MOVING, THURSDAY + timedelta(hours=1), Limits(**quick))) == {"order_no_scan"}


def test_every_kind_has_its_name_and_its_hours() -> None:
    assert set(EXCEPTION_NAMES) == set(LIMITS.due_hours) == {kind.value for kind in ExceptionKind}
    assert all(len(kind) <= 40 for kind in ExceptionKind)
