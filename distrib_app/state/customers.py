"""End customers: the list with a form for a new one, and one customer to change or forget."""

from typing import Any
from urllib.parse import unquote

import reflex as rx

from .. import routes
from ..core.channels import CustomerRow, get_customer, remove_customer, save_customer
from ..core.kernel.errors import ForbiddenError, NotFoundError, msg
from ..core.lists.customers import CUSTOMER_KINDS
from ..i18n import gettext
from ..i18n.presentation import in_language
from .base import Gate
from .listed import Listed

TEXTS = ("name", "kind", "phone", "email", "address", "note")


def _row(row: CustomerRow, language: str) -> dict[str, str]:
    return {
        "key": row.code,
        "code": row.code,
        "code_href": routes.customer(row.partner_code, row.code),
        "partner": row.partner_code,
        "name": row.name,
        "kind": gettext(CUSTOMER_KINDS[row.kind], language),
        "kind_code": row.kind,
        "phone": row.phone,
        "email": row.email,
        "region": in_language(row.region_name, row.region_name_en, language),
        "region_code": row.region_code,
        "address": row.address,
        "note": row.note,
    }


def _facts(values: dict[str, Any]) -> dict[str, str]:
    """What a form sent, as the verb takes it."""
    facts = {key: str(values.get(key, "")) for key in TEXTS}
    return facts | {"region_code": str(values.get("region", "")).strip()}


class CustomerList(Listed, rx.State):
    """Customers of one's own companies."""

    is_form_open: bool = False
    _list: str = "customers"

    def _row(self, row: CustomerRow, language: str, zone: str) -> dict[str, str]:
        del zone
        return _row(row, language)

    @rx.event
    async def toggle_form(self) -> None:
        """Open or close the form for a new customer."""
        await self._ask_in()
        self.is_form_open = not self.is_form_open

    @rx.event
    async def add(self, values: dict[str, Any]) -> Any:
        """Record a new customer of one's own company."""
        await self._write(save_customer, code=str(values.get("code", "")), version=0, **_facts(values))
        self.is_form_open = False
        return [type(self).load, await self._say(msg("Saved."))]


class CustomerRecord(Gate, rx.State):
    """One customer."""

    is_loaded: bool = False
    is_missing: bool = False
    facts: dict[str, str] = {}
    form_key: int = 0
    _version: int = 0

    @rx.event
    async def load(self) -> None:
        """Read the customer the URL names."""
        code = unquote(str(self.router.url.path.rstrip("/").rpartition("/")[2]))[:40]
        partner = dict(self.router.url.query_parameters).get("partner", "")[:40]
        try:
            row = await self._read(get_customer, code=code, partner_code=partner)
        except (NotFoundError, ForbiddenError):
            self.is_missing = True
            self.is_loaded = True
            return
        self.facts = _row(row, await self._language())
        self._version = row.version
        self.form_key += 1  # the form shows what was read, not what was typed before
        self.is_missing = False
        self.is_loaded = True

    @rx.event
    async def save(self, values: dict[str, Any]) -> Any:
        """Change what is recorded; the form stays as it is when refused."""
        await self._ask_in()
        await self._write(
            save_customer,
            code=self.facts.get("code", ""),
            partner_code=self.facts.get("partner", ""),
            version=self._version or None,
            **_facts(values),
        )
        return [type(self).load, await self._say(msg("Saved."))]

    @rx.event
    async def remove(self) -> Any:
        """Forget the customer."""
        await self._ask_in()
        await self._write(
            remove_customer,
            code=self.facts.get("code", ""),
            partner_code=self.facts.get("partner", ""),
            version=self._version or None,
        )
        return [rx.redirect(routes.CUSTOMERS), await self._say(msg("Removed."))]
