"""Long work: job runs with their progress, the lease of the process that runs them, import mappings."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Index, UniqueConstraint, false
from sqlmodel import Field, SQLModel, col

from ..kernel.access import Resource, Scope, scoped


class JobStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@scoped
class JobRun(SQLModel, table=True):
    """One run of a job: what it was asked, how far it is, what came of it.

    `cursor` is what a run that lost its process goes on from; a beat that is too old says it was lost.
    `facts` fill `message` (a msgid) on the page; `result` names files and counts. A run may never do more
    than the person could when starting it: `permissions` are those held then.
    """

    __tablename__ = "job_run"
    __scope_resource__ = Resource.WORK
    __table_args__ = (Index("ix_job_run_status_beat_at", "status", "beat_at"),)

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(max_length=30, unique=True)
    kind: str = Field(max_length=40, index=True)
    arguments: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    status: str = Field(default=JobStatus.QUEUED, max_length=10)
    done: int = 0
    total: int = 0
    message: str = Field(default="", max_length=400)
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    result: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    cursor: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    started_by: int | None = Field(default=None, foreign_key="user_account.id", index=True)
    permissions: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    is_cancel_asked: bool = False
    attempts: int = 0
    holder: str = Field(default="", max_length=80)
    created_at: datetime
    started_at: datetime | None = None
    beat_at: datetime | None = None
    finished_at: datetime | None = None

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """One's own; the administrator's page looks beyond."""
        # the system's runs are not those of a nobody
        return false() if scope.user_id is None else col(cls.started_by) == scope.user_id


class JobSchedule(SQLModel, table=True):
    """When a scheduled job last ran and runs next, as its holder wrote it.

    An operator may pause it, or ask for a run now; `facts` fill `message` (a msgid), what the last run said.
    """

    __tablename__ = "job_schedule"

    kind: str = Field(max_length=40, primary_key=True)
    is_paused: bool = False
    is_run_asked: bool = False
    last_at: datetime | None = None
    last_status: str = Field(default="", max_length=10)
    last_milliseconds: int = 0
    next_at: datetime | None = None
    message: str = Field(default="", max_length=400)
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class Lease(SQLModel, table=True):
    """Exactly one process holds a lease until it expires; it renews while it lives."""

    __tablename__ = "lease"

    name: str = Field(max_length=40, primary_key=True)
    holder: str = Field(max_length=80)
    expires_at: datetime


class ImportMapping(SQLModel, table=True):
    """Which column of a sheet was which field, remembered per company, entity and header row."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("party_id", "entity", "headers"),)

    id: int | None = Field(default=None, primary_key=True)
    party_id: int = Field(foreign_key="partner.id")
    entity: str = Field(max_length=40)
    headers: str = Field(max_length=64)
    columns: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    used_at: datetime
