"""Looking at the platform as somebody else: an administrator, read-only, written down."""

from datetime import datetime

from sqlmodel import Session

from ..kernel.access import Actor, User, check_view
from ..kernel.db import get_by
from ..kernel.errors import NotFoundError
from ..kernel.events import emit
from .actors import resolve_actor


def start_view(session: Session, actor: Actor, *, username: str, now: datetime) -> User:
    """Whose eyes an administrator looks through from now on; the gate refuses every write meanwhile.

    Raises `ForbiddenError`, `NotFoundError`, `NoViewError` for an administrator or one who reaches further.
    """
    user = get_by(session, User, "user", username=username)
    if user.is_disabled:
        raise NotFoundError(kind="user", key=username)
    check_view(actor, resolve_actor(session, user, now=now))
    emit(session, actor, "admin.view_as_started", subject=("user", username), now=now)
    return user
