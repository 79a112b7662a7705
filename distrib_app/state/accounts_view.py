"""From trading accounts of core to what their pages show: amounts with sign, days left, running balances."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from .. import routes
from ..core.accounts import (
    AccountRow,
    AccountStatement,
    Exposure,
    InvoiceKind,
    OpenItem,
    ReceiptMethod,
)
from ..core.kernel.clock import Period, add_months, month_start
from ..core.kernel.errors import InvalidError, msg
from ..core.kernel.money import decimal_to_minor, divide, exponent
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, money, month, number, own_name
from .steps import step_row

KINDS: dict[str, str] = {
    InvoiceKind.INVOICE: msg("Invoice"),
    InvoiceKind.CREDIT_NOTE: msg("Credit note"),
    "receipt": msg("Receipt"),
}
METHODS: dict[str, str] = {
    ReceiptMethod.TRANSFER: msg("Bank transfer"),
    ReceiptMethod.CASH: msg("Cash"),
    ReceiptMethod.ACCEPTANCE_BILL: msg("Acceptance bill"),
}
RECENT = "3m"
STATEMENT_MONTHS = 24
DUE_SOON_DAYS = 7


def account_row(row: AccountRow, language: str) -> dict[str, str]:
    """An account in a list: amounts without the sign, the currency has a column of its own."""
    exposure = row.exposure
    return {
        "seller": own_name(row.seller, language),
        "seller_code": row.seller.code,
        "buyer": own_name(row.buyer, language),
        "buyer_code": row.buyer.code,
        "buyer_href": routes.account(row.seller.code, row.buyer.code),
        "currency": row.currency,
        "exposure": _amount(exposure.total, row.currency, language),
        "limit": _amount(exposure.limit, row.currency, language),
        "available": _amount(exposure.available, row.currency, language),
        **standing(exposure, language),
    }


def standing(exposure: Exposure, language: str) -> dict[str, str]:
    """One word for where an account stands, the worst first."""
    if exposure.overdue > 0:
        text, tone = msg("Overdue"), "bad"
    elif exposure.available < 0:
        text, tone = msg("Above limit"), "warn"
    else:
        text, tone = msg("In order"), "good"
    return {"standing": gettext(text, language), "standing_tone": tone}


def facts(row: AccountRow, today: date, language: str) -> dict[str, str]:
    """The header and the key facts of one account."""
    exposure, currency = row.exposure, row.currency
    is_temporary = row.temporary_limit_until_on is not None and today <= row.temporary_limit_until_on
    return {
        **account_row(row, language),
        "urgent": gettext(msg("urgent buyer"), language) if row.is_urgent else "",
        "terms": gettext(msg("{days} days"), language, days=row.terms_days),
        "exposure": money(exposure.total, currency, language),
        "available": money(exposure.available, currency, language),
        "available_tone": "bad" if exposure.available < 0 else "",
        "overdue": money(exposure.overdue, currency, language) if exposure.overdue else NO_VALUE,
        "overdue_tone": "bad" if exposure.overdue else "",
        "limit": money(exposure.limit, currency, language),
        "temporary": money(row.temporary_limit_amount, currency, language) if is_temporary else NO_VALUE,
        "temporary_until": day(row.temporary_limit_until_on) if is_temporary else "",
        **_used(exposure),
    }


def _used(exposure: Exposure) -> dict[str, str]:
    """How much of the limit is used, as a text, a width and a tone."""
    if exposure.limit <= 0:
        return {"used": NO_VALUE, "used_width": "0%", "used_tone": "good"}
    percent = divide(max(exposure.total, 0) * 100, exposure.limit)
    tone = "bad" if exposure.available < 0 else "warn" if percent >= 80 else "good"
    return {"used": f"{percent}%", "used_width": f"{min(percent, 100)}%", "used_tone": tone}


def credit_form(row: AccountRow, language: str) -> dict[str, str]:
    """What the credit form starts with: the agreed limits."""
    has_temporary = row.temporary_limit_until_on is not None
    return {
        "limit": _amount(row.credit_limit_amount, row.currency, language),
        "temporary": _amount(row.temporary_limit_amount, row.currency, language) if has_temporary else "",
        "until": day(row.temporary_limit_until_on) if has_temporary else "",
    }


def steps(exposure: Exposure, language: str, zone: str) -> list[dict[str, str]]:
    """How the available credit comes about, amounts written for people."""
    return [step_row(step.frozen(), language, zone) for step in exposure.steps()]


def open_items(items: Sequence[OpenItem], currency: str, today: date, language: str) -> list[dict[str, str]]:
    """Unpaid invoices with the days that are left or gone, oldest due first."""
    return [
        {
            "number": item.number,
            "due_on": day(item.due_on),
            "amount": _amount(item.open_amount, currency, language),
            **_due((item.due_on - today).days, language),
        }
        for item in items
    ]


def _due(days: int, language: str) -> dict[str, str]:
    if days < 0:
        return {"due": gettext(msg("{days} d overdue"), language, days=-days), "due_tone": "bad"}
    if days == 0:
        return {"due": gettext(msg("due today"), language), "due_tone": "warn"}
    tone = "warn" if days <= DUE_SOON_DAYS else "neutral"
    return {"due": gettext(msg("due in {days} d"), language, days=days), "due_tone": tone}


# --- statement of account -----------------------------------------------------------------------------


def period_options(today: date, since: date, language: str) -> list[dict[str, str]]:
    """The last three months, then single months back to the first one of trade (two years at most)."""
    first = max(month_start(since), add_months(month_start(today), 1 - STATEMENT_MONTHS))
    found = [{"value": RECENT, "text": gettext(msg("Last 3 months"), language)}]
    current = month_start(today)
    while current >= first:
        found.append({"value": f"{current:%Y-%m}", "text": month(current, language)})
        current = add_months(current, -1)
    return found


def parse_period(text: str, today: date) -> tuple[str, Period]:
    """The statement's period as the URL says it, a month or the last three; nonsense is the latter."""
    if re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text):
        return text, Period.month(date(int(text[:4]), int(text[5:]), 1))
    this_month = month_start(today)
    return RECENT, Period(add_months(this_month, -2), add_months(this_month, 1))


def statement(found: AccountStatement, language: str) -> list[dict[str, str]]:
    """The statement's lines, newest last, each with the balance after it."""
    return [
        {
            "day": day(row.day),
            "kind": gettext(KINDS[row.kind], language),
            "number": row.number,
            "document": row.document or NO_VALUE,
            "document_href": routes.order(row.document) if row.kind == InvoiceKind.INVOICE else "",
            "debit": _amount(row.amount, found.currency, language) if row.amount >= 0 else "",
            "credit": _amount(-row.amount, found.currency, language) if row.amount < 0 else "",
            "balance": _amount(row.balance, found.currency, language),
        }
        for row in found.rows
    ]


def totals(found: AccountStatement, period: Period, language: str) -> dict[str, str]:
    """Opening and closing balance and the two sums between them."""
    debit = sum(row.amount for row in found.rows if row.amount >= 0)
    credit = sum(-row.amount for row in found.rows if row.amount < 0)
    return {
        "opening": _amount(found.opening, found.currency, language),
        "opening_on": day(period.start),
        "debit": _amount(debit, found.currency, language),
        "credit": _amount(credit, found.currency, language),
        "closing": _amount(found.closing, found.currency, language),
        "count": number(len(found.rows), language),
    }


def _amount(amount: int, currency: str, language: str) -> str:
    return money(amount, currency, language, sign=False)


# --- what people type ---------------------------------------------------------------------------------


def parse_amount(text: str, currency: str, field: str) -> int:
    """A typed amount (`12,345.60`, with or without sign of the currency) in minor units.

    Raises `InvalidError` for anything else, and for digits finer than the currency has.
    """
    plain = re.sub(r"[,，\s¥￥$£€]", "", text)
    if not re.fullmatch(r"\d{1,13}(\.\d+)?", plain):
        raise InvalidError(field=field, reason=msg("is not an amount"))
    if len(plain.partition(".")[2]) > exponent(currency):
        raise InvalidError(field=field, reason=msg("has more digits than the currency"))
    return decimal_to_minor(Decimal(plain), currency)


def paper(key: str, period: Period | None) -> dict[str, str]:
    """Where the statement is on paper, and for which days."""
    days = {"from": period.start.isoformat(), "to": period.last.isoformat()} if period else {}
    return {"paper": routes.document("statement", key), "paper_days": f"&{urlencode(days)}" if days else ""}
