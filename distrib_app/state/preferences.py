"""Preferences: what the signed-in person chose, how that looks, and changing it."""

from dataclasses import asdict
from typing import Any

import reflex as rx

from ..core.kernel.access import Preferences, get_preferences, set_preferences
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import msg
from ..i18n import Locale, Reader
from ..i18n.presentation import compact, compact_micros, instant, money
from .base import Gate
from .shell import Shell

SAMPLE = 438_123_456_78  # minor units
CURRENCY = "CNY"
FIELDS = ("language", "zone", "numbers", "rise", "theme", "currency")


class PreferencesState(Gate, rx.State):
    """The form of the preferences and its sample."""

    is_loaded: bool = False
    chosen: dict[str, str] = {}
    sample: dict[str, str] = {}
    form_key: int = 0

    @rx.event
    async def load(self) -> None:
        """Read what holds."""
        self._show(await self._read(get_preferences), await self._language())

    @rx.event
    async def save(self, values: dict[str, Any]) -> Any:
        """Keep what the form says; the whole platform follows at once, in every browser."""
        changes = {name: str(values[name]).strip() for name in FIELDS if name in values}
        preferences = await self._write(set_preferences, **changes)
        locale = await self.get_state(Locale)
        locale._forget()
        locale._follow(preferences)
        self._show(preferences, await self._language())
        return [Shell.open_page, await self._say(msg("Saved."))]

    def _show(self, preferences: Preferences, reader: Reader) -> None:
        self.chosen = asdict(preferences)
        self.sample = _sample(reader, preferences.zone)
        self.form_key += 1  # the fields start anew with what was kept
        self.is_loaded = True


def _sample(reader: Reader, zone: str) -> dict[str, str]:
    figure, unit = compact_micros(SAMPLE * 10_000, CURRENCY, reader)
    count, count_unit = compact(SAMPLE // 10_000, reader)
    return {
        "short": figure + unit,
        "count": count + count_unit,
        "amount": money(SAMPLE, CURRENCY, reader),
        "instant": instant(utc_now(), zone),
    }
