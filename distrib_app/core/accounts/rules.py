"""Pure rules of accounts: exposure against the limit, reasons to hold, and what money is applied to.

All amounts are minor units of the account's currency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..kernel.errors import InvalidError, msg
from ..kernel.explain import Step
from ..kernel.money import Money


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something may not go on: a stable code, and a message of the catalogue with its facts."""

    code: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a seller risks with a buyer: total = unpaid + open orders − unapplied, against the limit.

    `open_orders` is gross and holds until an order is invoiced (so it covers what is shipped but not yet
    invoiced); `unapplied` is cleared cash and credit notes that no invoice has used. A deposit is security,
    not purchasing power, and is no part of it. `overdue` is already inside `unpaid`.
    """

    unpaid: int
    overdue: int
    open_orders: int
    unapplied: int
    limit: int
    currency: str = "CNY"

    @property
    def total(self) -> int:
        """The amount at risk; negative when the buyer has paid ahead."""
        return self.unpaid + self.open_orders - self.unapplied

    @property
    def available(self) -> int:
        """What may still be ordered; negative above the limit."""
        return self.limit - self.total

    def text(self, amount: int) -> str:
        """`amount` as plain text with the currency."""
        return str(Money(self.currency, amount))

    def steps(self) -> tuple[Step, ...]:
        """How the available credit comes about."""
        return (
            Step(msg("Unpaid invoices"), {"overdue": self.text(self.overdue)}, self.text(self.unpaid)),
            Step(msg("Open orders, tax included"), {}, self.text(self.open_orders)),
            Step(msg("Cash and credit notes not applied yet"), {}, self.text(-self.unapplied)),
            Step(msg("Exposure"), {}, self.text(self.total)),
            Step(msg("Credit limit"), {}, self.text(self.limit)),
            Step(msg("Available credit"), {}, self.text(self.available)),
        )


def credit_reason(exposure: Exposure, order_gross: int) -> Reason | None:
    """Why an order of `order_gross` must be held for credit; exactly at the limit it passes."""
    if exposure.total + order_gross <= exposure.limit:
        return None
    return Reason(
        "credit_limit",
        msg("Exposure {exposure} plus this order {order} is above the credit limit {limit} by {excess}."),
        {
            "exposure": exposure.text(exposure.total),
            "order": exposure.text(order_gross),
            "limit": exposure.text(exposure.limit),
            "excess": exposure.text(order_gross - exposure.available),
        },
    )


def overdue_reason(exposure: Exposure) -> Reason | None:
    """Why orders are held while invoices are past their due day, however much credit is left."""
    if exposure.overdue <= 0:
        return None
    return Reason(
        "overdue", msg("Invoices of {amount} are overdue."), {"amount": exposure.text(exposure.overdue)}
    )


def uncovered_overdue(overdue: int, unapplied: int) -> int:
    """Overdue debt that no unapplied cash covers: the house applies to the oldest due first."""
    return max(0, overdue - max(0, unapplied))


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An invoice with something left to pay."""

    invoice_id: int
    number: str
    due_on: date
    open_amount: int


@dataclass(frozen=True, slots=True)
class Applied:
    """A part of a payment or credit that goes to one invoice."""

    invoice_id: int
    number: str
    amount: int


def apply_oldest(amount: int, open_items: Sequence[OpenItem], *, named: Sequence[str] = ()) -> list[Applied]:
    """Spread `amount` over open items: those named first (in the order named), then the oldest due.

    Never more than an item's open amount; what is left over stays unapplied. Items due on one day go in
    the order they were issued. Raises `InvalidError` for a negative amount.
    """
    if amount < 0:
        raise InvalidError(field="amount", reason=str(amount))
    rank = {number: position for position, number in enumerate(named)}
    applied: list[Applied] = []
    left = amount
    for item in sorted(
        open_items, key=lambda item: (rank.get(item.number, len(named)), item.due_on, item.invoice_id)
    ):
        part = min(left, item.open_amount)
        if part > 0:
            applied.append(Applied(item.invoice_id, item.number, part))
            left -= part
    return applied
