"""One's own account as its person sees it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from .actor import Actor
from .second_factor import has_second_factor
from .sessions import SessionRow, sessions_of
from .tokens import TokenRow, tokens_of
from .users import get_own_user


@dataclass(frozen=True, slots=True)
class AccountDetail:
    """Name, how one signs in, where one is signed in, and which tokens act in one's name."""

    username: str
    name: str
    email: str
    has_second_factor: bool
    recovery_codes_left: int
    sessions: tuple[SessionRow, ...]
    tokens: tuple[TokenRow, ...]


def get_account(session: Session, actor: Actor, *, current: str = "", now: datetime) -> AccountDetail:
    """The actor's own account; `current` is the token of the browser that asks. Raises `ForbiddenError`."""
    user = get_own_user(session, actor)
    return AccountDetail(
        username=user.username,
        name=user.name,
        email=user.email,
        has_second_factor=has_second_factor(user),
        recovery_codes_left=len(user.recovery_hashes),
        sessions=sessions_of(session, user=user, now=now, current=current),
        tokens=tokens_of(session, user=user, now=now),
    )
