"""Public tracking: an order as its recipient follows it, and the recipient's rating and complaint."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import reflex as rx

from .. import tracking_door
from ..core.kernel.errors import DomainError, NotFoundError, RateLimitedError, msg
from ..core.lists.words import ORDER_STATES
from ..core.orders import COMPLAINTS, TrackedOrder
from ..i18n import LANGUAGES, Locale, gettext
from ..i18n.presentation import NO_VALUE, day, instant, number, own_name
from . import map_view
from .base import Gate

# what the stars mean, from one to five
STARS = (msg("very bad"), msg("bad"), msg("all right"), msg("good"), msg("very good"))
COMPLAINT_WORDS = tuple(COMPLAINTS.items())
BUSY = msg("Too many questions at once. Please try again in a minute.")


class Tracking(Gate, rx.State):
    """What the tracking page shows; nobody is signed in, the link is the key."""

    is_loaded: bool = False
    is_missing: bool = False
    failure: str = ""
    facts: dict[str, str] = {}
    stages: list[dict[str, str]] = []
    ways: list[map_view.Way] = []
    events: list[dict[str, str]] = []
    can_rate: bool = False
    rating: str = ""
    word: str = ""
    is_complaining: bool = False

    @rx.event
    async def open(self) -> None:
        """Read what the link names, in the language that it, the tab or the browser asks for."""
        await self._greet()
        await self._show()

    @rx.event
    async def rate(self, values: dict[str, Any]) -> Any:
        """Keep the recipient's rating."""
        rating = str(values.get("rating", ""))
        await self._send(
            tracking_door.rate,
            rating=int(rating) if rating.isdecimal() and len(rating) == 1 else 0,
            word=str(values.get("word", "")),
        )
        await self._show()
        return await self._say(msg("Thank you for your rating."))

    @rx.event
    async def toggle_complaint(self) -> None:
        """Open or close the form of a complaint."""
        self.is_complaining = not self.is_complaining

    @rx.event
    async def object_to(self, values: dict[str, Any]) -> Any:
        """Pass a complaint on to the seller."""
        texts = {name: str(values.get(name, "")) for name in ("kind", "text", "contact")}
        await self._send(tracking_door.object_to, **texts)
        self.is_complaining = False
        await self._show()
        return await self._say(msg("Your complaint was passed on. The seller answers within a working day."))

    async def _greet(self) -> None:
        locale = await self.get_state(Locale)
        wanted = {"en": "en", "zh": LANGUAGES[0], LANGUAGES[0]: LANGUAGES[0]}.get(
            self.router.url.query_parameters.get("lang", "")
        )
        if wanted is not None:
            locale.lang = locale._own_lang = wanted
        elif not locale._own_lang and self.router.headers.accept_language.lower().startswith("en"):
            locale.lang = locale._own_lang = "en"

    async def _show(self) -> None:
        try:
            found = await asyncio.to_thread(tracking_door.look, self._link(), self._address())
        except NotFoundError:
            self.reset()
            self.is_missing = True
            self.is_loaded = True
            return
        except RateLimitedError:
            self.failure = gettext(BUSY, await self._language())
            self.is_loaded = True
            return
        language, zone = await self._language(), await self._zone()
        self.facts = facts(found, language, zone)
        self.stages = map_view.stages(found.map, language, zone)
        self.ways = map_view.ways(found.map, language, zone)
        self.events = map_view.events(found.map, language, zone)
        self.can_rate = found.can_rate
        self.rating = str(found.rating or "")
        self.word = found.word
        self.failure = ""
        self.is_missing = False
        self.is_loaded = True

    async def _send(self, answer: Callable[..., None], **values: Any) -> None:
        try:
            await asyncio.to_thread(answer, self._link(), self._address(), **values)
        except DomainError as error:
            error.language = await self._language()
            raise

    def _link(self) -> str:
        return unquote(str(self.router.url.path).rstrip("/").rpartition("/")[2])[:100]

    def _address(self) -> str:
        return str(self.router.session.client_ip)


def facts(found: TrackedOrder, language: str, zone: str) -> dict[str, str]:
    """The head of the page."""
    reached = [mark for mark in found.map.stages if mark.state != "ahead"]
    status = ORDER_STATES["cancelled" if found.is_cancelled else reached[-1].stage]
    return {
        "number": found.number,
        "seller": own_name(found.seller, language),
        "status": gettext(status, language),
        "tone": "neutral" if found.is_cancelled else "good" if found.is_delivered else "accent",
        "placed": day(found.placed_on),
        "promised": day(found.map.promised_on) if found.map.promised_on else NO_VALUE,
        "late": gettext(msg("late"), language) if found.map.is_late and not found.is_cancelled else "",
        "pieces": gettext(msg("{count} pieces"), language, count=number(found.piece_count, language)),
        "is_delivered": "yes" if found.is_delivered else "",
        "until": gettext(
            msg("You can change it until {instant}."), language, instant=instant(found.rating_closes_at, zone)
        )
        if found.can_rate and found.rating_closes_at
        else "",
        "complaint": gettext(msg("Your complaint is being looked at."), language)
        if found.is_complaint_open
        else "",
    }
