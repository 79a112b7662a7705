"""Refusals of the inventory floor."""

from ..kernel.errors import DomainError, ForbiddenError, msg


class InsufficientStockError(DomainError):
    """Less is available than was asked for; nothing moved."""

    code = "insufficient_stock"
    status = 409
    template = msg("{sku}: {wanted} wanted, {available} available.")


class NotStockedError(DomainError):
    """A service is sold but never kept in stock."""

    code = "not_stocked"
    template = msg("{sku} is a service and is not kept in stock.")


class NotYourLocationError(ForbiddenError):
    """Only the owner of a location moves its stock."""

    code = "not_your_location"
    template = msg("{location} belongs to another partner; only its owner moves stock there.")
