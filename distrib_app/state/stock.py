"""Stock: balances within scope, and the movements and layers of one of them."""

from decimal import Decimal, InvalidOperation
from typing import Any

import reflex as rx
from sqlmodel import Session

from ..core.channels import get_network
from ..core.inventory import (
    LayersView,
    MovementRow,
    ReceiptLine,
    StockRow,
    count_stock,
    get_layers,
    list_locations,
    list_movements,
    receive_stock,
)
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import business_day, utc_now
from ..core.kernel.errors import InvalidError, msg
from ..core.kernel.listing import ListQuery
from ..gate import allowed
from ..i18n import gettext
from ..i18n.presentation import day, instant, micros, number, own_name
from .listed import Listed

KINDS = {
    "receipt": msg("receipt"),
    "reserve": msg("reservation"),
    "release": msg("release"),
    "ship": msg("shipment"),
    "transfer_out": msg("transfer out"),
    "transfer_in": msg("transfer in"),
    "return": msg("return"),
    "count": msg("count"),
    "correction": msg("correction"),
}
MOVEMENTS = 30
MOST_PLACES = 300


def _balance(
    session: Session, actor: Actor, *, location: str, sku: str
) -> tuple[tuple[MovementRow, ...], LayersView, str]:
    actor.require(Permission.STOCK_READ)
    network = get_network(session)
    today = business_day(utc_now(), network.zone)
    movements = list_movements(
        session, location_code=location, sku_code=sku, query=ListQuery(limit=MOVEMENTS)
    )
    return (
        movements.rows,
        get_layers(session, location_code=location, sku_code=sku, day=today),
        network.currency,
    )


class Stock(Listed, rx.State):
    """Balances; a click opens movements and layers of one."""

    chosen: str = ""
    is_counting: bool = False
    movements: list[dict[str, str]] = []
    layers: list[dict[str, str]] = []
    locations: list[dict[str, str]] = []
    is_form_open: bool = False

    _list: str = "stock"
    _place: tuple[str, str] = ("", "")

    def _row(self, row: StockRow, language: str, zone: str) -> dict[str, str]:
        del zone
        return _stock_row(row, language)

    @rx.event
    async def open_balance(self, location: str, sku: str) -> None:
        """Movements and layers of one balance."""
        await self._open(location, sku)

    async def _open(self, location: str, sku: str) -> None:
        movements, layers, currency = await self._read(_balance, location=location, sku=sku)
        language, zone = await self._language(), await self._zone()
        self.movements = [_movement_row(row, language, zone, currency) for row in movements]
        self.layers = [
            {
                "origin": day(row.origin_on),
                "age": number(row.age_days, language),
                "qty": number(row.qty, language),
                "cost": micros(row.unit_cost_micros, currency, language),
            }
            for row in layers.layers
        ]
        self.chosen = f"{location} · {sku}"
        self.is_counting = False
        self._place = (location, sku)

    @rx.event
    async def toggle_count(self) -> None:
        """Open or close the form for a count of the chosen balance."""
        await self._ask_in()
        self.is_counting = not self.is_counting

    @rx.event
    async def count(self, values: dict[str, Any]) -> Any:
        """Say how many were counted; a large difference is sent for approval."""
        form = {key: str(value).strip() for key, value in values.items()}
        location, sku = self._place
        task = await self._write(
            _count_stock,
            location_code=location,
            sku_code=sku,
            counted_qty=await self._checked(_count, form.get("counted", "")),
            cause=form.get("cause", ""),
        )
        await self._open(location, sku)
        said = msg("Sent for approval: {number}") if task else msg("Saved.")
        return [type(self).load, await self._say(said, number=task)]

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
        line = await self._checked(_receipt_line, form)
        await self._write(
            receive_stock,
            location_code=form.get("location", ""),
            lines=[line],
            cause=form.get("cause", ""),
        )
        self.is_form_open = False
        return [type(self).load, await self._say(msg("Saved."))]


def _count_stock(session: Session, actor: Actor, **facts: Any) -> str:
    """The number of the task that the correction waits for; empty where it was booked."""
    task = count_stock(session, actor, **facts)
    return task.number if task else ""


def _receipt_line(form: dict[str, str]) -> ReceiptLine:
    return ReceiptLine(form.get("sku", ""), _count(form.get("qty", "")), _cost(form.get("unit_cost", "")))


def _count(text: str) -> int:
    if not text.isdecimal():
        raise InvalidError(field=msg("Quantity"), reason=msg("is not a whole number"))
    return int(text)


def _cost(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise InvalidError(field=msg("Net cost per unit"), reason=msg("is not an amount")) from error


def _stock_row(row: StockRow, language: str) -> dict[str, str]:
    is_chinese = language == "zh_CN"
    return {
        "partner": row.partner_name if is_chinese else row.partner_name_en or row.partner_name,
        "location": row.location_code,
        "location_name": row.location_name if is_chinese else row.location_name_en or row.location_name,
        "sku": row.sku_code,
        "name": row.sku_name if is_chinese else row.sku_name_en or row.sku_name,
        "on_hand": number(row.on_hand_qty, language),
        "reserved": number(row.reserved_qty, language),
        "available": number(row.available_qty, language),
        "unit": row.unit,
    }


def _movement_row(row: MovementRow, language: str, zone: str, currency: str) -> dict[str, str]:
    return {
        "at": instant(row.moved_at, zone),
        "kind": gettext(KINDS[row.kind], language),
        "on_hand": f"{row.on_hand_delta:+d}" if row.on_hand_delta else "–",
        "reserved": f"{row.reserved_delta:+d}" if row.reserved_delta else "–",
        "cause": row.cause,
    }
