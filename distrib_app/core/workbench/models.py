"""What people work with on any subject: tasks and their steps, comments, notices, files, views.

A subject is (kind, key), as in events; `channels` and the floors above say what it is. Rows belong to a party
by its id: the workbench knows no partners.
"""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ColumnElement, Index, UniqueConstraint, column, false, or_
from sqlmodel import Field, SQLModel, col

from ..kernel.access import Resource, Scope, document_clause, grants, scoped
from ..kernel.db import Versioned


class TaskVerb(StrEnum):
    """What a task asks for."""

    APPROVE = "approve"
    RESOLVE = "resolve"
    REVIEW = "review"
    CONTACT = "contact"


class TaskStatus(StrEnum):
    """Where a task stands; `waiting` is for a supplement, which stops the clock."""

    OPEN = "open"
    WAITING = "waiting"
    DONE = "done"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CURED = "cured"


_ALIVE = column("status").in_([TaskStatus.OPEN.value, TaskStatus.WAITING.value])


class Severity(StrEnum):
    """How much it matters, ascending."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class Decision(StrEnum):
    """What somebody decided at a step."""

    APPROVED = "approved"
    PARTLY = "partly"
    REJECTED = "rejected"
    SUPPLEMENT = "supplement"


@scoped
class Task(Versioned, table=True):
    """One thing somebody of a party has to do about a subject; `payload` is what its verb gets when done.

    `title` is a msgid filled with `facts`. `amount` (minor units) is what limits are held against.
    `subject_version` is the version the requester saw: a stale one asks again.
    """

    __tablename__ = "task"
    __scope_resource__ = Resource.WORK
    __table_args__ = (
        Index("ix_task_subject", "subject_kind", "subject_key"),
        Index("ix_task_number_prefix", "number", postgresql_ops={"number": "text_pattern_ops"}),
        Index("ix_task_owner_id_status_due_at", "owner_id", "status", "due_at"),
        # the same is asked once: one open task per kind and subject
        Index(
            "uq_task_open",
            "kind",
            "subject_kind",
            "subject_key",
            unique=True,
            sqlite_where=_ALIVE,
            postgresql_where=_ALIVE,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=30, unique=True)
    kind: str = Field(max_length=40)
    verb: str = Field(max_length=10)
    subject_kind: str = Field(max_length=30)
    subject_key: str = Field(max_length=80)
    subject_version: int | None = None
    title: str = Field(max_length=200)
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    owner_id: int = Field(foreign_key="partner.id")
    status: str = Field(default=TaskStatus.OPEN, max_length=10)
    severity: str = Field(default=Severity.NORMAL, max_length=10)
    amount: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = Field(default="", max_length=3)
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    evidence: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    requested_by: int | None = Field(default=None, foreign_key="user_account.id", index=True)
    requester_id: int | None = Field(default=None, foreign_key="partner.id", index=True)
    assigned_to: int | None = Field(default=None, foreign_key="user_account.id", index=True)
    requested_at: datetime
    due_at: datetime | None = None
    stopped_at: datetime | None = None
    escalated_at: datetime | None = None
    closed_at: datetime | None = None
    resolution: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=400)

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible to the party that has to do it, the party that asked, and the person who asked."""
        parties = document_clause(scope, parties=[cls.owner_id, cls.requester_id], paths=[])
        own = false() if scope.user_id is None else col(cls.requested_by) == scope.user_id
        return or_(parties, own)


class TaskStep(SQLModel, table=True):
    """One step of an approval: who may decide (any of `roles` at the owner), and what was decided."""

    __tablename__ = "task_step"
    __table_args__ = (UniqueConstraint("task_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    task_id: int = Field(foreign_key="task.id")
    position: int
    roles: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    decision: str = Field(default="", max_length=10)
    decided_by: int | None = Field(default=None, foreign_key="user_account.id")
    on_behalf_of: int | None = Field(default=None, foreign_key="user_account.id")
    decided_at: datetime | None = None
    amount: int | None = Field(default=None, sa_type=BigInteger)
    reason: str = Field(default="", max_length=400)


class ApprovalRule(Versioned, table=True):
    """A party's rule: from which amount a kind needs this step, and which roles take it.

    No rule of a party for a kind means that its verb acts at once. `hours` are business hours to decide.
    """

    __tablename__ = "approval_rule"
    __table_args__ = (UniqueConstraint("party_id", "kind", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    party_id: int = Field(foreign_key="partner.id")
    kind: str = Field(max_length=40)
    position: int
    roles: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    from_amount: int = Field(default=0, sa_type=BigInteger)
    bulk_limit_amount: int = Field(default=0, sa_type=BigInteger)
    hours: int = 16


@grants
class Delegation(SQLModel, table=True):
    """One person decides for another from `[valid_from, valid_to)`."""

    __tablename__ = "delegation"

    id: int | None = Field(default=None, primary_key=True)
    from_user_id: int = Field(foreign_key="user_account.id", index=True)
    to_user_id: int = Field(foreign_key="user_account.id", index=True)
    valid_from: datetime
    valid_to: datetime
    reason: str = Field(default="", max_length=200)
    revoked_at: datetime | None = None


@scoped
class Comment(SQLModel, table=True):
    """What somebody wrote about a subject: to colleagues only, or shared with everybody who sees it."""

    __tablename__ = "comment"
    __scope_resource__ = Resource.WORK
    __table_args__ = (Index("ix_comment_subject", "subject_kind", "subject_key"),)

    id: int | None = Field(default=None, primary_key=True)
    subject_kind: str = Field(max_length=30)
    subject_key: str = Field(max_length=80)
    party_id: int = Field(foreign_key="partner.id")
    author_id: int = Field(foreign_key="user_account.id")
    text: str = Field(max_length=4000)
    is_shared: bool = False
    mentions: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    written_at: datetime

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """Visible to the author's company; a shared one to all who see the subject (the query checks it)."""
        return or_(col(cls.is_shared), col(cls.party_id).in_(scope.party_ids))


@scoped
class StoredFile(SQLModel, table=True):
    """A file kept privately; `key` names it in storage and in its link."""

    __tablename__ = "stored_file"
    __scope_resource__ = Resource.WORK
    __table_args__ = (Index("ix_stored_file_subject", "subject_kind", "subject_key"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=200)
    media_type: str = Field(max_length=100)
    size: int = Field(sa_type=BigInteger)
    sha256: str = Field(max_length=64)
    subject_kind: str = Field(default="", max_length=30)
    subject_key: str = Field(default="", max_length=80)
    party_id: int | None = Field(default=None, foreign_key="partner.id")
    uploaded_by: int | None = Field(default=None, foreign_key="user_account.id")
    is_shared: bool = False
    has_thumbnail: bool = False
    uploaded_at: datetime
    expires_at: datetime | None = None

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """A file on a subject as a comment; a file on nothing (an export, an import) to its owner only."""
        on_subject = col(cls.subject_kind) != ""
        own_company = col(cls.party_id).in_(scope.party_ids)
        # nobody's own are not those that have no uploader
        own = false() if scope.user_id is None else col(cls.uploaded_by) == scope.user_id
        return or_(on_subject & (col(cls.is_shared) | own_company), own)


@scoped
class Notice(SQLModel, table=True):
    """Something one person should know; `title` is a msgid filled with `facts`, `key` names it in links."""

    __tablename__ = "notice"
    __scope_resource__ = Resource.WORK
    __table_args__ = (Index("ix_notice_user_id_read_at", "user_id", "read_at"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32, unique=True)
    user_id: int = Field(foreign_key="user_account.id")
    kind: str = Field(max_length=40)
    title: str = Field(max_length=200)
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    subject_kind: str = Field(default="", max_length=30)
    subject_key: str = Field(default="", max_length=80)
    created_at: datetime
    read_at: datetime | None = None
    mailed_at: datetime | None = None
    wants_mail: bool = False

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """One's own."""
        return col(cls.user_id) == scope.user_id


class NoticePreference(SQLModel, table=True):
    """Whether a person wants a kind of notice in the inbox and by e-mail; no row means inbox only."""

    __tablename__ = "notice_preference"

    user_id: int = Field(foreign_key="user_account.id", primary_key=True)
    kind: str = Field(max_length=40, primary_key=True)
    in_inbox: bool = True
    by_mail: bool = False


@scoped
class SavedView(Versioned, table=True):
    """A named search, sort and facets of a list (`query` as in its URL), own or shared in the company."""

    __tablename__ = "saved_view"
    __scope_resource__ = Resource.WORK

    id: int | None = Field(default=None, primary_key=True)
    page: str = Field(max_length=40, index=True)
    name: str = Field(max_length=60)
    query: str = Field(max_length=1000)
    user_id: int = Field(foreign_key="user_account.id")
    party_id: int | None = Field(default=None, foreign_key="partner.id")
    is_shared: bool = False
    created_at: datetime

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """One's own, and those shared in one's company."""
        return or_(
            col(cls.user_id) == scope.user_id,
            col(cls.is_shared) & col(cls.party_id).in_(scope.party_ids),
        )
