"""Quotas: the list, setting one, sharing a scarce quantity fairly."""

from typing import Any

import reflex as rx
from sqlmodel import Session

from ..core.channels import Partner
from ..core.inventory import QuotaRow, propose_shares, set_quota, share_out
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import Period, parse_day
from ..core.kernel.errors import InvalidError, msg
from ..core.orders import parse_lines
from ..i18n import gettext
from ..i18n.presentation import day, in_language, number, own_name
from .listed import Listed


class Quotas(Listed, rx.State):
    """The list of quotas; forms to set one, and to share out what is scarce."""

    form: str = ""
    own_code: str = ""
    shares: list[dict[str, str]] = []
    _list: str = "quotas"
    _proposal: dict[str, Any] = {}

    def _row(self, row: QuotaRow, language: str, zone: str) -> dict[str, str]:
        del zone
        return _quota_row(row, language)

    @rx.event
    async def toggle(self, form: str) -> None:
        """Open or close the form of one quota, or of shares."""
        self.own_code = await self._read(_own_code)
        self.form = "" if self.form == form else form[:10]
        self.shares = []

    @rx.event
    async def save(self, values: dict[str, Any]) -> Any:
        """Set a quota for a buyer, a tier or everybody."""
        form = _texts(values)
        facts = await self._checked(_one, form)
        await self._write(set_quota, seller_code=self.own_code, **facts)
        self.form = ""
        return [type(self).load, await self._say(msg("Saved."))]

    @rx.event
    async def propose(self, values: dict[str, Any]) -> None:
        """Show how a scarce quantity would be shared."""
        asked = await self._checked(_scarce, _texts(values))
        found = await self._read(propose_shares, total=asked["total"], needs=asked["needs"])
        language = await self._language()
        self._proposal = asked
        self.shares = [
            {
                "buyer": code,
                "need": number(asked["needs"][code], language),
                "share": number(share, language),
            }
            for code, share in found.items()
        ]

    @rx.event
    async def share(self) -> Any:
        """Set the quotas that were proposed."""
        await self._ask_in()
        await self._checked(_proposed, self._proposal)
        await self._write(share_out, seller_code=self.own_code, **self._proposal)
        self.form, self.shares, self._proposal = "", [], {}
        return [type(self).load, await self._say(msg("Saved."))]


def _own_code(session: Session, actor: Actor) -> str:
    """The company that the reader acts for first."""
    actor.require(Permission.STOCK_WRITE)
    return session.get_one(Partner, actor.partner_ids[0]).code if actor.partner_ids else ""


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {key: str(value).strip()[:20_000] for key, value in values.items()}


def _whole(form: dict[str, str], key: str, label: str) -> int:
    if not form.get(key, "").isdecimal() or len(form[key]) > 9:
        raise InvalidError(field=label, reason=msg("is not a whole number"))
    return int(form[key])


def _period(form: dict[str, str]) -> Period:
    return Period.inclusive(
        parse_day(form.get("first", ""), msg("From day")), parse_day(form.get("last", ""), msg("To day"))
    )


def _one(form: dict[str, str]) -> dict[str, Any]:
    return {
        "sku_code": form.get("sku", "")[:60],
        "buyer_code": form.get("buyer", "")[:40],
        "tier_code": form.get("tier", "")[:40],
        "qty": _whole(form, "qty", msg("Quantity")),
        "period": _period(form),
    }


def _scarce(form: dict[str, str]) -> dict[str, Any]:
    return {
        "sku_code": form.get("sku", "")[:60],
        "total": _whole(form, "total", msg("To share")),
        "needs": parse_lines(form.get("needs", "")),
        "period": _period(form),
    }


def _proposed(proposal: dict[str, Any]) -> None:
    if not proposal:
        raise InvalidError(field=msg("To share"), reason=msg("nothing is proposed yet"))


def _quota_row(row: QuotaRow, language: str) -> dict[str, str]:
    everybody = gettext(msg("everybody"), language)
    tier = in_language(row.tier_name, row.tier_name_en, language) if row.tier_code else everybody
    return {
        "sku": row.sku_code,
        "name": in_language(row.sku_name, row.sku_name_en, language),
        "seller": own_name(row.seller, language),
        "buyers": own_name(row.buyer, language) if row.buyer else tier,
        "first_on": day(row.first_on),
        "last_on": day(row.last_on),
        "qty": number(row.qty, language),
        "used": number(row.used_qty, language),
        "left": number(row.left_qty, language),
    }
