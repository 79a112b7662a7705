"""The public door of tracking: whoever holds an order's link comes in, not too often, without an account.

Wrong links, right links and answers are counted alike, per link and per address; the buckets live in the
memory of the process, as those of the API do.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from . import gate
from .api.limits import MAX_BUCKETS, Bucket, Quota
from .core.kernel.access import SYSTEM
from .core.kernel.clock import utc_now
from .core.kernel.errors import RateLimitedError
from .core.orders import TrackedOrder, complain, rate_order, track_order

PER_LINK = Quota("tracking link", per_minute=30, burst=30)
PER_ADDRESS = Quota("tracking address", per_minute=60, burst=60)
ANSWERS = Quota("tracking answers", per_minute=6, burst=6)


class Turnstile:
    """Token buckets by name; the least recently used are forgotten beyond `MAX_BUCKETS`."""

    def __init__(self, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def enter(self, quota: Quota, key: str) -> None:
        """Let one more of `key` through. Raises `RateLimitedError`."""
        now_ms = self._clock() // 1_000_000
        with self._lock:
            bucket = self._buckets.setdefault(f"{quota.name} {key}", Bucket(quota.burst * 60_000, now_ms))
            self._buckets.move_to_end(f"{quota.name} {key}")
            if len(self._buckets) > MAX_BUCKETS:
                self._buckets.popitem(last=False)
            verdict = bucket.take(quota, now_ms)
        if not verdict.is_allowed:
            raise RateLimitedError(minutes=1)


turnstile = Turnstile()


def look(link: str, address: str) -> TrackedOrder:
    """The order behind a link. Raises `NotFoundError`, `RateLimitedError`."""
    _come_in(link, address)
    with gate.get_database().read(SYSTEM) as session:
        return track_order(session, token=link, now=utc_now())


def rate(link: str, address: str, *, rating: int, word: str) -> None:
    """Rate a delivery. Raises what `rate_order` raises, and `RateLimitedError`."""
    _answer(link, address, rate_order, rating=rating, word=word)


def object_to(link: str, address: str, *, kind: str, text: str, contact: str) -> None:
    """Complain about an order. Raises what `complain` raises, and `RateLimitedError`."""
    _answer(link, address, complain, kind=kind, text=text, contact=contact)


def _come_in(link: str, address: str) -> None:
    turnstile.enter(PER_ADDRESS, address)
    turnstile.enter(PER_LINK, link[:40])


def _answer(link: str, address: str, verb: Any, **facts: Any) -> None:
    _come_in(link, address)
    turnstile.enter(ANSWERS, link[:40])
    turnstile.enter(ANSWERS, address)
    with gate.get_database().write(SYSTEM) as session:
        verb(session, SYSTEM, token=link, now=utc_now(), **facts)
