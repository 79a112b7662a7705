"""The token bucket: never more than the burst at once, never more than the rate in the long run."""

from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.api.limits import Bucket, Limiter, Quota

QUOTA = Quota("token", 600, 100)


@settings(max_examples=100)
@given(st.integers(1, 6000), st.integers(1, 200), st.lists(st.integers(0, 5000), min_size=1, max_size=200))
def test_a_bucket_keeps_both_limits(per_minute: int, burst: int, waits: list[int]) -> None:
    quota, now, passed = Quota("q", per_minute, burst), 0, []
    bucket = Bucket(burst * 60_000, 0)
    for wait in waits:
        now += wait
        verdict = bucket.take(quota, now)
        if verdict.is_allowed:
            passed.append(now)
        else:
            # as promised: after waiting that long the next one passes
            later = Bucket(bucket.level, bucket.seen_ms)
            assert later.take(quota, now + verdict.retry_after * 1000).is_allowed
    for first, start in enumerate(passed):
        for last in range(first, len(passed)):
            span = passed[last] - start
            assert last - first + 1 <= burst + span * per_minute // 60_000 + 1


def test_a_burst_then_a_steady_flow() -> None:
    bucket = Bucket(QUOTA.burst * 60_000, 0)
    assert [bucket.take(QUOTA, 0).is_allowed for _ in range(101)] == [True] * 100 + [False]
    refused = bucket.take(QUOTA, 50)
    assert (refused.is_allowed, refused.remaining, refused.retry_after, refused.full_after) == (
        False,
        0,
        1,
        10,
    )
    assert bucket.take(QUOTA, 100).is_allowed
    assert bucket.take(QUOTA, 60_000).remaining == 99


def test_a_stranger_s_tokens_are_its_address() -> None:
    limiter, few = Limiter(), Quota("address", 60, 2)
    verdicts = [
        limiter.take(f"guess{number}", "203.0.113.9", known=QUOTA, stranger=few, now_ms=0)
        for number in range(3)
    ]
    assert [verdict.is_allowed for verdict in verdicts] == [True, True, False]
    limiter.welcome("real", now_ms=0)
    assert limiter.take("real", "203.0.113.9", known=QUOTA, stranger=few, now_ms=0).quota is QUOTA
    limiter.forget("real")
    assert not limiter.take("real", "203.0.113.9", known=QUOTA, stranger=few, now_ms=0).is_allowed
    assert limiter.take("", "203.0.113.10", known=QUOTA, stranger=few, now_ms=0).is_allowed


def test_the_door_stays_open_for_a_moment_to_who_was_let_in() -> None:
    limiter = Limiter()
    assert not limiter.is_open("real", now_ms=1_000)
    limiter.welcome("real", now_ms=1_000)
    assert [limiter.is_open("real", now_ms=ms) for ms in (999, 1_000, 5_999, 6_000)] == [
        False,
        True,
        True,
        False,
    ]
    assert not limiter.is_open("other", now_ms=1_000)
    limiter.forget("real")
    assert not limiter.is_open("real", now_ms=1_000)
