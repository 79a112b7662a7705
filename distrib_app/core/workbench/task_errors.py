"""Refusals of tasks and delegations."""

from ..kernel.errors import ConflictError, DomainError, ForbiddenError, InvalidError, msg


class NotYourTaskError(ForbiddenError):
    """The task can be seen, but this is for somebody else to do."""

    code = "not_your_task"
    template = msg("Task {task}: {reason}.")


class OpenTaskError(ConflictError):
    """The same was asked already and waits for its decision."""

    code = "open_task"
    template = msg("This was asked for already: task {task} is still open.")


class ReasonMissingError(InvalidError):
    """A refusal, and a wish for more, say why."""

    code = "reason_missing"
    template = msg("{field}: please say why, so that the other side knows what to do.")


class BulkLimitError(DomainError):
    """The task is too large to be decided together with others."""

    code = "bulk_limit"
    template = msg("Task {task} is above the limit for deciding several at once; open and decide it alone.")


class DelegationError(DomainError):
    """Nobody can be asked to decide for somebody in this way."""

    code = "delegation"
    template = msg("This delegation is not possible: {reason}")
