"""How many requests a caller may send: a token bucket per token, and one per address for strangers.

The buckets live in the memory of the process: N processes let through N times as much, which is what a limit
against runaway clients needs to be and no more.
"""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass

MAX_BUCKETS = 10_000
# how long a token that opened the door is not asked at the door again; what it may do is asked in every call
OPEN_MS = 5_000


def monotonic_ms() -> int:
    """Milliseconds that never go back, the time basis of buckets and doors."""
    return time.monotonic_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Quota:
    """`per_minute` requests in the long run, `burst` of them at once."""

    name: str
    per_minute: int
    burst: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, how many more may follow at once, and when (seconds)."""

    quota: Quota
    is_allowed: bool
    remaining: int
    retry_after: int
    full_after: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The `RateLimit` headers, and `Retry-After` for a refusal."""
        quota = self.quota
        lines = [
            ("ratelimit-policy", f'"{quota.name}";q={quota.per_minute};w=60;burst={quota.burst}'),
            ("ratelimit", f'"{quota.name}";r={self.remaining};t={self.full_after}'),
        ]
        if not self.is_allowed:
            lines.append(("retry-after", str(self.retry_after)))
        return [(name.encode(), value.encode()) for name, value in lines]


@dataclass(slots=True)
class Bucket:
    """Thousandths of a request, so that no fraction is lost; filled as milliseconds pass."""

    level: int
    seen_ms: int

    def take(self, quota: Quota, now_ms: int) -> Verdict:
        """Take one request if there is one."""
        capacity = quota.burst * 60_000
        gained = max(0, now_ms - self.seen_ms) * quota.per_minute
        self.level = min(capacity, self.level + gained)
        self.seen_ms = now_ms
        is_allowed = self.level >= 60_000
        if is_allowed:
            self.level -= 60_000
        return Verdict(
            quota=quota,
            is_allowed=is_allowed,
            remaining=self.level // 60_000,
            retry_after=0 if is_allowed else _seconds(60_000 - self.level, quota),
            full_after=_seconds(capacity - self.level, quota),
        )


def _seconds(missing: int, quota: Quota) -> int:
    """Whole seconds, rounded up, until `missing` has come in."""
    return -(-missing // (quota.per_minute * 1000))


class Limiter:
    """The buckets of one process; the least recently used are forgotten beyond `MAX_BUCKETS`.

    A token counts as a caller of its own once it has opened the door; until then its address pays, so that
    guessing tokens buys nothing.
    """

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._known: OrderedDict[str, int] = OrderedDict()

    def welcome(self, token: str, *, now_ms: int) -> None:
        """Remember that `token` opened the door."""
        self._known[_digest(token)] = now_ms
        self._known.move_to_end(_digest(token))
        if len(self._known) > MAX_BUCKETS:
            self._known.popitem(last=False)

    def is_open(self, token: str, *, now_ms: int) -> bool:
        """Whether `token` opened the door a moment ago."""
        opened = self._known.get(_digest(token))
        return opened is not None and 0 <= now_ms - opened < OPEN_MS

    def forget(self, token: str) -> None:
        """A token that opens nothing (any more) is a stranger's."""
        self._known.pop(_digest(token), None)

    def take(self, token: str, address: str, *, known: Quota, stranger: Quota, now_ms: int) -> Verdict:
        """The verdict on one request."""
        is_known = _digest(token) in self._known
        key, quota = (_digest(token), known) if is_known else (f"address {address}", stranger)
        bucket = self._buckets.setdefault(key, Bucket(quota.burst * 60_000, now_ms))
        self._buckets.move_to_end(key)
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets.popitem(last=False)
        return bucket.take(quota, now_ms)


def _digest(token: str) -> str:
    """Tokens are not kept, not even in memory."""
    return hashlib.sha256(token.encode()).hexdigest()
