"""How long stock lasts: weeks of cover, and the word for it. Pure."""

from enum import StrEnum

from ..kernel.money import divide

# weeks of issues that say how much goes out in one
WEEKS = 13


class Cover(StrEnum):
    """What weeks of cover mean."""

    OUT = "out"
    SHORT = "short"
    FINE = "fine"
    HIGH = "high"
    MUCH = "much"
    IDLE = "idle"
    NONE = "none"


# the first cover in tenths of a week that is no longer called so
_BELOW = ((20, Cover.SHORT), (80, Cover.FINE), (160, Cover.HIGH))


def cover_tenths(on_hand: int, issued: int) -> int | None:
    """Weeks that stock lasts, in tenths: on hand ÷ (what went out in 13 weeks ÷ 13).

    None where nothing goes out: then no time is long enough.
    """
    return divide(on_hand * WEEKS * 10, issued) if issued > 0 else None


def cover_of(on_hand: int, issued: int) -> Cover:
    """The word: under 2 weeks short, under 8 fine, under 16 high, then much; idle where nothing goes out."""
    if on_hand <= 0:
        return Cover.OUT if issued > 0 else Cover.NONE
    tenths = cover_tenths(on_hand, issued)
    if tenths is None:
        return Cover.IDLE
    return next((word for limit, word in _BELOW if tenths < limit), Cover.MUCH)
