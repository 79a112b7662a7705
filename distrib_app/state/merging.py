"""The merge window: what could leave together, why it saves, and shipping a group."""

from datetime import datetime
from typing import Any

import reflex as rx
from sqlmodel import Session

from ..core.channels import get_network
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import Period, business_day, day_start, utc_now
from ..core.kernel.errors import ForbiddenError, InvalidError, msg
from ..core.orders import (
    MERGE_WINDOWS,
    MergeBenefit,
    MergeGroup,
    list_merge_groups,
    read_merge_benefit,
    ship_parts,
)
from ..i18n import gettext
from ..i18n.presentation import day, in_language, money, number, own_name
from .base import Gate
from .fulfilments import Fulfilments
from .steps import step_row

WINDOWS = tuple(str(hours) for hours in MERGE_WINDOWS)


class Merging(Gate, rx.State):
    """Groups of parts that may leave together within the chosen window."""

    is_loaded: bool = False
    hours: str = WINDOWS[0]
    windows: list[dict[str, str]] = []
    groups: list[dict[str, str]] = []
    benefit: str = ""
    steps: list[dict[str, str]] = []
    steps_title: str = ""
    _steps: dict[str, list[dict[str, str]]] = {}
    _numbers: dict[str, list[str]] = {}

    @rx.event
    async def load(self) -> None:
        """What may leave together now, and what merging has saved this month."""
        await self._reload()

    async def _reload(self) -> None:
        try:
            found, benefit = await self._read(_groups, hours=int(self.hours), now=utc_now())
        except ForbiddenError:
            self.groups, self.is_loaded = [], True
            return
        language, zone = await self._language(), await self._zone()
        self._numbers = {group.numbers[0]: list(group.numbers) for group in found}
        self._steps = {
            group.numbers[0]: [step_row(step.frozen(), language, zone) for step in group.steps]
            for group in found
        }
        self.groups = [_group(group, language) for group in found]
        self.windows = [
            {"value": hours, "text": gettext(msg("{hours} hours"), language, hours=hours)}
            for hours in WINDOWS
        ]
        self.benefit = gettext(
            msg("Saved by merging this month: {amount} on {count} shipments"),
            language,
            amount=money(benefit.saving_amount, benefit.currency, language),
            count=number(benefit.shipments, language),
        )
        self.steps, self.is_loaded = [], True

    @rx.event
    async def choose_window(self, hours: str) -> None:
        """How far apart the days may lie on which parts of a group are ready."""
        self.hours = await self._checked(_window, hours)
        await self._reload()

    @rx.event
    async def explain(self, key: str) -> None:
        """Show what a group saves and why."""
        await self._ask_in()
        self.steps = self._steps.get(key, [])
        self.steps_title = gettext(msg("Why merging saves this"), await self._language())

    @rx.event
    async def ship_group(self, key: str) -> Any:
        """All parts of a group leave as one shipment."""
        await self._ask_in()
        shipment = await self._write(ship_parts, numbers=self._numbers.get(key, [key[:48]]))
        said = await self._say(msg("Shipment {number} is on its way."), number=shipment.number)
        await self._reload()
        return [Fulfilments.load, said]


def _groups(
    session: Session, actor: Actor, *, hours: int, now: datetime
) -> tuple[list[MergeGroup], MergeBenefit]:
    actor.require(Permission.ORDERS_FULFIL)
    network = get_network(session)
    month = Period.month(business_day(now, network.zone))
    benefit = read_merge_benefit(
        session,
        start=day_start(month.start, network.zone),
        end=day_start(month.end, network.zone),
        currency=network.currency,
    )
    return list_merge_groups(session, hours=hours, now=now), benefit


def _window(hours: str) -> str:
    if hours not in WINDOWS:
        raise InvalidError(field="hours", reason=hours[:10])
    return hours


def _group(group: MergeGroup, language: str) -> dict[str, str]:
    return {
        "key": group.numbers[0],
        "numbers": ", ".join(group.numbers),
        "count": number(len(group.numbers), language),
        "buyer": own_name(group.buyer, language),
        "place": in_language(group.location_name, group.location_name_en, language),
        "ready_on": day(group.ready_on),
        "cold": gettext(msg("cold chain"), language) if group.is_cold else "",
        "urgent": gettext(msg("urgent"), language) if group.is_urgent else "",
        "apart": money(group.apart_amount, group.currency, language),
        "together": money(group.merged_amount, group.currency, language),
        "saving": money(group.saving_amount, group.currency, language),
    }
