"""Roles: permission by permission, changed in place by administrators."""

from typing import Any

import reflex as rx

from ..core.channels import RoleRow, create_role, edit_role, list_roles
from ..core.kernel.clock import utc_now
from ..core.kernel.errors import ForbiddenError, NotFoundError, msg
from ..i18n import gettext
from ..i18n.presentation import in_language, number
from .base import Gate
from .partners_view import PERMISSIONS


class RoleBook(Gate, rx.State):
    """The matrix of permissions by role, and the forms beside it."""

    is_loaded: bool = False
    is_forbidden: bool = False
    heads: list[dict[str, str]] = []
    lines: list[list[dict[str, str]]] = []
    role_options: list[dict[str, str]] = []
    model_options: list[dict[str, str]] = []
    form_key: int = 0

    @rx.event
    async def load(self) -> None:
        """Read the roles."""
        try:
            roles = await self._read(list_roles, now=utc_now())
        except ForbiddenError:
            self.is_forbidden = True
            self.is_loaded = True
            return
        self._show(roles, await self._language())

    def _show(self, roles: tuple[RoleRow, ...], language: str) -> None:
        self.heads = [
            {
                "code": row.code,
                "name": in_language(row.name, row.name_en, language),
                "count": number(row.member_count, language),
            }
            for row in roles
        ]
        self.lines = [_line(code, text, roles, language) for code, text in PERMISSIONS.items()]
        self.role_options = [{"value": row["code"], "text": row["name"]} for row in self.heads]
        self.model_options = [
            {"value": "", "text": gettext(msg("Nothing yet"), language)},
            *({"value": row["code"], "text": row["name"]} for row in self.heads),
        ]
        self.is_forbidden = False
        self.is_loaded = True

    @rx.event
    async def toggle(self, role: str, permission: str) -> Any:
        """Give a permission to a role, or take it away."""
        row = await self._find(role)
        kept = [held for held in row.permissions if held != permission]
        wanted = kept if permission in row.permissions else [*kept, permission]
        await self._write(
            edit_role,
            code=role,
            name=row.name,
            name_en=row.name_en,
            permissions=wanted,
            version=row.version,
        )
        return await self._done()

    @rx.event
    async def rename(self, values: dict[str, Any]) -> Any:
        """Another name for a role."""
        form = {key: str(value).strip() for key, value in values.items()}
        row = await self._find(form.get("role", ""))
        await self._write(
            edit_role,
            code=row.code,
            name=form.get("name", ""),
            name_en=form.get("name_en", ""),
            permissions=row.permissions,
            version=row.version,
        )
        return await self._done()

    @rx.event
    async def add(self, values: dict[str, Any]) -> Any:
        """A new role that may what another one may."""
        form = {key: str(value).strip() for key, value in values.items()}
        model = await self._find(form["like"]) if form.get("like") else None
        await self._write(
            create_role,
            code=form.get("new_code", "").lower(),
            name=form.get("name", ""),
            name_en=form.get("name_en", ""),
            permissions=model.permissions if model else (),
        )
        return await self._done()

    async def _find(self, code: str) -> RoleRow:
        for row in await self._read(list_roles, now=utc_now()):
            if row.code == code:
                return row
        raise NotFoundError(kind="role", key=code)

    async def _done(self) -> Any:
        self._show(await self._read(list_roles, now=utc_now()), await self._language())
        self.form_key += 1
        return await self._say(msg("Saved."))


def _line(code: str, text: str, roles: tuple[RoleRow, ...], language: str) -> list[dict[str, str]]:
    """A permission by role; the first cell names it."""
    name = gettext(text, language)
    return [
        {"role": "", "permission": code, "text": name, "has": "", "label": ""},
        *(
            {
                "role": row.code,
                "permission": code,
                "text": "",
                "has": "yes" if code in row.permissions else "",
                "label": f"{in_language(row.name, row.name_en, language)}: {name}",
            }
            for row in roles
        ),
    ]
