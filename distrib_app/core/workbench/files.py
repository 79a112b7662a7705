"""Files people attach to records, and files that jobs make for them: stored privately, opened by key."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import event
from sqlmodel import Session, col, select

from ..kernel.access import Actor, User, unscoped
from ..kernel.db import get_by
from ..kernel.errors import DomainError, ForbiddenError, NotFoundError, msg
from ..kernel.events import emit
from .magic import FILE_TYPES, clean_name, identify
from .models import StoredFile
from .storage import FileStore
from .subjects import NO_SUBJECT, SubjectKey, load_subject, own_party
from .thumbnails import make_thumbnail

THUMBNAIL_TYPE = "image/webp"
SWEEP_BATCH = 500


class FileTooLargeError(DomainError):
    """The file is larger than is taken here."""

    code = "file_too_large"
    status = 413
    template = msg("{name} is larger than {limit} MB.")


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """A checked file with its thumbnail: all that can be done before a transaction begins."""

    name: str
    media_type: str
    content: bytes
    sha256: str
    thumbnail: bytes = b""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file its reader may open."""

    key: str
    name: str
    media_type: str
    size: int
    sha256: str
    subject: SubjectKey
    is_shared: bool
    has_thumbnail: bool
    uploaded_by: str
    uploaded_at: datetime
    can_remove: bool

    @property
    def is_shown(self) -> bool:
        """Whether a browser may show it in place; everything else is downloaded."""
        return any(kind.is_shown for kind in FILE_TYPES.values() if kind.media_type == self.media_type)


def prepare_file(
    name: str, content: bytes, *, declared_type: str = "", max_bytes: int | None = None
) -> PreparedFile:
    """Check a file and draw its thumbnail. Raises `FileRefusedError`, `FileTooLargeError`."""
    plain = clean_name(name)
    if max_bytes is not None and len(content) > max_bytes:
        raise FileTooLargeError(name=plain, limit=max_bytes // 1_048_576)
    kind = identify(plain, content, declared_type)
    return PreparedFile(
        name=plain,
        media_type=kind.media_type,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        thumbnail=make_thumbnail(plain, content) if kind.is_image else b"",
    )


def store_file(
    session: Session,
    actor: Actor,
    *,
    files: FileStore,
    name: str,
    content: bytes,
    subject: SubjectKey = NO_SUBJECT,
    is_shared: bool = False,
    now: datetime,
    expires_at: datetime | None = None,
) -> StoredFile:
    """Check and keep a file on a subject the actor sees, or on nothing: then it is the actor's alone.

    Raises `FileRefusedError`, `FileTooLargeError`, `NotFoundError`.
    """
    prepared = prepare_file(name, content, max_bytes=files.max_bytes)
    return keep_file(
        session,
        actor,
        files=files,
        prepared=prepared,
        subject=subject,
        is_shared=is_shared,
        now=now,
        expires_at=expires_at,
    )


def keep_file(
    session: Session,
    actor: Actor,
    *,
    files: FileStore,
    prepared: PreparedFile,
    subject: SubjectKey = NO_SUBJECT,
    is_shared: bool = False,
    now: datetime,
    expires_at: datetime | None = None,
) -> StoredFile:
    """Keep a prepared file; its bytes are forgotten again when the transaction fails."""
    if actor.user_id is None and not actor.is_system:
        raise ForbiddenError(permission="files")
    party_id = actor.partner_ids[0] if actor.partner_ids else None
    if subject != NO_SUBJECT:
        party_id = own_party(actor, subject, load_subject(session, actor, subject))
    key = secrets.token_hex(16)
    row = StoredFile(
        key=key,
        name=prepared.name,
        media_type=prepared.media_type,
        size=len(prepared.content),
        sha256=prepared.sha256,
        subject_kind=subject[0],
        subject_key=subject[1],
        party_id=party_id,
        uploaded_by=actor.user_id,
        is_shared=is_shared,
        has_thumbnail=bool(prepared.thumbnail),
        uploaded_at=now,
        expires_at=expires_at,
    )
    _forget_on_rollback(session, files, key)
    files.put(key, prepared.content)
    if prepared.thumbnail:
        files.put(thumbnail_key(key), prepared.thumbnail)
    session.add(row)
    emit(
        session,
        actor,
        "file.stored",
        subject=subject if subject != NO_SUBJECT else ("file", key),
        now=now,
        file=key,
        size=row.size,
        is_shared=is_shared,
    )
    return row


def thumbnail_key(key: str) -> str:
    """The key under which the thumbnail of a file is kept."""
    return f"{key}.thumb"


def read_file(session: Session, actor: Actor, *, key: str, now: datetime | None = None) -> FileRow:
    """A file the actor may open. Raises `NotFoundError`, also where the actor does not see its record."""
    row = get_by(session, StoredFile, "file", key=key)
    if now is not None and row.expires_at is not None and row.expires_at <= now:
        raise NotFoundError(kind="file", key=key)
    if row.subject_kind:
        load_subject(session, actor, (row.subject_kind, row.subject_key))
    uploader = session.get(User, row.uploaded_by) if row.uploaded_by else None
    return file_row(row, actor, uploader.name if uploader else "")


def file_row(row: StoredFile, actor: Actor, uploader: str) -> FileRow:
    """A stored file as its reader sees it."""
    return FileRow(
        key=row.key,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        subject=(row.subject_kind, row.subject_key),
        is_shared=row.is_shared,
        has_thumbnail=row.has_thumbnail,
        uploaded_by=uploader,
        uploaded_at=row.uploaded_at,
        can_remove=_may_remove(row, actor),
    )


def _may_remove(row: StoredFile, actor: Actor) -> bool:
    is_own = row.uploaded_by is not None and row.uploaded_by == actor.user_id
    return is_own or (row.party_id is not None and row.party_id in actor.partner_ids)


def remove_file(session: Session, actor: Actor, *, files: FileStore, key: str, now: datetime) -> None:
    """Remove a file one uploaded, or a colleague did. Raises `NotFoundError`, `ForbiddenError`."""
    read_file(session, actor, key=key)
    row = get_by(session, StoredFile, "file", key=key)
    if not _may_remove(row, actor):
        raise ForbiddenError(permission="files")
    session.delete(row)
    emit(
        session,
        actor,
        "file.removed",
        subject=(row.subject_kind, row.subject_key) if row.subject_kind else ("file", key),
        now=now,
        name=row.name,
        is_shared=row.is_shared,
        party_id=row.party_id,
    )
    _forget_on_commit(session, files, [key])


def sweep_files(session: Session, _actor: Actor, *, files: FileStore, now: datetime) -> int:
    """Remove files whose time is over (exports, import sheets); returns how many."""
    with unscoped(session, "files of everybody expire"):
        rows = session.exec(
            select(StoredFile)
            .where(col(StoredFile.expires_at).is_not(None), col(StoredFile.expires_at) <= now)
            .limit(SWEEP_BATCH)
        ).all()
    for row in rows:
        session.delete(row)
    _forget_on_commit(session, files, [row.key for row in rows])
    return len(rows)


def _forget(files: FileStore, keys: list[str]) -> None:
    for key in keys:
        files.delete(key)
        files.delete(thumbnail_key(key))


def _forget_on_commit(session: Session, files: FileStore, keys: list[str]) -> None:
    event.listen(session, "after_commit", lambda _session: _forget(files, keys), once=True)


def _forget_on_rollback(session: Session, files: FileStore, key: str) -> None:
    """Bytes of a failed transaction belong to nobody."""
    event.listen(session, "after_rollback", lambda _session: _forget(files, [key]), once=True)
