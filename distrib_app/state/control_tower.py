"""The control tower: tiles by stage above the list of open orders, the late ones first."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import reflex as rx
from sqlmodel import Session

from .. import routes
from ..core.channels import get_network
from ..core.kernel.access import Permission
from ..core.kernel.clock import business_day, utc_now
from ..core.kernel.errors import msg
from ..core.lists.orders import NEXT_STEPS
from ..core.lists.words import ORDER_STATES
from ..core.orders import StageTile, TowerRow, tower_tiles
from ..gate import allowed
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, in_language, instant, money, number, own_name
from . import orders_view
from .listed import Listed


class ControlTower(Listed, rx.State):
    """Open orders within scope; a tile filters the list, the URL keeps it."""

    tiles: list[dict[str, str]] = []
    late_total: str = ""
    _list: str = "control-tower"
    _tiles: tuple[StageTile, ...] = ()

    def _row(self, row: TowerRow, language: str, zone: str) -> dict[str, str]:
        return tower_row(row, language, zone)

    async def _fetch(
        self, *, offset: int, limit: int, query: dict[str, str]
    ) -> tuple[list[dict[str, str]], int]:
        found = await self._read(allowed(Permission.ORDERS_READ, _tiles))
        rows = await super()._fetch(offset=offset, limit=limit, query=query)
        chosen = {value for name, value in self._pairs() if name == "status"}
        language = await self._language()
        self.tiles = tile_rows(found, chosen, utc_now(), language)
        self.late_total = number(sum(tile.late_count for tile in found), language)
        self._tiles = found
        return rows

    @rx.event
    async def refresh(self) -> Any:
        """Read the list again when something has moved."""
        found = await self._read(allowed(Permission.ORDERS_READ, _tiles))
        return type(self).load if found != self._tiles else None


def _tiles(session: Session) -> tuple[StageTile, ...]:
    return tower_tiles(session, today=business_day(utc_now(), get_network(session).zone))


def tile_rows(
    found: Sequence[StageTile], chosen: set[str], now: datetime, language: str
) -> list[dict[str, str]]:
    """One tile per stage: how many, worth what, how long the oldest waits."""
    rows = []
    for stage, group in groupby(found, key=lambda tile: tile.stage):
        tiles = list(group)
        oldest = min((tile.oldest_at for tile in tiles if tile.oldest_at), default=None)
        late = sum(tile.late_count for tile in tiles)
        amounts = [money(tile.gross_amount, tile.currency, language) for tile in tiles if tile.order_count]
        rows.append(
            {
                "stage": stage,
                "word": gettext(ORDER_STATES[stage], language),
                "count": number(sum(tile.order_count for tile in tiles), language),
                "amount": " · ".join(amounts) or NO_VALUE,
                "oldest": _age(oldest, now, language),
                "late": gettext(msg("{count} late"), language, count=number(late, language)) if late else "",
                "is_chosen": "yes" if stage in chosen else "",
            }
        )
    return rows


def _age(since: datetime | None, now: datetime, language: str) -> str:
    if since is None:
        return NO_VALUE
    hours = int((now - since).total_seconds()) // 3600
    if hours < 48:
        return gettext(msg("oldest {count} h"), language, count=hours)
    return gettext(msg("oldest {count} d"), language, count=hours // 24)


def tower_row(row: TowerRow, language: str, zone: str) -> dict[str, str]:
    """An open order in the list."""
    late = gettext(msg("{count} d late"), language, count=row.delay_days)
    return {
        "key": row.number,
        "number": row.number,
        "number_href": f"{routes.order(row.number)}?tab=parts",
        "seller": own_name(row.seller, language),
        "buyer": own_name(row.buyer, language),
        "placed_at": instant(row.placed_at, zone),
        "promised_on": day(row.promised_on) if row.promised_on else NO_VALUE,
        "delay": late if row.delay_days else "",
        "delay_href": f"{routes.order_why(row.number, 'late')}&tab=parts",
        "place": in_language(row.place, row.place_en, language) or NO_VALUE,
        "next": gettext(NEXT_STEPS[row.next_step], language),
        "hold": gettext(row.hold_text, language, **row.hold_facts) if row.hold_text else "",
        "urgent": gettext(msg("urgent"), language) if row.is_urgent else "",
        "amount": money(row.gross_amount, row.currency, language, sign=False),
        "amount_href": routes.order_why(row.number, "gross"),
        **orders_view.status(row.status, language),
    }
