"""Who is behind a user name, who works with whom, and what a company is called: for comments and tasks."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from ..kernel.access import Actor, User, unscoped
from ..kernel.clock import business_day
from ..workbench import Company, People, PersonRow
from .actors import resolve_actor
from .models import Membership, Partner

MOST_COLLEAGUES = 200


def find_actor(session: Session, *, username: str, now: datetime) -> Actor | None:
    """The actor an enabled user is at `now`; None when there is no such user."""
    user = session.exec(
        select(User).where(User.username == username, col(User.is_disabled).is_(False))
    ).one_or_none()
    return None if user is None else resolve_actor(session, user, now=now)


def list_colleagues(session: Session, actor: Actor, *, now: datetime) -> tuple[PersonRow, ...]:
    """The people of the actor's own companies besides the actor, by user name."""
    rows = session.exec(
        select(User.username, User.name)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(
            col(Membership.partner_id).in_(actor.partner_ids),
            Membership.as_of(business_day(now, actor.zone)),
            col(User.is_disabled).is_(False),
            User.id != actor.user_id,
        )
        .distinct()
        .order_by(col(User.username))
        .limit(MOST_COLLEAGUES)
    )
    return tuple(PersonRow(username, name) for username, name in rows)


def name_companies(session: Session, partner_ids: Collection[int]) -> dict[int, Company]:
    """Companies by id as a record that the reader sees names them."""
    with unscoped(session, "who wrote on a shared record is named on it, also from outside one's own tree"):
        rows = session.exec(select(Partner).where(col(Partner.id).in_(set(partner_ids)))).all()
    return {
        row.id: Company(row.code, row.name, row.name_en or row.name) for row in rows if row.id is not None
    }


PEOPLE = People(find=find_actor, colleagues=list_colleagues, companies=name_companies)
