"""Looking through somebody else's eyes: who may, and the refusal of every write meanwhile."""

from ..errors import DomainError, msg
from .actor import Actor
from .permissions import Permission, Resource


class ViewOnlyError(DomainError):
    """An administrator views as somebody else and tried to change something."""

    code = "view_only"
    status = 403
    template = msg("You are viewing as {name}: nothing can be changed. End the view first.")


class NoViewError(DomainError):
    """Whose eyes these are, an administrator does not look through."""

    code = "no_view"
    status = 403
    template = msg("You cannot view as {username}: {reason}.")


def view_refusal(actor: Actor, eyes: Actor) -> str | None:
    """Why `actor` may not look through `eyes` (msgid), or None."""
    if eyes.user_id == actor.user_id:
        return msg("that is you")
    if eyes.can(Permission.ADMIN_ACCESS):
        return msg("that is an administrator too")
    reaches_further = any(
        eyes.scope(resource).level.rank > actor.scope(resource).level.rank for resource in Resource
    )
    if reaches_further or not eyes.permissions <= actor.permissions:
        return msg("that person sees or may do more than you")
    return None


def check_view(actor: Actor, eyes: Actor) -> None:
    """Raise unless an administrator may look through `eyes`: `ForbiddenError`, `NoViewError`."""
    actor.require(Permission.ADMIN_ACCESS)
    reason = view_refusal(actor, eyes)
    if reason is not None:
        raise NoViewError(username=eyes.username, reason=reason)
