"""Refusals of the accounts floor."""

from ..kernel.errors import ConflictError, DomainError, InvalidError, msg


class NotYourSellerError(DomainError):
    """Only the seller's own people, or the brand's, act for a seller."""

    code = "not_your_seller"
    status = 403
    template = msg("You do not act for {seller}; only its own staff or the brand's may do this.")


class AccountExistsError(ConflictError):
    """A seller and a buyer have one trading account."""

    code = "account_exists"
    template = msg("{seller} and {buyer} have a trading account already.")


class ReusedKeyError(ConflictError):
    """An idempotency key came again with other facts; nothing was recorded."""

    code = "reused_key"
    template = msg("The key {key} was used for another receipt already; nothing was recorded.")


class InvoiceLinesError(InvalidError):
    """The lines of an invoice or credit note contradict themselves."""

    code = "invoice_lines"
    template = msg("Line {line} of the document for {document} cannot be invoiced: {reason}")
