"""One page of a list: rows, how many there are in all, and which window this is."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from .errors import InvalidError

Item = TypeVar("Item")
MAX_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Rows `[offset, offset + limit)` of `total`."""

    rows: tuple[Item, ...]
    total: int
    offset: int
    limit: int


def check_window(offset: int, limit: int) -> None:
    """Refuse a window that no list serves."""
    if offset < 0:
        raise InvalidError(field="offset", reason=str(offset))
    if not 1 <= limit <= MAX_PAGE:
        raise InvalidError(field="limit", reason=f"{limit} ∉ 1–{MAX_PAGE}")
