"""The gate as states see it: `_read` and `_write`, underscored because public methods are remote handlers."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.cookies import SimpleCookie
from typing import Any, TypeVar

import reflex as rx

from .. import gate
from ..core.kernel.errors import DomainError
from ..gate import COOKIE, Credential
from ..i18n import Locale, Reader, gettext

Result = TypeVar("Result")

# Handlers that nobody needs to sign in for; every other one refuses an anonymous caller.
PUBLIC_HANDLERS = frozenset(
    {
        "Door.open_forgotten",
        "Door.open_invitation",
        "Door.open_second_step",
        "Shell.keep_theme",
        "Shell.open_login",
        "Shell.open_page",
        "Shell.switch_language",
        "Shell.toggle_menu",
        "Tracking.object_to",
        "Tracking.open",
        "Tracking.rate",
        "Tracking.toggle_complaint",
    }
)


# Few on purpose: SQLite gives the interpreter lock away at every row, so each further busy thread makes every
# row of the others wait for its turn. More work at once needs more processes.
_THREADS = ThreadPoolExecutor(max_workers=3, thread_name_prefix="gate")


class Gate(rx.State, mixin=True):
    """What every state of ours is built on."""

    def _credential(self) -> Credential:
        cookie = SimpleCookie(self.router.headers.cookie)
        morsel = cookie.get(COOKIE)
        return Credential(session_token=morsel.value if morsel else "")

    async def _read(self, query: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
        """Call a core query as the signed-in actor, in a thread."""
        return await self._through(gate.read, query, *args, **kwargs)

    async def _write(self, verb: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
        """Call a core verb as the signed-in actor, in a thread; committed once or not at all."""
        return await self._through(gate.write, verb, *args, **kwargs)

    async def _ask_in(self) -> None:
        """Refuse nobody-is-signed-in before anything else is looked at."""
        await self._read(_nothing)

    async def _through(self, door: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
        try:
            call = partial(door, self._credential(), *args, **kwargs)
            return await asyncio.get_running_loop().run_in_executor(_THREADS, call)
        except DomainError as error:
            error.language = await self._language()
            raise

    async def _checked(self, parse: Callable[..., Result], /, *args: Any) -> Result:
        """Parse what a signed-in person's form sent; a refusal speaks the tab's language."""
        await self._ask_in()
        try:
            return parse(*args)
        except DomainError as error:
            error.language = await self._language()
            raise

    async def _language(self) -> Reader:
        """The tab's language, for texts made on the server, and how its reader wants figures written."""
        locale = await self.get_state(Locale)
        return locale._reader()

    async def _zone(self) -> str:
        """The person's time zone, in which instants are shown."""
        locale = await self.get_state(Locale)
        return str(locale._zone)

    async def _say(self, text: str, /, **facts: object) -> rx.event.EventSpec:
        """A success toast in the tab's language."""
        return rx.toast.success(gettext(text, await self._language(), **facts))


def _nothing(_session: object, _actor: object) -> None:
    """Only asks the gate who is there."""


def own_states(parent: type[Gate] = Gate) -> list[type[Gate]]:
    """Every concrete state of ours."""
    found: list[type[Gate]] = []
    for state in parent.__subclasses__():
        if not state._mixin:
            found.append(state)
        found += own_states(state)
    return found
