"""A lease is held by exactly one of N processes until it expires; the holder renews it while it lives.

Instants are those of the callers: the clocks of the machines must agree to a fraction of the lease.
"""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, or_

from .job_models import Lease


def take_lease(session: Session, *, name: str, holder: str, now: datetime, seconds: int) -> bool:
    """Take a free, expired or own lease for `seconds` from `now`; whether `holder` has it.

    One conditional statement decides: of two that come at once the second waits and sees the first.
    """
    until = now + timedelta(seconds=seconds)
    free = or_(col(Lease.holder) == holder, col(Lease.expires_at) <= now)
    statement = update(Lease).where(col(Lease.name) == name, free).values(holder=holder, expires_at=until)
    if session.exec(statement.execution_options(synchronize_session=False)).rowcount:
        return True
    if session.get(Lease, name) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(Lease(name=name, holder=holder, expires_at=until))
    except IntegrityError:
        return False  # somebody else was first
    return True


def renew_lease(session: Session, *, name: str, holder: str, now: datetime, seconds: int) -> bool:
    """Hold on to an own lease that has not expired; False when it is lost."""
    statement = (
        update(Lease)
        .where(col(Lease.name) == name, col(Lease.holder) == holder, col(Lease.expires_at) > now)
        .values(expires_at=now + timedelta(seconds=seconds))
        .execution_options(synchronize_session=False)
    )
    return bool(session.exec(statement).rowcount)


def release_lease(session: Session, *, name: str, holder: str, now: datetime) -> None:
    """Give an own lease back, so that another process need not wait for its end."""
    statement = (
        update(Lease)
        .where(col(Lease.name) == name, col(Lease.holder) == holder)
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )
    session.exec(statement)
