"""The pages of somebody who is not signed in yet: second step, forgotten password, one-time link."""

import asyncio
from urllib.parse import unquote

import reflex as rx

from .. import doors
from ..core.kernel.errors import DomainError, msg
from ..i18n import gettext
from .base import Gate

ERRORS = {
    "wrong_code": msg("The code is wrong or has been used already."),
    "rate_limited": msg("Too many attempts. Try again in {minutes} minutes."),
    "invalid": msg(
        "Choose at least 10 characters that are neither your user name nor one everybody tries first."
    ),
}


class Door(Gate, rx.State):
    """What the public forms show; the forms themselves are posted without any script."""

    message: str = ""
    is_asked: bool = False
    is_loaded: bool = False
    is_dead: bool = False
    is_reset: bool = False
    welcomed: str = ""
    sign_in_name: str = ""
    posted_link: str = ""

    @rx.event
    async def open_second_step(self) -> None:
        """The second step of signing in: say what was wrong with the last code."""
        self.message = await self._error()

    @rx.event
    async def open_forgotten(self) -> None:
        """The form for a forgotten password, or that it was sent."""
        self.is_asked = self.router.url.query_parameters.get("asked", "") == "1"

    @rx.event
    async def open_invitation(self) -> None:
        """For whom a one-time link is, or that it is dead."""
        link = unquote(self.router.url.path.rstrip("/").rpartition("/")[2])[:100]
        self.message = await self._error()
        try:
            found = await asyncio.to_thread(doors.read_link, link)
        except DomainError:
            self.is_dead = True
            self.is_loaded = True
            return
        self.welcomed = found.name
        self.sign_in_name = found.username
        self.is_reset = found.kind == "reset"
        self.posted_link = link
        self.is_dead = False
        self.is_loaded = True

    async def _error(self) -> str:
        text = ERRORS.get(self.router.url.query_parameters.get("error", ""))
        return gettext(text, await self._language()).format(minutes=15) if text else ""
