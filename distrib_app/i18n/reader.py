"""Who reads a text: the language, and how figures are written in it."""

from ..core.kernel.access import AUTO


class Reader(str):
    """A language that also knows how its reader wants figures and currencies written.

    It goes wherever a language goes; a plain language stands for what is usual in it.
    """

    numbers: str
    currency: str

    def __new__(cls, language: str, *, numbers: str = AUTO, currency: str = "symbol") -> "Reader":
        """`numbers` and `currency` are values of `kernel.access.CHOICES`."""
        reader = super().__new__(cls, language)
        reader.numbers = numbers
        reader.currency = currency
        return reader


def manner(language: str) -> Reader:
    """How the reader of a text wants figures written."""
    return language if isinstance(language, Reader) else Reader(language)
