"""How guessing is slowed down: failures are counted per user name and per address."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, select

from ..errors import RateLimitedError
from .models import FailedSignIn

THROTTLE_WINDOW = timedelta(minutes=15)
MAX_FAILURES_PER_USER = 10
MAX_FAILURES_PER_ADDRESS = 50


def check_throttle(session: Session, *, username: str, address: str, now: datetime) -> None:
    """Refuse when this name or this address failed too often lately."""
    by_user = _failures(session, now, FailedSignIn.username == username)
    by_address = _failures(session, now, FailedSignIn.address == address) if address else 0
    if by_user >= MAX_FAILURES_PER_USER or by_address >= MAX_FAILURES_PER_ADDRESS:
        raise RateLimitedError(minutes=int(THROTTLE_WINDOW.total_seconds() // 60))


def record_failure(session: Session, *, username: str, address: str, now: datetime) -> bool:
    """Count a failure and forget those outside the window; whether the name is locked from now on."""
    session.exec(delete(FailedSignIn).where(col(FailedSignIn.failed_at) <= now - THROTTLE_WINDOW))
    session.add(FailedSignIn(username=username[:64], address=address[:64], failed_at=now))
    session.flush()
    return _failures(session, now, FailedSignIn.username == username[:64]) == MAX_FAILURES_PER_USER


def _failures(session: Session, now: datetime, which: bool) -> int:
    since = now - THROTTLE_WINDOW
    recent = select(func.count()).select_from(FailedSignIn).where(col(FailedSignIn.failed_at) > since)
    return session.exec(recent.where(which)).one()
