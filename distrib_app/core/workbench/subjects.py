"""What comments, files, notices and tasks hang on, and who is meant by a name.

The workbench knows no orders and no partners: `core/reactions.py` holds the tables, the composition root
installs them here.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from ..kernel.access import Actor
from ..kernel.errors import NotFoundError

SubjectKey = tuple[str, str]
NO_SUBJECT: SubjectKey = ("", "")


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of record one can comment on.

    `load` answers the row of a key within the scope of the session's actor, or raises `NotFoundError`;
    `permission` is what reading it takes; `parties` are the ids of the companies it stands between.
    """

    name: str
    load: Callable[[Session, str], Any]
    permission: str = ""
    parties: Callable[[Any], tuple[int | None, ...]] = lambda _row: ()


@dataclass(frozen=True, slots=True)
class Company:
    """A company as records name it."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody one may mention."""

    username: str
    name: str


@dataclass(frozen=True, slots=True)
class People:
    """How the workbench learns about people: the actor behind a user name, colleagues, companies by id."""

    find: Callable[..., Actor | None]
    colleagues: Callable[..., tuple[PersonRow, ...]]
    companies: Callable[[Session, Collection[int]], Mapping[int, Company]]


_subjects: dict[str, Subject] = {}
_people: list[People] = []


def install_subjects(table: Mapping[str, Subject], people: People) -> None:
    """Take the table of subjects and the way to people; replaces earlier ones."""
    _subjects.clear()
    _subjects.update(table)
    _people[:] = [people]


def get_people() -> People:
    """The installed way to people."""
    return _people[0]


def find_subject(kind: str) -> Subject:
    """The subject of a kind. Raises `NotFoundError`."""
    if kind not in _subjects:
        raise NotFoundError(kind="subject", key=kind)
    return _subjects[kind]


def load_subject(session: Session, actor: Actor, subject: SubjectKey) -> Any:
    """The row of a subject; `NotFoundError` when the actor does not see it, or may not read such records."""
    kind, key = subject
    found = find_subject(kind)
    if found.permission and not actor.can(found.permission):
        raise NotFoundError(kind=kind, key=key)
    return found.load(session, key)


@contextmanager
def seen_by(session: Session, actor: Actor) -> Iterator[Session]:
    """The same transaction as somebody else sees it; rows read here stay apart from those of `session`."""
    session.flush()
    with Session(session.connection(), expire_on_commit=False) as other:
        other.info["actor"] = actor
        yield other


def sees_subject(session: Session, actor: Actor, subject: SubjectKey) -> bool:
    """Whether `actor`, who need not be the session's own, sees the subject."""
    with seen_by(session, actor) as other:
        try:
            load_subject(other, actor, subject)
        except NotFoundError:
            return False
    return True


def find_person(session: Session, actor: Actor, username: str, *, now: datetime) -> Actor | None:
    """The actor behind a user name, whoever asks; None when there is no such (enabled) user."""
    with seen_by(session, actor) as other:
        return get_people().find(other, username=username, now=now)


def own_party(actor: Actor, subject: SubjectKey, row: Any) -> int | None:
    """The company for which the actor writes on a subject: one of its parties, else the actor's first."""
    if not actor.partner_ids:
        return None
    parties = find_subject(subject[0]).parties(row)
    return next((party for party in parties if party in actor.partner_ids), actor.partner_ids[0])
