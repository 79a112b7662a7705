"""How goods are sent on records of orders and transfers: a typed waybill, or a carrier that is booked."""

import asyncio
from collections.abc import Sequence
from typing import Any

import reflex as rx

from ..carriers import book_shipment
from ..core.inventory import CarrierRow
from ..core.kernel.errors import DomainError, UnauthenticatedError, msg
from . import shipments_view
from .base import Gate
from .errors import show_error


class Carriage(Gate, mixin=True):
    """The carriers that take bookings, and the one that is chosen; a typed waybill where none is."""

    carriers: list[dict[str, str]] = []
    carrier_code: str = ""

    @rx.event
    async def choose_carrier(self, code: str) -> None:
        """Let a carrier fetch the goods, or (empty) type who does."""
        await self._ask_in()
        self.carrier_code = code[:40]

    @rx.event
    async def book(self, values: dict[str, Any]) -> Any:
        """Order the pick-up of a shipment that left without a waybill."""
        await self._book_at(str(values.get("carrier_code", ""))[:40], [str(values.get("shipment", ""))[:40]])
        await self._reload()
        return await self._say(msg("Saved."))

    async def _reload(self) -> None:
        """Read the record again."""
        raise NotImplementedError

    def _offer(self, rows: Sequence[CarrierRow], language: str) -> None:
        """Show who can be booked."""
        self.carriers = shipments_view.bookable(rows, language)

    def _carriage(self, form: dict[str, str]) -> dict[str, str]:
        """Carrier and waybill as typed; neither where a carrier is booked once the goods have left."""
        if self.carrier_code:
            return {}
        return {"carrier": form.get("carrier", ""), "waybill": form.get("waybill", "")}

    async def _book_sent(self, numbers: Sequence[str]) -> Any:
        """Book shipments that have just left. They have left whatever the carrier says: the answer is what to
        say where a booking failed, None else."""
        chosen, self.carrier_code = self.carrier_code, ""  # for these goods only
        if not chosen:
            return None
        try:
            await self._book_at(chosen, numbers)
        except UnauthenticatedError:
            raise
        except DomainError as error:
            return show_error(error)
        return None

    async def _book_at(self, carrier_code: str, numbers: Sequence[str]) -> None:
        """A carrier may take ten seconds to answer: in a thread that is not one of the gate's."""
        await self._ask_in()
        try:
            for number in numbers:
                await asyncio.to_thread(
                    book_shipment, self._credential(), number=number, carrier_code=carrier_code
                )
        except DomainError as error:
            error.language = await self._language()
            raise
