"""Refusals of the analytics floor."""

from ..kernel.errors import DomainError, msg


class FiguresHiddenError(DomainError):
    """A question whose answer would reveal a single partner's trade."""

    code = "figures_hidden"
    status = 403
    template = msg("Figures of others are shown for whole months and one filter at a time ({reason}).")


class NoFiguresError(DomainError):
    """The actor's tier sees no sales figures at all."""

    code = "no_figures"
    status = 403
    template = msg("Your tier does not see sales figures.")
