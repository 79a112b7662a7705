"""Fulfilment: the parts of orders that leave from somewhere, picked, answered for and shipped together."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from ..core.kernel.access import Permission
from ..core.kernel.errors import InvalidError, msg
from ..core.orders import PartListRow, accept_part, decline_part, pick_part, ship_parts
from . import parts_view as view
from .listed import BulkAction, Listed


class Fulfilments(Listed, rx.State):
    """Parts within scope; selected ones are picked, accepted, or leave as one shipment."""

    is_shipping: bool = False
    _list: str = "fulfilments"

    def _row(self, row: PartListRow, language: str, zone: str) -> dict[str, str]:
        del zone
        return view.list_row(row, language)

    def _actions(self) -> Mapping[str, BulkAction]:
        return {
            "pick": BulkAction(msg("Pick"), Permission.ORDERS_FULFIL, pick_part),
            "accept": BulkAction(msg("Accept"), Permission.ORDERS_FULFIL, accept_part),
            "decline": BulkAction(msg("Decline"), Permission.ORDERS_FULFIL, decline_part),
        }

    @rx.event
    async def toggle_shipping(self) -> None:
        """Open or close the form of a shipment of the selected parts."""
        await self._ask_in()
        self.is_shipping = not self.is_shipping

    @rx.event
    async def ship_together(self, values: dict[str, Any]) -> Any:
        """All selected parts leave as one shipment, or none."""
        await self._ask_in()
        numbers = await self._checked(_chosen, list(self.selected))
        shipment = await self._write(
            ship_parts,
            numbers=numbers,
            carrier=str(values.get("carrier", ""))[:80],
            waybill=str(values.get("waybill", ""))[:80],
        )
        number = shipment.number
        self.selected = []
        self.is_shipping = False
        return [type(self).load, await self._say(msg("Shipment {number} is on its way."), number=number)]


def _chosen(numbers: list[str]) -> list[str]:
    if not numbers:
        raise InvalidError(field=msg("Selection"), reason=msg("nothing is selected"))
    return numbers
