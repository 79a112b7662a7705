"""Users, browser sessions, API tokens and the counters that slow down guessing."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from ..db import Versioned


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
    created_at: datetime


class UserSession(SQLModel, table=True):
    """A signed-in browser; only the hash of its token is stored."""

    __tablename__ = "user_session"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    created_at: datetime
    expires_at: datetime


class ApiToken(SQLModel, table=True):
    """A bearer token for the REST API; only its hash is stored."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    name: str = Field(max_length=120)
    created_at: datetime
    revoked_at: datetime | None = None


class FailedSignIn(SQLModel, table=True):
    """One failed sign-in, counted per user name and per address."""

    __tablename__ = "failed_sign_in"

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(max_length=64, index=True)
    address: str = Field(max_length=64, index=True)
    failed_at: datetime = Field(index=True)
