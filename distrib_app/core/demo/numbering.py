"""Document numbers of the demo: counted per kind and day, in the order things happened."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from .books import Books
from .timeline import Timeline
from .trade import OrderPlan


class Numbers:
    """Gives out `SO-20261123-0001` and remembers the last number of each kind and day."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self.last: Counter[tuple[str, date]] = Counter()

    def next(self, kind: str, second: int) -> str:
        """The next number of a kind on the business day of `second`."""
        day = self._timeline.day(second)
        self.last[kind, day] += 1
        return f"{kind}-{day:%Y%m%d}-{self.last[kind, day]:04d}"


def number_orders(orders: Sequence[OrderPlan], numbers: Numbers) -> None:
    """Orders, shipments with their invoices, returns with their credit notes."""
    for order in orders:
        order.number = numbers.next("SO", order.placed)
    for second, order in sorted(
        ((order.shipped, order) for order in orders if order.shipped is not None), key=_first
    ):
        order.shipment_number = numbers.next("SH", second)
        order.invoice_number = numbers.next("IN", second)
    for second, returned in sorted(
        ((order.returned.second, order.returned) for order in orders if order.returned), key=_first
    ):
        returned.number = numbers.next("RT", second)
        returned.credit_number = numbers.next("CN", second)


def number_receipts(books: Books, numbers: Numbers, *, first_id: int) -> None:
    """Receipts, in the order money came in."""
    for position, receipt in enumerate(books.receipts):
        receipt.id = first_id + position
        receipt.number = numbers.next("RC", receipt.second)


def _first(pair: tuple[int, object]) -> int:
    return pair[0]
