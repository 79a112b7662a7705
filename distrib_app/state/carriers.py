"""Carriers for administrators: who they are, how they are reached, the secret shared with each."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.inventory import CarrierRow, list_carriers, renew_carrier_secret, set_carrier
from ..core.kernel.access import Permission
from ..core.kernel.errors import ForbiddenError, msg
from ..gate import allowed
from ..i18n import gettext
from ..i18n.presentation import own_name
from .base import Gate


class CarrierBook(Gate, rx.State):
    """All carriers, the form of one of them or of a new one, and a secret that is shown once."""

    is_loaded: bool = False
    is_forbidden: bool = False
    rows: list[dict[str, str]] = []
    chosen: dict[str, str] = {}
    is_open: bool = False
    secret: str = ""
    secret_of: str = ""
    form_key: int = 0

    @rx.event
    async def load(self) -> None:
        """Read the carriers; what was shown once is gone."""
        await self._reload()
        self.secret = ""
        self.is_open = False
        self.chosen = {}

    async def _reload(self) -> None:
        try:
            found = await self._read(allowed(Permission.ADMIN_ACCESS, list_carriers))
        except ForbiddenError:
            self.is_forbidden = self.is_loaded = True
            return
        language = await self._language()
        self.rows = [_row(row, language, self.router.url.origin) for row in found]
        self.is_forbidden = False
        self.is_loaded = True

    @rx.event
    async def open_form(self, code: str) -> None:
        """Open the form of a carrier, of a new one where the code is empty; the same again closes it."""
        await self._ask_in()
        chosen = next((row for row in self.rows if row["code"] == code), {})
        self.is_open = not (self.is_open and self.chosen == chosen)
        self.chosen = chosen
        self.secret = ""
        self.form_key += 1

    @rx.event
    async def save(self, values: dict[str, Any]) -> Any:
        """Add the carrier of the form, or change it; the form stays as it is when refused."""
        form = {key: str(value).strip() for key, value in values.items()}
        code = self.chosen.get("code", "") or form.get("new_code", "")[:40]
        await self._write(
            set_carrier,
            code=code,
            name=form.get("name", "")[:60],
            name_en=form.get("name_en", "")[:60],
            service_url=form.get("service_url", "")[:200],
            is_active=self.chosen.get("is_active", "yes") != "",
            version=int(self.chosen.get("version", "0")),
        )
        return await self._done(code)

    @rx.event
    async def switch(self) -> Any:
        """Take no more messages and bookings of the chosen carrier, or take them again."""
        chosen = self.chosen
        code = chosen.get("code", "")
        await self._write(
            set_carrier,
            code=code,
            name=chosen.get("own_name", ""),
            name_en=chosen.get("name_en", ""),
            service_url=chosen.get("service_url", ""),
            is_active=chosen.get("is_active", "") == "",
            version=int(chosen.get("version", "0")),
        )
        return await self._done(code)

    @rx.event
    async def renew(self, values: dict[str, Any]) -> Any:
        """Set a new secret, the carrier's own where one is typed; shown once."""
        code = self.chosen.get("code", "")
        secret = await self._write(
            renew_carrier_secret, code=code, secret=str(values.get("secret", "")).strip()[:120]
        )
        done = await self._done(code)
        self.secret, self.secret_of = secret, code
        return done

    async def _done(self, code: str) -> Any:
        await self._reload()
        self.chosen = next((row for row in self.rows if row["code"] == code), {})
        self.is_open = bool(self.chosen)
        self.secret = ""
        self.form_key += 1
        return await self._say(msg("Saved."))


def _row(row: CarrierRow, language: str, origin: str) -> dict[str, str]:
    state, tone = _state(row)
    return {
        "code": row.code,
        "name": own_name(row, language),
        "own_name": row.name,
        "name_en": row.name_en,
        "service_url": row.service_url,
        "messages_url": f"{origin.rstrip('/')}{routes.API}/carriers/{row.code}/events",
        "is_active": "yes" if row.is_active else "",
        "has_secret": "yes" if row.has_secret else "",
        "state": gettext(state, language),
        "state_tone": tone,
        "bookings": gettext(msg("yes") if row.takes_bookings else msg("no"), language),
        "version": str(row.version),
    }


def _state(row: CarrierRow) -> tuple[str, str]:
    if not row.is_active:
        return msg("switched off"), "neutral"
    return (msg("connected"), "good") if row.has_secret else (msg("no secret yet"), "warn")
