"""Refusals of the catalogue."""

from ..kernel.errors import InvalidError, msg


class BarcodeError(InvalidError):
    """The barcode's length or check digit is wrong."""

    code = "barcode"
    template = msg("{barcode} is not a GTIN: 8, 12, 13 or 14 digits with a correct check digit.")
