"""Where a shipment is: the rule over all reports, whatever the order they came in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.inventory import Report, ShipmentEventKind, ShipmentStatus, stage_after

START = datetime(2026, 10, 15, 4, 0, tzinfo=UTC)
CASES = {
    "": "shipped",
    "note": "shipped",
    "exception": "shipped",
    "picked_up": "in_transit",
    "picked_up arrived_hub exception note": "in_transit",
    "out_for_delivery delivered": "delivered",
    "delivered in_transit": "delivered",
    "delivered refused lost": "delivered",
    "picked_up refused": "refused",
    "refused in_transit arrived_hub": "refused",
    "refused out_for_delivery": "in_transit",
    "refused out_for_delivery delivered": "delivered",
    "lost": "lost",
    "lost arrived_hub": "in_transit",
    "refused lost": "lost",
}


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


@pytest.mark.parametrize(("kinds", "expected"), CASES.items())
def test_reports_lead_to(kinds: str, expected: str) -> None:
    reports = [Report(kind, at(hour)) for hour, kind in enumerate(kinds.split())]
    assert stage_after(reports).status == expected
    assert stage_after(reversed(reports)).status == expected


def test_the_stage_says_since_when_and_why() -> None:
    stage = stage_after(
        [Report("delivered", at(5)), Report("picked_up", at(1)), Report("arrived_hub", at(9))]
    )
    assert (stage.status, stage.since) == (ShipmentStatus.DELIVERED, at(5))
    assert [(step.facts["kind"], step.result) for step in stage.steps] == [
        ("picked_up", "in_transit"),
        ("delivered", "delivered"),
    ]


reports_of_a_shipment = st.lists(
    st.builds(Report, st.sampled_from(list(ShipmentEventKind)).map(str), st.integers(0, 6).map(at)),
    max_size=9,
)


@settings(max_examples=100)
@given(reports_of_a_shipment, st.randoms(use_true_random=False))
def test_the_order_of_telling_does_not_matter(reports: list[Report], random: object) -> None:
    told = list(reports)
    random.shuffle(told)  # type: ignore[attr-defined]
    assert stage_after(told) == stage_after(reports)


@settings(max_examples=100)
@given(reports_of_a_shipment, reports_of_a_shipment)
def test_nothing_takes_a_delivery_back(reports: list[Report], late: list[Report]) -> None:
    delivered = [*reports, Report("delivered", at(3))]
    assert stage_after([*delivered, *late]).status is ShipmentStatus.DELIVERED


@settings(max_examples=100)
@given(reports_of_a_shipment, st.sampled_from(list(ShipmentEventKind)).map(str))
def test_an_older_report_never_takes_a_later_state_back(reports: list[Report], kind: str) -> None:
    """A plain scan that comes in late leaves everything as it is once something later was scanned."""
    told = [*reports, Report("arrived_hub", at(7))]
    before = stage_after(told).status
    if kind in {"picked_up", "in_transit", "arrived_hub"}:
        assert stage_after([*told, Report(kind, at(0))]).status is before
