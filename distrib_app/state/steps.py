"""Explanations as pages show them: a step as a row of the why panel, and the panel of one number."""

import re
from collections.abc import Mapping
from typing import Any

import reflex as rx

from ..core.kernel.errors import NotFoundError
from ..core.kernel.explain import Why
from ..i18n import translate_step
from ..i18n.presentation import for_people, number
from .base import Gate

MAX_KEY = 80
_LARGE = re.compile(r"([+-]?)(\d{4,})")


def step_row(step: Mapping[str, Any], language: str, zone: str) -> dict[str, str]:
    """A frozen explanation step as the why panel shows it."""
    result = str(step.get("result", ""))
    whole = _LARGE.fullmatch(result)
    return {
        "text": for_people(translate_step(step, language), language, zone),
        "result": whole[1] + number(int(whole[2]), language) if whole else for_people(result, language, zone),
    }


class WhyPanel(Gate, mixin=True):
    """The panel of a page that shows how one of its numbers came about; `why` names that number."""

    why: str = ""
    steps: list[dict[str, str]] = []
    steps_title: str = ""

    async def _show_why(self, key: str, found: Why) -> None:
        language, zone = await self._language(), await self._zone()
        self.steps_title = translate_step({"text": found.text, "facts": found.facts}, language)
        self.steps = [step_row(step.frozen(), language, zone) for step in found.steps]
        self.why = key

    def _put_why_away(self) -> None:
        self.why, self.steps_title, self.steps = "", "", []

    @rx.event
    async def close_why(self) -> None:
        """Put the panel away."""
        await self._ask_in()
        self._put_why_away()


class Explained(WhyPanel, mixin=True):
    """A page whose numbers open their why: a subclass finds it by the name of the number."""

    async def _find_why(self, key: str) -> Why:
        """Why the number named `key` is what it is. Raises `NotFoundError`."""
        raise NotImplementedError

    @rx.event
    async def explain(self, key: str) -> Any:
        """Show how a number of this page came about."""
        await self._show_why(key[:MAX_KEY], await self._find_why(key[:MAX_KEY]))
        return rx.call_script("document.querySelector('.why')?.scrollIntoView({block: 'nearest'})")

    async def _open_why(self, usual: str) -> None:
        """The number that is open or that the URL names; the usual one where this page has none such."""
        wanted = self.why or self.router.url.query_parameters.get("why", "")[:MAX_KEY] or usual
        try:
            await self._show_why(wanted, await self._find_why(wanted))
        except NotFoundError:
            await self._show_why(usual, await self._find_why(usual))
