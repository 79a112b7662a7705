"""Why the numbers of a stock record are what they are: pure; all steps end in the number as it is shown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..kernel.errors import msg
from ..kernel.explain import Step, Why


@dataclass(frozen=True, slots=True)
class UnfitLot:
    """What lies of a lot that may not be shipped any more."""

    code: str
    expires_on: date
    qty: int


@dataclass(frozen=True, slots=True)
class Reported:
    """What was reported for a day, and what the books say of its end."""

    qty: int
    calculated_qty: int
    counted_on: date
    document: str


@dataclass(frozen=True, slots=True)
class StockFigures:
    """What the numbers of one balance on `day` rest on.

    `received_qty` is what came, less what went back; `unfit` is None where no lots are kept, `min_life_days`
    what must be left at shipping.
    """

    received_qty: int
    on_hand_qty: int
    reserved_qty: int
    unfit: Sequence[UnfitLot] | None
    min_life_days: int
    reported: Reported | None
    day: date

    @property
    def unfit_qty(self) -> int:
        """What is not to be promised any more."""
        return sum(lot.qty for lot in self.unfit or ())

    @property
    def available_qty(self) -> int:
        """What can be promised, never below zero."""
        return max(0, self.on_hand_qty - self.reserved_qty - self.unfit_qty)


def whys_of_stock(figures: StockFigures) -> dict[str, Why]:
    """Why each number of a balance is what it is, by its name on the record."""
    on_hand = (
        Step(msg("Received, less what went back to suppliers"), {}, str(figures.received_qty)),
        Step(
            msg("Left since: shipped, counted or written off"),
            {},
            str(figures.on_hand_qty - figures.received_qty),
        ),
        Step(msg("On hand: the sum of all movements"), {}, str(figures.on_hand_qty)),
    )
    taken = [Step(msg("Reserved for orders"), {}, str(-figures.reserved_qty))]
    unreserved = figures.on_hand_qty - figures.reserved_qty
    found = {
        "on_hand": Why(msg("On hand"), {}, on_hand),
        "free": Why(
            msg("On hand less reserved"),
            {},
            (*on_hand, *taken, Step(msg("On hand less reserved"), {}, str(unreserved))),
        ),
    }
    if figures.unfit is not None:
        text, facts = (
            msg("Expired, or fewer than {days} days left: not to be promised"),
            {"days": figures.min_life_days},
        )
        taken.append(Step(text, facts, str(-figures.unfit_qty)))
        found["unfit"] = Why(msg("Not to be shipped any more"), {}, _unfit(figures.unfit, text, facts))
    free = Step(msg("Available, never below zero"), {}, str(figures.available_qty))
    found["available"] = Why(msg("Available"), {}, (*on_hand, *taken, free))
    if figures.reported is not None:
        found |= _of_report(figures.reported, figures.day)
    return found


def reserved_why(reserved_qty: int, documents: Mapping[str, int]) -> Why:
    """For which documents so much is reserved; `documents` is what the movements of each add up to.

    An order reserves under its own number, and its parts take that away under theirs (`SO-7-1`) when they
    leave.
    """
    held: Counter[str] = Counter()
    for document, qty in documents.items():
        whole = document.rpartition("-")[0]
        held[whole if whole in documents else document] += qty
    steps = [
        Step(msg("Reserved for {document}"), {"document": document}, str(qty))
        for document, qty in sorted(held.items())
        if qty
    ]
    total = Step(msg("Reserved: the sum of all movements"), {}, str(reserved_qty))
    return Why(msg("Reserved"), {}, (*steps, total))


def _unfit(lots: Sequence[UnfitLot], text: str, facts: Mapping[str, int]) -> tuple[Step, ...]:
    steps = [
        Step(
            msg("Lot {lot}, good until {day}"),
            {"lot": lot.code, "day": lot.expires_on.isoformat()},
            str(lot.qty),
        )
        for lot in lots
    ]
    return (*steps, Step(text, facts, str(sum(lot.qty for lot in lots))))


def _of_report(reported: Reported, today: date) -> dict[str, Why]:
    gap = reported.qty - reported.calculated_qty
    counted = Step(
        msg("Reported for {day} ({document})"),
        {"day": reported.counted_on.isoformat(), "document": reported.document},
        str(reported.qty),
    )
    booked = Step(
        msg("In the books at the end of {day}"),
        {"day": reported.counted_on.isoformat()},
        str(reported.calculated_qty),
    )
    missing = Step(msg("Gap: reported less calculated"), {}, f"{gap:+d}" if gap else "0")
    age = (
        Step(msg("Counted on"), {}, reported.counted_on.isoformat()),
        Step(msg("Today"), {}, today.isoformat()),
        Step(msg("Days since then"), {}, str((today - reported.counted_on).days)),
    )
    return {
        "reported": Why(msg("Reported"), {}, (counted,)),
        "calculated": Why(msg("In the books on that day"), {}, (booked,)),
        "gap": Why(msg("Gap"), {}, (counted, booked, missing)),
        "age": Why(msg("Age of the report (days)"), {}, age),
    }
