"""What one person should know: an inbox with preferences per kind, and what goes out by e-mail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select, update

from ..kernel.access import Actor, User
from ..kernel.db import get_by
from ..kernel.errors import ForbiddenError, InvalidError, NotFoundError
from ..kernel.listing import Choices, Facet, Listing, ListQuery, ListSpec, run
from .models import Notice, NoticePreference
from .subjects import NO_SUBJECT, SubjectKey

UNREAD = "unread"
# a mail that could not be delivered for so long is no news any more
MAIL_AGE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice in the inbox; `title` is a message filled with `facts`."""

    key: str
    kind: str
    title: str
    facts: Mapping[str, Any]
    subject: SubjectKey
    created_at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class PreferenceRow:
    """How a person wants to hear of a kind of notice; `name` is a message."""

    kind: str
    name: str
    in_inbox: bool
    by_mail: bool


@dataclass(frozen=True, slots=True)
class MailRow:
    """A notice that waits to be mailed, and to whom in which language."""

    key: str
    kind: str
    title: str
    facts: Mapping[str, Any]
    subject: SubjectKey
    created_at: datetime
    address: str
    name: str
    language: str


_kinds: dict[str, str] = {}


def install_notice_kinds(table: Mapping[str, str]) -> None:
    """Take the table `kind → name`; replaces an earlier one."""
    _kinds.clear()
    _kinds.update(table)


def notify(
    session: Session,
    *,
    user_ids: Iterable[int],
    kind: str,
    title: str,
    facts: Mapping[str, Any],
    subject: SubjectKey = NO_SUBJECT,
    now: datetime,
) -> None:
    """Tell people something, each once, as far as they want to hear of it.

    Facts are plain values or messages; one named `text` is quoted as it was written, never translated.
    """
    wanted = list(dict.fromkeys(user_ids))
    chosen = {
        row.user_id: row
        for row in session.exec(
            select(NoticePreference).where(
                col(NoticePreference.user_id).in_(wanted), NoticePreference.kind == kind
            )
        )
    }
    for user_id in wanted:
        choice = chosen.get(user_id) or NoticePreference(user_id=user_id, kind=kind)
        if not choice.in_inbox and not choice.by_mail:
            continue
        session.add(
            Notice(
                user_id=user_id,
                kind=kind,
                title=title,
                facts=dict(facts),
                subject_kind=subject[0],
                subject_key=subject[1],
                created_at=now,
                # only by mail: it lies in the inbox as read, for the record
                read_at=None if choice.in_inbox else now,
                wants_mail=choice.by_mail,
            )
        )


NOTICES = ListSpec(
    entity=Notice,
    key=(Notice.id,),
    sorts={"created_at": (Notice.created_at,)},
    default_sort="-created_at",
    facets={"state": Choices({UNREAD: col(Notice.read_at).is_(None)}), "kind": Facet(Notice.kind)},
)


def list_notices(session: Session, actor: Actor, *, query: ListQuery) -> Listing[NoticeRow]:
    """The actor's notices, newest first; the facet `state` with `unread` keeps what is not read yet."""
    found = run(session, NOTICES, query, [col(Notice.user_id) == _person(actor)])
    return found.showing([_row(row) for row in found.rows])


def _row(row: Notice) -> NoticeRow:
    return NoticeRow(
        key=row.key,
        kind=row.kind,
        title=row.title,
        facts=dict(row.facts),
        subject=(row.subject_kind, row.subject_key),
        created_at=row.created_at,
        is_read=row.read_at is not None,
    )


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise ForbiddenError(permission="notices")
    return actor.user_id


def count_unread(session: Session, actor: Actor) -> int:
    """How many notices the actor has not read."""
    return count_unread_of(session, user_id=_person(actor))


def count_unread_of(session: Session, *, user_id: int) -> int:
    """How many notices a person has not read."""
    statement = select(func.count(col(Notice.id))).where(
        Notice.user_id == user_id, col(Notice.read_at).is_(None)
    )
    return session.exec(statement).one()


def mark_read(session: Session, actor: Actor, *, key: str, now: datetime) -> NoticeRow:
    """Read one notice; a second time changes nothing. Raises `NotFoundError`."""
    row = get_by(session, Notice, "notice", key=key)
    if row.user_id != _person(actor):
        raise NotFoundError(kind="notice", key=key)
    row.read_at = row.read_at or now
    return _row(row)


def mark_all_read(session: Session, actor: Actor, *, now: datetime) -> int:
    """Read everything; returns how many notices that were."""
    result = session.exec(
        update(Notice)
        .where(col(Notice.user_id) == _person(actor), col(Notice.read_at).is_(None))
        .values(read_at=now)
    )
    return int(result.rowcount)


def list_preferences(session: Session, actor: Actor) -> tuple[PreferenceRow, ...]:
    """Every kind of notice with what the actor chose; nothing chosen means the inbox only."""
    chosen = {
        row.kind: row
        for row in session.exec(select(NoticePreference).where(NoticePreference.user_id == _person(actor)))
    }
    return tuple(
        PreferenceRow(
            kind=kind,
            name=name,
            in_inbox=chosen[kind].in_inbox if kind in chosen else True,
            by_mail=chosen[kind].by_mail if kind in chosen else False,
        )
        for kind, name in _kinds.items()
    )


def set_preference(
    session: Session, actor: Actor, *, kind: str, in_inbox: bool, by_mail: bool, now: datetime
) -> None:
    """Choose how to hear of a kind of notice from `now` on. Raises `InvalidError`."""
    del now  # the choice itself has no date; notices already written stay as they are
    if kind not in _kinds:
        raise InvalidError(field="kind", reason=kind)
    row = session.get(NoticePreference, (_person(actor), kind))
    if row is None:
        row = NoticePreference(user_id=_person(actor), kind=kind)
        session.add(row)
    row.in_inbox, row.by_mail = in_inbox, by_mail


# --- e-mail: who sends it stands outside core ---------------------------------------------------------


def pending_mails(session: Session, _actor: Actor, *, now: datetime, limit: int = 100) -> list[MailRow]:
    """What waits to be mailed, oldest first, to enabled people who have an address."""
    rows = session.exec(
        select(Notice, User)
        .join(User, col(User.id) == col(Notice.user_id))
        .where(
            col(Notice.wants_mail),
            col(Notice.mailed_at).is_(None),
            col(Notice.created_at) > now - MAIL_AGE,
            col(User.email) != "",
            col(User.is_disabled).is_(False),
        )
        .order_by(col(Notice.id))
        .limit(limit)
    ).all()
    return [
        MailRow(
            key=row.key,
            kind=row.kind,
            title=row.title,
            facts=dict(row.facts),
            subject=(row.subject_kind, row.subject_key),
            created_at=row.created_at,
            address=user.email,
            name=user.name,
            language=user.language,
        )
        for row, user in rows
    ]


def mark_mailed(session: Session, _actor: Actor, *, key: str, now: datetime) -> None:
    """The mail of a notice was taken by the mail server."""
    get_by(session, Notice, "notice", key=key).mailed_at = now
