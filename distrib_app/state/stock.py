"""Stock: balances within scope, and goods received at an own place."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import reflex as rx

from .. import routes
from ..core.inventory import ReceiptLine, StockRow, list_locations, receive_stock
from ..core.kernel.access import Permission
from ..core.kernel.clock import parse_day
from ..core.kernel.errors import InvalidError, msg
from ..gate import allowed
from ..i18n.presentation import in_language, number, own_name
from .listed import Listed

MOST_PLACES = 300


class Stock(Listed, rx.State):
    """Balances; each leads to its record."""

    locations: list[dict[str, str]] = []
    is_form_open: bool = False

    _list: str = "stock"

    def _row(self, row: StockRow, language: str, zone: str) -> dict[str, str]:
        del zone
        return {
            "partner": in_language(row.partner_name, row.partner_name_en, language),
            "location": row.location_code,
            "location_name": in_language(row.location_name, row.location_name_en, language),
            "sku": row.sku_code,
            "sku_href": routes.stock_record(row.location_code, row.sku_code),
            "name": in_language(row.sku_name, row.sku_name_en, language),
            "on_hand": number(row.on_hand_qty, language),
            "reserved": number(row.reserved_qty, language),
            "available": number(row.available_qty, language),
            **{
                f"{key}_href": routes.stock_why(row.location_code, row.sku_code, key)
                for key in ("on_hand", "reserved", "available")
            },
            "unit": row.unit,
        }

    @rx.event
    async def toggle_form(self) -> None:
        """Open or close the form for a receipt of goods."""
        places = await self._read(allowed(Permission.STOCK_READ, list_locations))
        language = await self._language()
        self.locations = [
            {"value": row.code, "text": f"{row.code} {own_name(row, language)}"}
            for row in places[:MOST_PLACES]
        ]
        self.is_form_open = not self.is_form_open

    @rx.event
    async def receive(self, values: dict[str, Any]) -> Any:
        """Goods received at an own location; the form stays as it is when refused."""
        form = {key: str(value).strip() for key, value in values.items()}
        line = await self._checked(receipt_line, form)
        await self._write(
            receive_stock,
            location_code=form.get("location", ""),
            lines=[line],
            cause=form.get("cause", ""),
        )
        self.is_form_open = False
        return [type(self).load, await self._say(msg("Saved."))]


def receipt_line(form: dict[str, str]) -> ReceiptLine:
    """A form's fields as a line of a receipt. Raises `InvalidError`."""
    return ReceiptLine(
        form.get("sku", ""),
        whole_number(form.get("qty", "")),
        unit_cost(form.get("unit_cost", "")),
        form.get("lot", ""),
        optional_day(form.get("expires_on", "")),
    )


def whole_number(text: str) -> int:
    """A quantity as somebody typed it. Raises `InvalidError`."""
    if not (text.isdecimal() and text.isascii()):
        raise InvalidError(field=msg("Quantity"), reason=msg("is not a whole number"))
    return int(text)


def unit_cost(text: str) -> Decimal:
    """A cost as somebody typed it. Raises `InvalidError`."""
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise InvalidError(field=msg("Net cost per unit"), reason=msg("is not an amount")) from error


def optional_day(text: str) -> date | None:
    """A day, or None for an empty field. Raises `InvalidError`."""
    return parse_day(text, "expires_on") if text else None
