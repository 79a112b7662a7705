"""Refusals of the price book."""

from ..kernel.errors import InvalidError, msg


class PriceScopeError(InvalidError):
    """The buyer columns don't fit the buyer scope."""

    code = "price_scope"
    template = msg("A price for {scope} names {wanted}, not {given}.")


class PriceValueError(InvalidError):
    """A unit price is a positive amount of at most six decimals."""

    code = "price_value"
    template = msg("{price} is not a price: above 0, at most six decimals, below {most}.")
