"""Users, browser sessions, API tokens and the counters that slow down guessing."""

from datetime import datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from ..db import Versioned
from .changes import grants


@grants
class User(Versioned, table=True):
    """A person who can sign in."""

    __tablename__ = "user_account"

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=120)
    password_hash: str = Field(max_length=200)
    language: str = Field(default="zh_CN", max_length=10)
    zone: str = Field(default="Asia/Shanghai", max_length=40)
    is_disabled: bool = False
    is_demo: bool = False
    email: str = Field(default="", max_length=200)
    preferences: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    totp_secret: str = Field(default="", max_length=64)
    totp_counter: int = 0
    recovery_hashes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    created_at: datetime


class UserSession(SQLModel, table=True):
    """A signed-in browser; only the hash of its token is stored."""

    __tablename__ = "user_session"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None = None
    address: str = Field(default="", max_length=64)
    agent: str = Field(default="", max_length=200)
    needs_second_factor: bool = False
    acting_as: int | None = Field(default=None, foreign_key="user_account.id")


class Invitation(SQLModel, table=True):
    """A one-time link to choose a password: for a new member, or after one was forgotten."""

    __tablename__ = "invitation"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    kind: str = Field(max_length=10)
    created_by: int | None = Field(default=None, foreign_key="user_account.id")
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class ApiToken(SQLModel, table=True):
    """A bearer token for the REST API; only its hash is stored."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    name: str = Field(max_length=120)
    scopes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class FailedSignIn(SQLModel, table=True):
    """One failed sign-in, counted per user name and per address."""

    __tablename__ = "failed_sign_in"

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(max_length=64, index=True)
    address: str = Field(max_length=64, index=True)
    failed_at: datetime = Field(index=True)
