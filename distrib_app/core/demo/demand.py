"""Who buys from whom, how much, and on which days: the demand behind the demo's orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from ..kernel.errors import InvalidError
from ..kernel.money import allocate, divide
from .assortment import CATEGORIES
from .network import HOME_PROVINCE, Conduct, NetworkDraft, Party
from .timeline import Month, Timeline

# Yuan that all partners without buyers of their own (the channel's last stops) buy in an average month.
MONTHLY_DEMAND = 120_000_000
GROWTH_PERCENT = 8
LINES_PER_ORDER = 5
# How often a tier orders, and how much a last stop of that tier takes.
_FREQUENCY = {"province": 60, "city": 18, "county": 12, "outlet": 4}
_LAST_STOP, _SECOND_SOURCE = 5, 8
_APPETITE = {"city": 24, "county": 10, "outlet": 4}
_TERMS = {"province": (30, 45), "city": (30,), "county": (15, 30), "outlet": (7, 15)}
# Partners in trouble place no orders in their last months.
_SILENT_MONTHS = {Conduct.OVERDUE: 2, Conduct.SUSPENDED: 3}
_EARLY_DAYS = 8


@dataclass(slots=True, eq=False)
class Account:
    """A trading account of the plan. `demand` is in yuan per average month, 0 for resellers."""

    id: int
    seller: Party
    buyer: Party
    terms_days: int
    frequency: int
    demand: int = 0
    limit_amount: int = 0

    @property
    def is_direct(self) -> bool:
        """Whether the brand is the seller."""
        return self.seller.parent is None


@dataclass(frozen=True, slots=True, order=True)
class OrderSlot:
    """An order to be filled: when, on which account, how many lines of about which value in yuan."""

    second: int
    account_index: int
    size: int
    line_value: int
    is_early: bool


def plan_accounts(network: NetworkDraft, *, first_id: int, rng: Random) -> list[Account]:
    """A trading account for every buyer with its supplier, and with the brand where it buys direct."""
    accounts: list[Account] = []
    for party in network.parties[1:]:
        assert party.parent is not None
        sellers = [party.parent] + [network.brand] * (party.is_direct and party.parent is not network.brand)
        for position, seller in enumerate(sellers):
            frequency = _FREQUENCY[party.tier] if party.sells else min(_LAST_STOP, _FREQUENCY[party.tier])
            if position:
                frequency = _SECOND_SOURCE
            terms = rng.choice(_TERMS[party.tier])
            accounts.append(Account(first_id + len(accounts), seller, party, terms, frequency))
    _share_demand(accounts, rng)
    return accounts


def _share_demand(accounts: Sequence[Account], rng: Random) -> None:
    stops: dict[str, list[Account]] = {}
    weights: dict[str, int] = {}
    for account in accounts:
        province = account.buyer.province
        assert province is not None
        weights[province.letters] = province.weight
        if not account.buyer.sells:
            stops.setdefault(province.letters, []).append(account)
    demand = allocate(MONTHLY_DEMAND, [weights[letters] for letters in stops])
    for amount, group in zip(demand, stops.values(), strict=True):
        appetite = [_APPETITE[account.buyer.tier] * rng.randrange(600, 1_600) for account in group]
        for account, part in zip(group, allocate(amount, appetite), strict=True):
            account.demand = part


def month_factor(month: Month) -> int:
    """Season × growth × part of the month traded, in ‰ of an average month of the first year."""
    season = sum(category.share * category.season[month.number - 1] for category in CATEGORIES)
    growth = 1_000 + GROWTH_PERCENT * 10 * month.index // 12
    return divide(season * growth * month.day_count, 100 * 1_000 * month.calendar_days)


def activity(conduct: Conduct, month: Month, month_count: int) -> int:
    """How lively a partner is in a month, in ‰."""
    months_left = month_count - 1 - month.index
    if months_left < _SILENT_MONTHS.get(conduct, 0):
        return 0
    if conduct is Conduct.SHRINKING and months_left < 9:
        return 250 + 80 * months_left
    return 1_000


def plan_slots(
    accounts: Sequence[Account], timeline: Timeline, *, lines: int, rng: Random
) -> list[OrderSlot]:
    """All orders in time order; their sizes add up to exactly `lines`.

    A direct buyer orders at least once a month, early enough to be served in it; partners that will be in
    debt order every month until they fall silent. Raises `InvalidError` when `lines` is too small for that.
    """
    cells = [(index, month) for index in range(len(accounts)) for month in timeline.months]
    levels = [
        month_factor(month) * activity(accounts[index].buyer.conduct, month, len(timeline.months))
        for index, month in cells
    ]
    minimum = [
        int(accounts[index].is_direct or (accounts[index].buyer.conduct in _SILENT_MONTHS and level > 0))
        for (index, _), level in zip(cells, levels, strict=True)
    ]
    if lines < sum(minimum):
        raise InvalidError(field="lines", reason=f"{lines} < {sum(minimum)}")
    weights = [
        accounts[index].frequency * level * rng.randrange(700, 1_300)
        for (index, _), level in zip(cells, levels, strict=True)
    ]
    slots: list[OrderSlot] = []
    extra = allocate(lines - sum(minimum), weights)
    for (index, month), least, more, level in zip(cells, minimum, extra, levels, strict=True):
        if least + more:
            value = accounts[index].demand * level // (1_000_000 * (least + more))
            slots += _split(index, accounts[index], month, least + more, value, timeline=timeline, rng=rng)
    return sorted(slots)


def _split(
    index: int, account: Account, month: Month, count: int, value: int, *, timeline: Timeline, rng: Random
) -> list[OrderSlot]:
    """The orders of an account in a month. Where the demo users work, the last one is from these days."""
    province = account.buyer.province
    is_last_month = month.index == len(timeline.months) - 1
    is_fresh = is_last_month and province is not None and province.letters == HOME_PROVINCE
    orders = max(1, divide(count, LINES_PER_ORDER))
    slots = []
    for position, size in enumerate(allocate(count, [1] * orders)):
        is_early = account.is_direct and position == 0
        span = min(month.day_count, _EARLY_DAYS) if is_early else month.day_count
        day = month.first_day + rng.randrange(span)
        if timeline.days[day].weekday() > 4 and not is_early:  # fewer orders on weekends
            day = month.first_day + rng.randrange(span)
        if is_fresh and position == orders - 1 and not is_early:
            day = len(timeline.days) - 1 - rng.randrange(min(2, span))
        slots.append(OrderSlot(timeline.working_second(rng, day), index, size, value, is_early))
    return slots
