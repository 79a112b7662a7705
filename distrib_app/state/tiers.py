"""Tiers: how far each sees into each data set, what it may do at all, its name and place in the order."""

from typing import Any

import reflex as rx
from sqlmodel import Session

from ..core.channels import (
    TierRow,
    create_tier,
    list_tiers,
    order_tiers,
    rename_tier,
    set_scope_level,
    set_tier_permission,
)
from ..core.kernel.access import Actor, Permission
from ..core.kernel.errors import ForbiddenError, msg
from . import partners_view as view
from .base import Gate


def _tiers(session: Session, actor: Actor) -> tuple[list[TierRow], bool]:
    actor.require(Permission.PARTNERS_READ)
    return list_tiers(session), actor.can(Permission.ADMIN_ACCESS)


class TierMatrix(Gate, rx.State):
    """Two matrices, tiers across; administrators change them in place."""

    is_loaded: bool = False
    is_forbidden: bool = False
    can_edit: bool = False
    heads: list[dict[str, str]] = []
    levels: list[list[dict[str, str]]] = []
    permissions: list[list[dict[str, str]]] = []
    level_options: list[dict[str, str]] = []
    tier_options: list[dict[str, str]] = []
    form_key: int = 0

    @rx.event
    async def load(self) -> None:
        """Read tiers with their levels."""
        try:
            tiers, can_edit = await self._read(_tiers)
        except ForbiddenError:
            self.is_forbidden = True
            self.is_loaded = True
            return
        language = await self._language()
        self.heads = view.tier_heads(tiers, language)
        self.levels = view.level_matrix(tiers, language)
        self.permissions = view.permission_matrix(tiers, language)
        self.level_options = view.options(view.LEVELS, language)
        self.tier_options = view.tier_options(tiers, language)
        self.can_edit = can_edit
        self.is_forbidden = False
        self.is_loaded = True

    @rx.event
    async def change_level(self, tier: str, resource: str, level: str) -> Any:
        """Let a tier see further, or less far, into a resource."""
        await self._write(set_scope_level, tier_code=tier, resource=resource, level=level)
        return await self._done()

    @rx.event
    async def toggle(self, tier: str, permission: str, has: str) -> Any:
        """Let roles held in a tier have a permission, or not."""
        await self._write(set_tier_permission, tier_code=tier, permission=permission, is_allowed=has == "")
        return await self._done()

    @rx.event
    async def move_up(self, tier: str) -> Any:
        """Put a tier one place higher."""
        tiers, _ = await self._read(_tiers)
        codes = [row.code for row in tiers]
        place = codes.index(tier) if tier in codes else 0
        if place > 0:
            codes[place - 1], codes[place] = codes[place], codes[place - 1]
        await self._write(order_tiers, codes=codes)
        return await self._done()

    @rx.event
    async def rename(self, values: dict[str, Any]) -> Any:
        """Another name for a tier."""
        form = {key: str(value).strip() for key, value in values.items()}
        await self._write(
            rename_tier,
            code=form.get("tier", ""),
            name=form.get("name", ""),
            name_en=form.get("name_en", ""),
        )
        return await self._done()

    @rx.event
    async def add(self, values: dict[str, Any]) -> Any:
        """A new tier below all others."""
        form = {key: str(value).strip() for key, value in values.items()}
        await self._write(
            create_tier,
            code=form.get("new_code", "").lower(),
            name=form.get("name", ""),
            name_en=form.get("name_en", ""),
        )
        return await self._done()

    async def _done(self) -> Any:
        await self.load()
        self.form_key += 1
        return await self._say(msg("Saved."))
