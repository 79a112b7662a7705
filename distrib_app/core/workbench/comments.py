"""What people write about a record: to colleagues, or shared with everybody who sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from ..kernel.access import Actor, Resource
from ..kernel.db import row_id
from ..kernel.errors import DomainError, ForbiddenError, InvalidError, msg
from ..kernel.events import emit
from .files import PreparedFile, keep_file
from .mentions import find_mentions
from .models import Comment, StoredFile
from .notices import notify
from .storage import FileStore
from .subjects import SubjectKey, find_person, find_subject, load_subject, own_party, sees_subject

MAX_TEXT = 4000
MAX_MENTIONS = 20
SNIPPET = 80
MENTIONED = msg("{author} mentioned you: {text}")


class MentionError(DomainError):
    """Somebody was mentioned who could not read the comment."""

    code = "mention"
    status = 422
    template = msg("@{username} cannot read this comment. Mention a colleague, or share the comment.")


@dataclass(frozen=True, slots=True)
class _Audience:
    """Who may read a comment."""

    subject: SubjectKey
    party_id: int
    is_shared: bool

    def includes(self, session: Session, reader: Actor) -> bool:
        is_colleague = self.party_id in reader.scope(Resource.WORK).party_ids
        return (self.is_shared or is_colleague) and sees_subject(session, reader, self.subject)


def add_comment(
    session: Session, actor: Actor, *, subject: SubjectKey, text: str, is_shared: bool = False, now: datetime
) -> Comment:
    """Write about a record one sees; whoever is mentioned gets a notice.

    Raises `NotFoundError`, `InvalidError`, `MentionError`.
    """
    row = load_subject(session, actor, subject)
    party_id = own_party(actor, subject, row)
    if actor.user_id is None or party_id is None:
        raise ForbiddenError(permission="comments")
    words = text.replace("\r\n", "\n").strip()
    if not words:
        raise InvalidError(field="text", reason=msg("empty"))
    if len(words) > MAX_TEXT or "\x00" in words:
        raise InvalidError(field="text", reason=f"≤ {MAX_TEXT}")
    mentioned = _mentioned(session, actor, words, _Audience(subject, party_id, is_shared), now)
    comment = Comment(
        subject_kind=subject[0],
        subject_key=subject[1],
        party_id=party_id,
        author_id=actor.user_id,
        text=words,
        is_shared=is_shared,
        mentions=mentioned,
        written_at=now,
    )
    session.add(comment)
    session.flush()
    emit(
        session,
        actor,
        "comment.added",
        subject=subject,
        now=now,
        comment=row_id(comment),
        is_shared=is_shared,
    )
    notify(
        session,
        user_ids=[user_id for user_id in mentioned if user_id != actor.user_id],
        kind="mention",
        title=MENTIONED,
        facts={
            "author": actor.name,
            "text": words if len(words) <= SNIPPET else words[: SNIPPET - 1] + "…",
            "record": find_subject(subject[0]).name,
        },
        subject=subject,
        now=now,
    )
    return comment


def _mentioned(session: Session, actor: Actor, text: str, audience: _Audience, now: datetime) -> list[int]:
    """The ids of those mentioned; all of them can read it, or nothing is written."""
    names = find_mentions(text)
    if len(names) > MAX_MENTIONS:
        raise InvalidError(field="text", reason=f"@ ≤ {MAX_MENTIONS}")
    found = []
    for name in names:
        reader = find_person(session, actor, name, now=now)
        if reader is None or reader.user_id is None or not audience.includes(session, reader):
            raise MentionError(username=name)
        found.append(reader.user_id)
    return found


def add_entry(
    session: Session,
    actor: Actor,
    *,
    files: FileStore,
    attachments: Sequence[PreparedFile],
    subject: SubjectKey,
    text: str = "",
    is_shared: bool = False,
    now: datetime,
) -> list[StoredFile]:
    """A comment with files, or one of both, all or nothing; they stay together by their instant.

    Without a subject only files are taken, and are the actor's alone.
    """
    if not text.strip() and not attachments:
        raise InvalidError(field="text", reason=msg("empty"))
    if text.strip():
        add_comment(session, actor, subject=subject, text=text, is_shared=is_shared, now=now)
    return [
        keep_file(
            session, actor, files=files, prepared=prepared, subject=subject, is_shared=is_shared, now=now
        )
        for prepared in attachments
    ]
