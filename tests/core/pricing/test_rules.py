"""Which price holds: the order of precedence, time, knowledge, warnings; against a brute-force oracle."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.kernel.clock import Period
from distrib_app.core.pricing import (
    BuyerFacts,
    BuyerScope,
    PriceCandidate,
    PriceKind,
    price_segments,
    resolve_price,
)
from distrib_app.core.pricing.rules import KINDS, SCOPES, find_warning, price_text

JUNE_1 = datetime(2026, 6, 1, tzinfo=UTC)
JUNE_20 = datetime(2026, 6, 20, tzinfo=UTC)
BUYER = BuyerFacts(partner_id=7, tier_id=2, region_path="CN/44/4401/")


def row(row_id: int, price: str, **changes: object) -> PriceCandidate:
    """A base price for all buyers since 2026."""
    base = PriceCandidate(
        row_id=row_id,
        unit_price=Decimal(price),
        is_gross=True,
        kind="base",
        buyer_scope="all",
        buyer_id=None,
        tier_id=None,
        region_path="",
        valid_from=date(2026, 1, 1),
        valid_to=None,
        recorded_at=JUNE_1,
        channel="offline",
        currency="CNY",
    )
    return replace(base, **changes)


SPECIAL = row(1, "88", kind="special", valid_from=date(2026, 7, 10), valid_to=date(2026, 7, 17))
BASE = row(2, "95", valid_from=date(2026, 7, 1), recorded_at=JUNE_20)


def price(rows: Sequence[PriceCandidate], day: date, **options: object) -> str | None:
    decision = resolve_price(rows, buyer=BUYER, day=day, **options)
    return None if decision is None else price_text(decision.unit_price)


def test_the_words_are_those_of_the_price_book() -> None:
    assert tuple(BuyerScope) == SCOPES
    assert tuple(PriceKind) == KINDS


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-06-30", None),
        ("2026-07-01", "95"),
        ("2026-07-10", "88"),
        ("2026-07-16", "88"),
        ("2026-07-17", "95"),
    ],
)
def test_an_earlier_recorded_special_beats_a_later_base(day: str, expected: str | None) -> None:
    assert price([SPECIAL, BASE], date.fromisoformat(day)) == expected


def test_what_was_known_then() -> None:
    day = date(2026, 7, 20)
    first, second = row(1, "100"), row(2, "90", recorded_at=JUNE_20)  # backdated to January
    assert price([first, second], day) == "90"
    assert price([first, second], day, known_at=JUNE_20 - timedelta(seconds=1)) == "100"
    assert price([first, second], day, known_at=JUNE_20) == "90"
    assert price([first, second], day, known_at=JUNE_1 - timedelta(seconds=1)) is None
    decision = resolve_price([first, second], buyer=BUYER, day=day, known_at=JUNE_1)
    assert decision is not None
    assert [(item.row_id, item.why) for item in decision.rejected] == [(2, "it was not recorded yet")]


LADDER = [
    row(1, "1", buyer_scope="partner", buyer_id=7),
    row(2, "2", buyer_scope="tier_in_region", tier_id=2, region_path="CN/44/4401/"),
    row(3, "3", buyer_scope="tier_in_region", tier_id=2, region_path="CN/"),
    row(4, "4", buyer_scope="region", region_path="CN/44/4401/"),
    row(5, "5", buyer_scope="region", region_path="CN/44/"),
    row(6, "6", buyer_scope="tier", tier_id=2),
    row(7, "7", buyer_scope="all"),
]


@pytest.mark.parametrize("taken", range(7))
def test_the_more_specific_scope_wins_whatever_its_kind_and_age(taken: int) -> None:
    kinds = ["base", "promotion", "special"]
    rows = [
        replace(candidate, kind=kinds[min(index, 2)], recorded_at=JUNE_1 + timedelta(days=index))
        for index, candidate in enumerate(LADDER[taken:])
    ]
    assert price(list(reversed(rows)), date(2026, 8, 1)) == str(taken + 1)


def test_rows_for_others_never_decide() -> None:
    others = [
        row(1, "1", buyer_scope="partner", buyer_id=8),
        row(2, "2", buyer_scope="tier", tier_id=3),
        row(3, "3", buyer_scope="region", region_path="CN/32/"),
        row(4, "4", buyer_scope="region", region_path="CN/44/4401/440106/"),  # below the buyer's own region
        row(5, "5", buyer_scope="tier_in_region", tier_id=3, region_path="CN/"),
        row(6, "6", buyer_scope="region", region_path=""),
        row(7, "7", channel="online"),
    ]
    assert price(others, date(2026, 8, 1)) is None
    assert price(others, date(2026, 8, 1), channel="online") == "7"


def test_kind_then_the_later_record_then_the_later_row() -> None:
    day = date(2026, 8, 1)
    rows = [
        row(1, "1", recorded_at=JUNE_20),
        row(2, "2", kind="promotion"),
        row(3, "3", kind="promotion", recorded_at=JUNE_20),
        row(4, "4", kind="promotion", recorded_at=JUNE_20),
    ]
    decision = resolve_price(rows, buyer=BUYER, day=day)
    assert decision is not None
    assert (decision.row_id, decision.kind) == (4, "promotion")
    assert [(item.row_id, item.why) for item in decision.rejected] == [
        (3, "a later record replaces it"),
        (2, "a later record replaces it"),
        (1, "{winner} goes before {loser}"),
    ]


def test_the_steps_tell_the_story() -> None:
    decision = resolve_price([SPECIAL, BASE], buyer=BUYER, day=date(2026, 7, 12))
    assert decision is not None
    assert [step.text.format(**step.facts) for step in decision.steps] == [
        "2 of 2 price rows hold for this buyer on 2026-07-12",
        "The most specific buyer scope is all buyers",
        "Special goes before promotion before base: special",
        "Unit price, valid from 2026-07-10, recorded 2026-06-01T00:00:00+00:00",
    ]
    assert decision.steps[-1].result == "88 CNY"
    assert [step.frozen()["text"] for step in decision.steps] == [step.text for step in decision.steps]


def test_the_history_has_a_segment_per_deciding_row() -> None:
    segments = price_segments(
        [SPECIAL, BASE, row(3, "99", valid_to=date(2026, 3, 1))],
        buyer=BUYER,
        period=Period(date(2026, 2, 1), date(2026, 8, 1)),
    )
    assert [
        (part.valid_from.isoformat(), str(part.valid_to), price_text(part.decision.unit_price))
        for part in segments
    ] == [
        ("2026-02-01", "2026-03-01", "99"),
        ("2026-07-01", "2026-07-10", "95"),
        ("2026-07-10", "2026-07-17", "88"),
        ("2026-07-17", "2026-08-01", "95"),
    ]
    assert price_segments([BASE], buyer=BUYER, period=Period(date(2026, 8, 1), date(2026, 8, 1))) == []


@pytest.mark.parametrize(
    ("own", "is_gross", "warns"),
    [("95", True, False), ("95.000001", True, True), ("84.07", False, False), ("84.08", False, True)],
)
def test_a_partner_price_above_its_tier_warns_on_one_tax_basis(own: str, is_gross: bool, warns: bool) -> None:
    # 95 gross at 13 % is 84.0707… net
    mine = row(9, own, buyer_scope="partner", buyer_id=7, is_gross=is_gross)
    tier = row(8, "95", buyer_scope="tier", tier_id=2, valid_from=date(2026, 7, 1))
    found = find_warning(
        [mine, tier],
        buyer=BUYER,
        since=date(2026, 1, 1),
        until=None,
        row_id=9,
        channel="offline",
        tax_ppm=130_000,
    )
    assert (found is not None) is warns
    if found is not None:
        assert found.day == date(2026, 7, 1)  # before that the tier had no price


DAYS = [date(2026, 7, 1) + timedelta(days=number) for number in range(6)]
PATHS = ["CN/", "CN/44/", "CN/44/4401/", "CN/32/"]
INSTANTS = [JUNE_1 + timedelta(hours=number) for number in range(3)]


@st.composite
def books(draw: st.DrawFn) -> list[PriceCandidate]:
    rows = []
    for number in range(draw(st.integers(0, 10))):
        scope = draw(st.sampled_from(SCOPES))
        start = draw(st.sampled_from(DAYS))
        length = draw(st.none() | st.integers(1, 4))
        rows.append(
            row(
                number,
                str(draw(st.integers(1, 5))),
                kind=draw(st.sampled_from(KINDS)),
                buyer_scope=scope,
                buyer_id=draw(st.sampled_from([7, 8])) if scope == "partner" else None,
                tier_id=draw(st.sampled_from([2, 3])) if scope in ("tier", "tier_in_region") else None,
                region_path=draw(st.sampled_from(PATHS)) if "region" in scope else "",
                valid_from=start,
                valid_to=start + timedelta(days=length) if length else None,
                recorded_at=draw(st.sampled_from(INSTANTS)),
                channel=draw(st.sampled_from(["offline", "offline", "online"])),
            )
        )
    return rows


def oracle(rows: Sequence[PriceCandidate], day: date, known_at: datetime | None) -> int | None:
    """The rule said again, slot by slot: the first slot that holds a row answers with its last record."""
    slots: list[tuple[str, int | None, int | None, str]] = [("partner", 7, None, "")]
    nearest = ["CN/44/4401/", "CN/44/", "CN/"]
    slots += [("tier_in_region", None, 2, path) for path in nearest]
    slots += [("region", None, None, path) for path in nearest]
    slots += [("tier", None, 2, ""), ("all", None, None, "")]
    for scope, buyer_id, tier_id, path in slots:
        for kind in ("special", "promotion", "base"):
            answer: PriceCandidate | None = None
            for item in rows:
                if (item.buyer_scope, item.buyer_id, item.tier_id, item.region_path) != (
                    scope,
                    buyer_id,
                    tier_id,
                    path,
                ):
                    continue
                if item.kind != kind or item.channel != "offline" or item.valid_from > day:
                    continue
                if item.valid_to is not None and item.valid_to <= day:
                    continue
                if known_at is not None and item.recorded_at > known_at:
                    continue
                if answer is None or item.recorded_at >= answer.recorded_at:
                    answer = item  # rows come in the order of their ids
            if answer is not None:
                return answer.row_id
    return None


@settings(max_examples=100, deadline=None)
@given(
    rows=books(), day=st.sampled_from(DAYS), known_at=st.none() | st.sampled_from(INSTANTS), seed=st.randoms()
)
def test_against_the_oracle(rows: list[PriceCandidate], day: date, known_at: datetime | None, seed) -> None:
    shuffled = list(rows)
    seed.shuffle(shuffled)
    decision = resolve_price(shuffled, buyer=BUYER, day=day, known_at=known_at)
    assert (decision.row_id if decision else None) == oracle(rows, day, known_at)
    if decision is not None:
        assert sorted([decision.row_id, *(item.row_id for item in decision.rejected)]) == list(
            range(len(rows))
        )


@settings(max_examples=60, deadline=None)
@given(rows=books())
def test_segments_agree_with_every_single_day(rows: list[PriceCandidate]) -> None:
    period = Period(DAYS[0], DAYS[-1] + timedelta(days=4))
    segments = price_segments(rows, buyer=BUYER, period=period)
    day = period.start
    while day < period.end:
        inside = [part for part in segments if part.valid_from <= day and (part.valid_to or date.max) > day]
        assert [part.decision.row_id for part in inside] == [
            found for found in [oracle(rows, day, None)] if found is not None
        ]
        day += timedelta(days=1)
