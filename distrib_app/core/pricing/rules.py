"""Pure rules of the price book: which row holds for a buyer on a day, as known at an instant, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ..kernel.clock import Period
from ..kernel.errors import msg
from ..kernel.explain import Step
from ..kernel.money import MILLION, price_to_micros

# Most specific first; first in precedence first. The words are those the price book stores.
SCOPES = ("partner", "tier_in_region", "region", "tier", "all")
KINDS = ("special", "promotion", "base")
SCOPE_NAMES = {
    "partner": msg("this partner"),
    "tier_in_region": msg("a tier in a region"),
    "region": msg("a region"),
    "tier": msg("a tier"),
    "all": msg("all buyers"),
}
# What a row of each scope must name.
SCOPE_COLUMNS: dict[str, frozenset[str]] = {
    "partner": frozenset({"buyer"}),
    "tier_in_region": frozenset({"tier", "region"}),
    "region": frozenset({"region"}),
    "tier": frozenset({"tier"}),
    "all": frozenset(),
}


@dataclass(frozen=True, slots=True)
class PriceCandidate:
    """A row of the seller's price book for one SKU; valid `[valid_from, valid_to)`."""

    row_id: int
    unit_price: Decimal
    is_gross: bool
    kind: str
    buyer_scope: str
    buyer_id: int | None
    tier_id: int | None
    region_path: str
    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    channel: str
    currency: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BuyerFacts:
    """What a price looks at in a buyer."""

    partner_id: int
    tier_id: int
    region_path: str


@dataclass(frozen=True, slots=True)
class RejectedPrice:
    """A row that does not decide, and why (a message of the catalogue with its facts)."""

    row_id: int
    unit_price: Decimal
    kind: str
    buyer_scope: str
    why: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PriceDecision:
    """The price a buyer pays, the row it comes from, and how it was found."""

    unit_price: Decimal
    is_gross: bool
    kind: str
    row_id: int
    currency: str
    steps: tuple[Step, ...]
    rejected: tuple[RejectedPrice, ...]


@dataclass(frozen=True, slots=True)
class PriceSegment:
    """A stretch of days `[valid_from, valid_to)` on which one row decides."""

    valid_from: date
    valid_to: date | None
    decision: PriceDecision


@dataclass(frozen=True, slots=True)
class PriceWarning:
    """From `day` on a partner's own price is above what it would pay without one."""

    day: date
    unit_price: Decimal
    tier_price: Decimal


def price_text(price: Decimal) -> str:
    """A unit price as plain text without needless zeros: 95.000000 → 95."""
    return format(price.normalize(), "f")


def resolve_price(
    candidates: Sequence[PriceCandidate],
    *,
    buyer: BuyerFacts,
    day: date,
    known_at: datetime | None = None,
    channel: str = "offline",
) -> PriceDecision | None:
    """The price that holds for `buyer` on `day`, or None where no row does.

    Most specific buyer scope first (partner > tier in the nearest region > nearest region > tier > all);
    then special > promotion > base; then the later recorded. With `known_at` only what was recorded by
    then is known. Source: domain rules, "Catalogue and pricing".
    """
    fit: list[PriceCandidate] = []
    rejected: list[RejectedPrice] = []
    for candidate in candidates:
        why = _unfit(candidate, buyer, day, known_at, channel)
        if why is None:
            fit.append(candidate)
        else:
            rejected.append(_reject(candidate, why))
    if not fit:
        return None
    fit.sort(key=_rank, reverse=True)
    best = fit[0]
    rejected[:0] = [_reject(loser, *_why_beaten(loser, best)) for loser in fit[1:]]
    steps = (
        Step(
            msg("{fit} of {looked_at} price rows hold for this buyer on {day}"),
            {"fit": len(fit), "looked_at": len(candidates), "day": day.isoformat(), "channel": channel},
        ),
        Step(
            msg("The most specific buyer scope is {scope}"),
            {"scope": SCOPE_NAMES[best.buyer_scope], "region": best.region_path},
        ),
        Step(msg("Special goes before promotion before base: {kind}"), {"kind": best.kind}),
        Step(
            msg("Unit price, valid from {valid_from}, recorded {recorded_at}"),
            {
                "valid_from": best.valid_from.isoformat(),
                "valid_to": best.valid_to.isoformat() if best.valid_to else None,
                "recorded_at": best.recorded_at.isoformat(),
                "row": best.row_id,
                "is_gross": best.is_gross,
                "reason": best.reason,
            },
            f"{price_text(best.unit_price)} {best.currency}",
        ),
    )
    return PriceDecision(
        unit_price=best.unit_price,
        is_gross=best.is_gross,
        kind=best.kind,
        row_id=best.row_id,
        currency=best.currency,
        steps=steps,
        rejected=tuple(rejected),
    )


def price_segments(
    candidates: Sequence[PriceCandidate],
    *,
    buyer: BuyerFacts,
    period: Period,
    known_at: datetime | None = None,
    channel: str = "offline",
) -> list[PriceSegment]:
    """How the price moved inside `period`: one segment per deciding row, gaps where none holds."""
    starts = change_days(candidates, period.start, period.end)
    segments: list[PriceSegment] = []
    for start, end in zip(starts, [*starts[1:], period.end], strict=True):
        decision = resolve_price(candidates, buyer=buyer, day=start, known_at=known_at, channel=channel)
        if decision is None or start == end:
            continue
        last = segments[-1] if segments else None
        if last is not None and last.valid_to == start and last.decision.row_id == decision.row_id:
            segments[-1] = PriceSegment(last.valid_from, end, last.decision)
        else:
            segments.append(PriceSegment(start, end, decision))
    return segments


def find_warning(
    candidates: Sequence[PriceCandidate],
    *,
    buyer: BuyerFacts,
    since: date,
    until: date | None,
    row_id: int,
    channel: str,
    tax_ppm: int,
) -> PriceWarning | None:
    """The first day in `[since, until)` on which row `row_id` puts the buyer's own price above its tier's.

    The tier's price is what the buyer would pay without rows of its own. Both are compared tax included,
    exactly.
    """
    general = [candidate for candidate in candidates if candidate.buyer_scope != "partner"]
    for day in change_days(candidates, since, until):
        own = resolve_price(candidates, buyer=buyer, day=day, channel=channel)
        tier = resolve_price(general, buyer=buyer, day=day, channel=channel)
        if own is None or tier is None or row_id not in (own.row_id, tier.row_id):
            continue
        if _comparable(own, tax_ppm) > _comparable(tier, tax_ppm):
            return PriceWarning(day, own.unit_price, tier.unit_price)
    return None


def change_days(candidates: Iterable[PriceCandidate], since: date, until: date | None) -> list[date]:
    """`since` and every day in `[since, until)` on which a row begins or ends, ascending."""
    last = until or date.max
    days = {since}
    for candidate in candidates:
        days |= {day for day in (candidate.valid_from, candidate.valid_to) if day and since < day < last}
    return sorted(days)


def scope_problem(buyer_scope: str, given: frozenset[str]) -> bool:
    """Whether the named columns are not exactly those the scope asks for."""
    return SCOPE_COLUMNS[buyer_scope] != given


def _unfit(
    candidate: PriceCandidate, buyer: BuyerFacts, day: date, known_at: datetime | None, channel: str
) -> str | None:
    if candidate.channel != channel:
        return msg("it is for the other channel")
    if not _concerns(candidate, buyer):
        return msg("it is for other buyers")
    if known_at is not None and candidate.recorded_at > known_at:
        return msg("it was not recorded yet")
    if day < candidate.valid_from:
        return msg("it is not valid yet")
    if candidate.valid_to is not None and day >= candidate.valid_to:
        return msg("it is no longer valid")
    return None


def _concerns(candidate: PriceCandidate, buyer: BuyerFacts) -> bool:
    names = SCOPE_COLUMNS[candidate.buyer_scope]
    return (
        ("buyer" not in names or candidate.buyer_id == buyer.partner_id)
        and ("tier" not in names or candidate.tier_id == buyer.tier_id)
        and ("region" not in names or _lies_in(buyer.region_path, candidate.region_path))
    )


def _lies_in(path: str, region_path: str) -> bool:
    return region_path != "" and path.startswith(region_path)


def _rank(candidate: PriceCandidate) -> tuple[int, int, int, datetime, int]:
    """Greater is better. Region paths end with `/` per level, so more of them is nearer."""
    return (
        -SCOPES.index(candidate.buyer_scope),
        candidate.region_path.count("/"),
        -KINDS.index(candidate.kind),
        candidate.recorded_at,
        candidate.row_id,
    )


def _why_beaten(loser: PriceCandidate, best: PriceCandidate) -> tuple[str, dict[str, Any]]:
    lost, won = _rank(loser), _rank(best)
    if lost[0] != won[0]:
        return msg("a price for {scope} is more specific"), {"scope": SCOPE_NAMES[best.buyer_scope]}
    if lost[1] != won[1]:
        return msg("a price for a nearer region is more specific"), {}
    if lost[2] != won[2]:
        return msg("{winner} goes before {loser}"), {"winner": best.kind, "loser": loser.kind}
    return msg("a later record replaces it"), {"recorded_at": best.recorded_at.isoformat()}


def _reject(candidate: PriceCandidate, why: str, facts: dict[str, Any] | None = None) -> RejectedPrice:
    return RejectedPrice(
        candidate.row_id, candidate.unit_price, candidate.kind, candidate.buyer_scope, why, facts or {}
    )


def _comparable(decision: PriceDecision, tax_ppm: int) -> int:
    """The tax-included price in millionths of millionths, so that gross and net prices compare exactly."""
    return price_to_micros(decision.unit_price) * (MILLION if decision.is_gross else MILLION + tax_ppm)
