"""Refusals of the orders floor."""

from collections.abc import Sequence

from ..accounts import Reason
from ..kernel.errors import ConflictError, DomainError, ForbiddenError, msg


class OrderRefusedError(DomainError):
    """The order cannot be placed; `reasons` holds every reason, not just the first."""

    code = "order_refused"
    template = msg("The order was refused: {reasons}")

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(reasons=" ".join(reason.text.format(**reason.facts) for reason in reasons))


class StillHeldError(DomainError):
    """What held the order still does; `reasons` holds every reason, and the order keeps waiting."""

    code = "still_held"
    status = 409
    template = msg("The order is still held: {reasons}")

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(reasons=" ".join(reason.text.format(**reason.facts) for reason in reasons))


class NotYourBuyerError(ForbiddenError):
    """Orders are placed by the buyer's own people."""

    code = "not_your_buyer"
    template = msg("You do not buy for {buyer}; only its own staff may order.")


class NotYourOrderError(ForbiddenError):
    """The order can be seen, but this is for another party to do."""

    code = "not_your_order"
    template = msg("Order {order} is not yours to {verb}.")


class ReusedKeyError(ConflictError):
    """An idempotency key came again with other content; nothing was recorded."""

    code = "reused_key"
    template = msg("The key {key} was used for {document} with other content; nothing was recorded.")


class ReturnQuantityError(DomainError):
    """More would come back than is out."""

    code = "return_quantity"
    template = msg("Line {line} ({sku}): {wanted} to return, at most {returnable} can come back.")


class NotBesideError(DomainError):
    """Cold goods travel with cold goods only."""

    code = "not_beside"
    template = msg("Of {first} and {second} only one must be kept cold; they cannot leave together.")


class NotTogetherError(DomainError):
    """Parts that do not lie at one place or go to one receiver cannot share a shipment."""

    code = "not_together"
    template = msg("{first} and {second} have not the same place and receiver; they cannot leave together.")


class RatingClosedError(ConflictError):
    """An order is rated once it has arrived, and the rating changed within a day."""

    code = "rating_closed"
    template = msg("{order} cannot be rated now: only after its delivery, and changed for one day.")


class ShortageError(DomainError):
    """More is said to be missing than was on its way, or a line is none of the delivery."""

    code = "shortage_quantity"
    template = msg("Line {line}: {wanted} said to be missing, {arriving} were on their way.")


class FedAlreadyError(ConflictError):
    """A transfer is under way for the part already."""

    code = "fed_already"
    template = msg("{transfer} brings goods for {part} already.")


class NoSupplierError(DomainError):
    """Nobody the company has an account with sells the SKU to it."""

    code = "no_supplier"
    template = msg("Nobody sells {sku} to {buyer}: there is no trading account with a price for it.")


class PastedLineError(DomainError):
    """A pasted row is no SKU code with a whole number behind it; nothing of what was pasted was taken."""

    code = "pasted_line"
    template = msg("Row {row}, “{text}”: a SKU code and a whole number are expected. No row was taken.")
