"""The demo's books: invoices and credit notes, weekly payments by each partner's conduct, credit limits."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ..accounts.models import InvoiceKind, ReceiptMethod
from ..kernel.money import TaxSplit
from .demand import Account
from .network import HOME_PROVINCE, Conduct
from .timeline import DAY, HOUR, Timeline
from .trade import OrderPlan

RUN_EVERY = 7  # days between two payment runs of a partner
PAY_AT = 10 * HOUR
# A partner in trouble stopped paying so many days before the end.
STOPPED_PAYING = {Conduct.OVERDUE: 110, Conduct.SUSPENDED: 130}
LIMIT_STEP = 1_000_000  # 10,000 yuan
LEAST_LIMIT = 10 * LIMIT_STEP


@dataclass(slots=True, eq=False)
class InvoicePlan:
    """An invoice, or a credit note (negative amounts); `open_amount` is what is left of it."""

    id: int
    kind: InvoiceKind
    order: OrderPlan
    second: int
    due_on: date
    amount: TaxSplit
    open_amount: int

    @property
    def number(self) -> str:
        """The document's number."""
        if self.kind is InvoiceKind.INVOICE:
            return self.order.invoice_number
        assert self.order.returned is not None
        return self.order.returned.credit_number


@dataclass(slots=True, eq=False)
class ReceiptPlan:
    """Money that came in."""

    account: Account
    second: int
    amount: int
    method: ReceiptMethod
    number: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class ApplicationPlan:
    """A part of a receipt or a credit note applied to an invoice."""

    account: Account
    second: int
    invoice: InvoicePlan
    amount: int
    receipt: ReceiptPlan | None = None
    credit_note: InvoicePlan | None = None


@dataclass(slots=True)
class Books:
    """Everything the accounts hold; `commitments` are gross amounts of open orders."""

    invoices: list[InvoicePlan]
    receipts: list[ReceiptPlan] = field(default_factory=list)
    applications: list[ApplicationPlan] = field(default_factory=list)
    commitments: list[tuple[OrderPlan, int]] = field(default_factory=list)


def keep_books(
    accounts: Sequence[Account], orders: Sequence[OrderPlan], timeline: Timeline, *, first_invoice_id: int
) -> Books:
    """Invoice what shipped, credit what came back, take in what each partner pays; sets credit limits."""
    invoices = sorted(_documents(orders, timeline), key=lambda invoice: invoice.second)
    by_account: dict[int, list[InvoicePlan]] = defaultdict(list)
    for position, invoice in enumerate(invoices):
        invoice.id = first_invoice_id + position
        by_account[invoice.order.account.id].append(invoice)
    books = Books(invoices)
    committed: dict[int, int] = defaultdict(int)
    for order in orders:
        if order.shipped is None:
            books.commitments.append((order, order.amount.gross))
            committed[order.account.id] += order.amount.gross
    for account in accounts:
        keeper = _AccountKeeper(account, timeline, books)
        keeper.run(by_account[account.id])
        account.limit_amount = _limit(account, keeper, committed[account.id])
    books.receipts.sort(key=lambda receipt: (receipt.second, receipt.account.id))
    books.applications.sort(key=lambda application: application.second)
    return books


def _documents(orders: Iterable[OrderPlan], timeline: Timeline) -> Iterator[InvoicePlan]:
    for order in orders:
        if order.shipped is None:
            continue
        due = timeline.day(order.shipped) + timedelta(days=order.account.terms_days)
        amount = order.amount
        yield InvoicePlan(0, InvoiceKind.INVOICE, order, order.shipped, due, amount, amount.gross)
        if order.returned is not None:
            refund = order.refund
            negative = TaxSplit(-refund.net, -refund.tax, -refund.gross)
            second = order.returned.second
            issued = timeline.day(second)
            yield InvoicePlan(0, InvoiceKind.CREDIT_NOTE, order, second, issued, negative, refund.gross)


class _AccountKeeper:
    """One account through time: open invoices oldest due first, credit not used yet, the peak of the debt."""

    def __init__(self, account: Account, timeline: Timeline, books: Books) -> None:
        self.account, self.timeline, self.books = account, timeline, books
        self.open: deque[InvoicePlan] = deque()
        self.credits: deque[InvoicePlan] = deque()
        self.debt = self.peak = 0

    def run(self, documents: Sequence[InvoicePlan]) -> None:
        """Documents and payment runs in time order."""
        runs = self._runs()
        run = next(runs, None)
        for document in documents:
            while run is not None and run < document.second:
                self._pay(run)
                run = next(runs, None)
            self.debt += document.amount.gross
            self.peak = max(self.peak, self.debt)
            if document.kind is InvoiceKind.INVOICE:
                self.open.append(document)
                while self.credits and document.open_amount:
                    self._use(self.credits[0], document, document.second)
                    if not self.credits[0].open_amount:
                        self.credits.popleft()
            else:
                self._credit(document)
            self._forget_paid()
        while run is not None:
            self._pay(run)
            run = next(runs, None)

    def _runs(self) -> Iterator[int]:
        stop = len(self.timeline.days) - STOPPED_PAYING.get(self.account.buyer.conduct, 0)
        for day in range(self.account.id % RUN_EVERY, stop, RUN_EVERY):
            if day * DAY + PAY_AT <= self.timeline.end:
                yield day * DAY + PAY_AT

    def _credit(self, note: InvoicePlan) -> None:
        own = [invoice for invoice in self.open if invoice.order is note.order]
        for invoice in own + [invoice for invoice in self.open if invoice.order is not note.order]:
            if not note.open_amount:
                break
            self._use(note, invoice, note.second)
        if note.open_amount:
            self.credits.append(note)

    def _use(self, note: InvoicePlan, invoice: InvoicePlan, second: int) -> None:
        part = min(note.open_amount, invoice.open_amount)
        if part:
            note.open_amount -= part
            invoice.open_amount -= part
            self.books.applications.append(
                ApplicationPlan(self.account, second, invoice, part, credit_note=note)
            )

    def _forget_paid(self) -> None:
        while self.open and not self.open[0].open_amount:
            self.open.popleft()

    def _pay(self, second: int) -> None:
        """Pay, oldest due first, what this partner's conduct makes it pay now."""
        today = self.timeline.day(second)
        paid = []
        for invoice in self.open:
            if today < invoice.due_on + timedelta(days=self._delay(invoice)):
                break
            if invoice.open_amount:
                paid.append(invoice)
        if not paid:
            return
        amount = sum(invoice.open_amount for invoice in paid)
        cash = self.account.buyer.tier == "outlet" and amount < LIMIT_STEP
        method = ReceiptMethod.CASH if cash else ReceiptMethod.TRANSFER
        receipt = ReceiptPlan(self.account, second, amount, method)
        self.books.receipts.append(receipt)
        for invoice in paid:
            self.books.applications.append(
                ApplicationPlan(self.account, second, invoice, invoice.open_amount, receipt=receipt)
            )
            invoice.open_amount = 0
        self.debt -= amount
        self._forget_paid()

    def _delay(self, invoice: InvoicePlan) -> int:
        """Days after the due day from which it is paid; the prompt pay what is due before their next run."""
        conduct = self.account.buyer.conduct
        if conduct is Conduct.LATE:
            return 20 + invoice.id % 25
        if conduct is Conduct.CASUAL and invoice.id % 6 == 0:
            return 3
        return 1 - RUN_EVERY


def _limit(account: Account, keeper: _AccountKeeper, committed: int) -> int:
    """A limit above the peak of the debt; partners in trouble are already above theirs."""
    if account.buyer.conduct in STOPPED_PAYING:
        return max(LIMIT_STEP, keeper.debt * 8 // 10 // LIMIT_STEP * LIMIT_STEP)
    province = account.buyer.province
    generous = 30 if province is not None and province.letters == HOME_PROVINCE else 14
    wanted = (keeper.peak + committed) * generous // 10
    return max(LEAST_LIMIT, -(-wanted // LIMIT_STEP) * LIMIT_STEP)
