"""One's own account: profile, password, second factor, browsers, tokens."""

from typing import Any

import reflex as rx
import segno
from sqlmodel import Session

from .. import doors
from ..core.channels import end_user_session, end_user_sessions, end_user_token
from ..core.kernel.access import (
    Actor,
    begin_second_factor,
    change_password,
    change_profile,
    confirm_second_factor,
    disable_second_factor,
    get_account,
    issue_token,
    renew_recovery_codes,
)
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import InvalidError, msg
from ..i18n.presentation import number
from . import users_view as view
from .base import Gate

NEVER = "0"


class OwnAccount(Gate, rx.State):
    """The page of one's own account; what is shown once is gone when it opens again."""

    is_loaded: bool = False
    facts: dict[str, str] = {}
    sessions: list[dict[str, str]] = []
    api_keys: list[dict[str, str]] = []
    scope_options: list[dict[str, str]] = []
    enrolment: dict[str, str] = {}
    recovery_codes: list[str] = []
    new_key: str = ""
    form_key: int = 0

    @rx.event
    async def load(self) -> None:
        """Read the account."""
        await self._reload()
        self.enrolment = {}
        self.recovery_codes = []
        self.new_key = ""

    async def _reload(self) -> None:
        detail, permissions = await self._read(
            _account, current=self._credential().session_token, now=utc_now()
        )
        language, zone = await self._language(), await self._zone()
        self.facts = {
            "username": detail.username,
            "name": detail.name,
            "email": detail.email,
            "recovery_codes_left": number(detail.recovery_codes_left, language),
            **view.factor(detail.has_second_factor, language),
        }
        self.sessions = view.sessions(detail.sessions, language, zone)
        self.api_keys = view.tokens(detail.tokens, language, zone)
        self.scope_options = view.permission_options(permissions, language)
        self.form_key += 1
        self.is_loaded = True

    async def _done(self) -> Any:
        await self._reload()
        return await self._say(msg("Saved."))

    @rx.event
    async def save_profile(self, values: dict[str, Any]) -> Any:
        """Keep name and e-mail address."""
        await self._write(
            change_profile, name=str(values.get("name", "")), email=str(values.get("email", ""))
        )
        return await self._done()

    @rx.event
    async def save_password(self, values: dict[str, Any]) -> Any:
        """Another password; every other browser is signed out."""
        await self._checked(_same_twice, values)
        await self._through(
            doors.prove,
            change_password,
            present=str(values.get("present", "")),
            password=str(values.get("password", "")),
            keep=self._credential().session_token,
        )
        return await self._done()

    @rx.event
    async def begin_factor(self) -> None:
        """Show the QR code for an authenticator app."""
        enrolment = await self._write(begin_second_factor)
        self.enrolment = {
            "secret": " ".join(
                enrolment.secret[start : start + 4] for start in range(0, len(enrolment.secret), 4)
            ),
            "picture": segno.make(enrolment.uri, error="m").svg_inline(
                scale=4, border=2, dark="#000", light="#fff"
            ),
        }

    @rx.event
    async def confirm_factor(self, values: dict[str, Any]) -> Any:
        """A first code switches the second factor on; the recovery codes are shown once."""
        codes = await self._through(doors.prove, confirm_second_factor, code=str(values.get("code", ""))[:40])
        self.recovery_codes = list(codes)
        self.enrolment = {}
        return await self._done()

    @rx.event
    async def renew_codes(self, values: dict[str, Any]) -> Any:
        """Ten new recovery codes, shown once."""
        codes = await self._through(doors.prove, renew_recovery_codes, code=str(values.get("code", ""))[:40])
        self.recovery_codes = list(codes)
        return await self._done()

    @rx.event
    async def disable_factor(self, values: dict[str, Any]) -> Any:
        """Switch the second factor off, with password and code."""
        await self._through(
            doors.prove,
            disable_second_factor,
            password=str(values.get("password", "")),
            code=str(values.get("code", ""))[:40],
        )
        self.recovery_codes = []
        return await self._done()

    @rx.event
    async def end_session(self, key: str) -> Any:
        """Sign one browser out."""
        await self._write(_own(end_user_session), key=key)
        return await self._done()

    @rx.event
    async def end_others(self) -> Any:
        """Sign every other browser out."""
        await self._write(_own(end_user_sessions), keep=self._credential().session_token)
        return await self._done()

    @rx.event
    async def issue_key(self, values: dict[str, Any]) -> Any:
        """A new bearer token, shown once."""
        days = str(values.get("days", NEVER))
        chosen = [row["value"] for row in self.scope_options if values.get(row["value"])]
        self.new_key = await self._write(
            issue_token,
            name=str(values.get("name", ""))[:120],
            scopes=chosen,
            days=int(days) if days.isdigit() and days != NEVER else None,
        )
        return await self._done()

    @rx.event
    async def end_key(self, key: str) -> Any:
        """End a bearer token."""
        await self._write(_own(end_user_token), key=key)
        return await self._done()


def _account(session: Session, actor: Actor, **facts: Any) -> Any:
    return get_account(session, actor, **facts), sorted(actor.permissions)


def _own(verb: Any) -> Any:
    """A verb on a user, for oneself."""

    def call(session: Session, actor: Actor, **facts: Any) -> None:
        verb(session, actor, username=actor.username, **facts)

    return call


def _same_twice(values: dict[str, Any]) -> None:
    if values.get("password") != values.get("again"):
        raise InvalidError(field="password", reason=msg("both entries must be the same"))
