"""The errors a person is meant to read, and one that only a programmer does.

A `DomainError` carries a template (English msgid, translated at the error door) and the facts that fill
it. Core raises them; one door per surface turns them into a toast, a problem+json or a line on stderr.
"""

from typing import ClassVar


def msg(text: str) -> str:
    """Mark `text` as a message of the catalogue; returns it unchanged (translated where it is shown)."""
    return text


class DomainError(Exception):
    """A refusal with a clear sentence. `code` is stable for machines, `status` is its HTTP status."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    template: ClassVar[str] = msg("The request was refused.")
    # the language of the person who is to read it, written down by the gate that knows the person
    language: str = ""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.template.format(**facts))


class NotFoundError(DomainError):
    """The subject does not exist, or lies outside the actor's scope (which looks the same)."""

    code = "not_found"
    status = 404
    template = msg("{kind} {key} was not found.")


class UnauthenticatedError(DomainError):
    """Nobody is signed in."""

    code = "unauthenticated"
    status = 401
    template = msg("Please sign in first.")


class ForbiddenError(DomainError):
    """The actor lacks the permission."""

    code = "forbidden"
    status = 403
    template = msg("You are not allowed to do this ({permission}).")


class ConflictError(DomainError):
    """The request contradicts what is already recorded."""

    code = "conflict"
    status = 409
    template = msg("{subject} exists already.")


class StaleError(DomainError):
    """An editable row was changed by somebody else since it was read; nothing was saved."""

    code = "stale"
    status = 409
    template = msg(
        "{subject} was changed by somebody else meanwhile. Reload and try again; nothing was saved."
    )


class InvalidError(DomainError):
    """A value is not acceptable; names the field and says why."""

    code = "invalid"
    status = 422
    template = msg("{field}: {reason}")


class RateLimitedError(DomainError):
    """Too many attempts."""

    code = "rate_limited"
    status = 429
    template = msg("Too many attempts. Try again in {minutes} minutes.")


class StorageError(DomainError):
    """The database could not take the write (full disk, lost connection); nothing was saved."""

    code = "storage"
    status = 507
    template = msg("The database could not take the change: {cause}. Nothing was saved.")


class UnreachedTableError(RuntimeError):
    """A statement touches a scoped table in a way that the scope cannot filter: a programming error."""
