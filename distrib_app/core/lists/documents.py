"""Lists of the books: accounts with their invoices and receipts, prices, rows of the journal."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from ..accounts import list_accounts, list_invoices, list_receipts
from ..analytics import RowsQuery, View, available_views, list_sales_rows
from ..channels import get_network
from ..kernel.access import Actor, Permission
from ..kernel.clock import Period, parse_day
from ..kernel.errors import InvalidError, msg
from ..kernel.listing import Listing
from ..kernel.money import MILLION
from ..pricing import list_price_rows
from .frame import Asked, FacetWords, ListColumn, ListPage, amount
from .parties import BUYER, PARTIES, SELLER, today
from .words import (
    BUYER_SCOPES,
    FLOW_STEPS,
    INVOICE_KINDS,
    INVOICE_STATES,
    PRICE_KINDS,
    RECEIPT_METHODS,
)


def _read_accounts(session: Session, actor: Actor, asked: Asked, now: datetime) -> Listing[Any]:
    actor.require(Permission.ACCOUNTS_READ)
    code = asked.extras.get("partner", "")
    return list_accounts(session, day=today(session, now), query=asked.query, partner_code=code)


def _read_invoices(session: Session, actor: Actor, asked: Asked, now: datetime) -> Listing[Any]:
    actor.require(Permission.ACCOUNTS_READ)
    return list_invoices(session, day=today(session, now), query=asked.query)


def _read_receipts(session: Session, actor: Actor, asked: Asked, _now: datetime) -> Listing[Any]:
    actor.require(Permission.ACCOUNTS_READ)
    return list_receipts(session, query=asked.query)


def _read_prices(session: Session, actor: Actor, asked: Asked, _now: datetime) -> Listing[Any]:
    actor.require(Permission.PRICES_READ)
    day = asked.extras.get("day", "")
    return list_price_rows(session, query=asked.query, day=parse_day(day, "day") if day else None)


def _read_sales_rows(session: Session, actor: Actor, asked: Asked, _now: datetime) -> Listing[Any]:
    actor.require(Permission.COCKPIT_READ)
    extras = asked.extras
    views = available_views(actor, get_network(session))
    wanted = extras.get("view", "")
    cut = RowsQuery(
        period=_period(extras),
        region_code=extras.get("region", ""),
        category_code=extras.get("category", ""),
        partner_code=extras.get("partner", ""),
        view=View(wanted) if wanted in views else views[0],
        is_purchases=extras.get("side") == "purchases",
    )
    return list_sales_rows(session, actor, cut=cut, query=asked.query)


def _period(extras: Mapping[str, str]) -> Period | None:
    first, last = extras.get("from", ""), extras.get("to", "")
    if "period" in extras:  # a word only the page knows: it depends on the latest day of the lake
        raise InvalidError(field="period", reason=msg("name two days: from and to"))
    if not first and not last:
        return None
    if not first or not last:
        raise InvalidError(field="to" if first else "from", reason="YYYY-MM-DD")
    return Period.inclusive(parse_day(first, "from"), parse_day(last, "to"))


ACCOUNTS = ListPage(
    title=msg("Trading accounts"),
    permission=Permission.ACCOUNTS_READ,
    read=_read_accounts,
    columns=(
        SELLER,
        BUYER,
        ListColumn("buyer_code", msg("Code"), lambda row, to: row.buyer.code),
        ListColumn("currency", msg("Currency"), lambda row, to: row.currency),
        ListColumn(
            "exposure",
            msg("Exposure"),
            lambda row, to: amount(row.exposure.total, row.currency),
            is_number=True,
        ),
        ListColumn(
            "limit",
            msg("Credit limit"),
            lambda row, to: amount(row.exposure.limit, row.currency),
            "limit",
            is_number=True,
        ),
        ListColumn(
            "available",
            msg("Available"),
            lambda row, to: amount(row.exposure.available, row.currency),
            is_number=True,
        ),
    ),
    facets={
        "seller": FacetWords(msg("Seller")),
        "currency": FacetWords(msg("Currency")),
        "state": FacetWords(msg("Account"), {"open": msg("open"), "closed": msg("closed")}),
    },
    extras=("partner",),
)
INVOICES = ListPage(
    title=msg("Invoices"),
    permission=Permission.ACCOUNTS_READ,
    read=_read_invoices,
    columns=(
        ListColumn("number", msg("Number"), lambda row, to: row.number, "number"),
        ListColumn("kind", msg("Kind"), lambda row, to: to.say(INVOICE_KINDS[row.kind])),
        ListColumn("document", msg("Document"), lambda row, to: row.document),
        SELLER,
        BUYER,
        ListColumn("issued_on", msg("Issued on"), lambda row, to: row.issued_on, "issued_on"),
        ListColumn("due_on", msg("Due on"), lambda row, to: row.due_on, "due_on"),
        *(
            ListColumn(
                key.removesuffix("_amount"),
                title,
                lambda row, to, key=key: amount(getattr(row, key), row.currency),  # type: ignore[misc]
                "gross_amount" if key == "gross_amount" else "",
                is_number=True,
                is_amount=True,
                total="" if key == "open_amount" else key,
            )
            for key, title in (
                ("net_amount", msg("Net")),
                ("tax_amount", msg("Tax")),
                ("gross_amount", msg("Total")),
                ("open_amount", msg("Open amount")),
            )
        ),
    ),
    facets={
        "state": FacetWords(msg("Status"), INVOICE_STATES),
        "kind": FacetWords(msg("Kind"), INVOICE_KINDS),
        **PARTIES,
    },
)
RECEIPTS = ListPage(
    title=msg("Receipts"),
    permission=Permission.ACCOUNTS_READ,
    read=_read_receipts,
    columns=(
        ListColumn("number", msg("Number"), lambda row, to: row.number, "number"),
        SELLER,
        BUYER,
        ListColumn("method", msg("Method"), lambda row, to: to.say(RECEIPT_METHODS[row.method])),
        ListColumn("received_on", msg("Received on"), lambda row, to: row.received_on, "received_on"),
        ListColumn("cleared_on", msg("Cleared on"), lambda row, to: row.cleared_on, "cleared_on"),
        ListColumn("reference", msg("Reference"), lambda row, to: row.reference),
        ListColumn(
            "amount",
            msg("Amount"),
            lambda row, to: amount(row.amount, row.currency),
            "amount",
            is_number=True,
            is_amount=True,
            total="amount",
        ),
        ListColumn(
            "unapplied",
            msg("Not applied"),
            lambda row, to: amount(row.unapplied_amount, row.currency),
            is_number=True,
            is_amount=True,
        ),
    ),
    facets={"method": FacetWords(msg("Method"), RECEIPT_METHODS), **PARTIES},
)
PRICES = ListPage(
    title=msg("Prices"),
    permission=Permission.PRICES_READ,
    read=_read_prices,
    columns=(
        SELLER,
        ListColumn("sku", msg("SKU"), lambda row, to: row.sku_code, "sku"),
        ListColumn("name", msg("Name"), lambda row, to: row.sku_name),
        ListColumn("kind", msg("Kind"), lambda row, to: to.say(PRICE_KINDS[row.kind])),
        ListColumn("buyers", msg("Buyers"), lambda row, to: to.say(BUYER_SCOPES[row.buyer_scope])),
        ListColumn("buyer", msg("Buyer"), lambda row, to: to.party(row.buyer) if row.buyer else ""),
        ListColumn("tier", msg("Tier"), lambda row, to: row.tier_code),
        ListColumn("region", msg("Region"), lambda row, to: row.region_code),
        ListColumn(
            "price",
            msg("Price"),
            lambda row, to: row.unit_price,
            "unit_price",
            is_number=True,
            is_amount=True,
        ),
        ListColumn("valid_from", msg("Valid from"), lambda row, to: row.valid_from, "valid_from"),
        ListColumn("valid_to", msg("Valid to"), lambda row, to: row.valid_to),
        ListColumn("reason", msg("Reason"), lambda row, to: row.reason),
    ),
    facets={
        "kind": FacetWords(msg("Kind"), PRICE_KINDS),
        "buyer_scope": FacetWords(msg("Buyers"), BUYER_SCOPES),
    },
    extras=("day",),
)
SALES_ROWS = ListPage(
    title=msg("Sales rows"),
    permission=Permission.COCKPIT_READ,
    read=_read_sales_rows,
    columns=(
        ListColumn("day", msg("Day"), lambda row, to: row.booked_on, "booked_on"),
        ListColumn("step", msg("Flow step"), lambda row, to: to.say(FLOW_STEPS[row.step])),
        ListColumn("document", msg("Document"), lambda row, to: row.document),
        SELLER,
        BUYER,
        ListColumn("sku", msg("SKU"), lambda row, to: row.sku_code, "sku"),
        ListColumn("name", msg("Name"), lambda row, to: to.name(row.sku_name, row.sku_name_en)),
        ListColumn("qty", msg("Quantity"), lambda row, to: row.qty, "qty", True, total="qty"),
        ListColumn(
            "amount",
            msg("Amount"),
            lambda row, to: Decimal(row.amount) / MILLION,
            "amount",
            is_number=True,
            is_amount=True,
            total="net",
        ),
    ),
    facets={
        "kind": FacetWords(msg("Kind"), {"sale": msg("sale"), "return": msg("return")}),
        "step": FacetWords(msg("Flow step"), FLOW_STEPS),
        "buyer": FacetWords(msg("Buyer")),
    },
    extras=("period", "from", "to", "region", "category", "partner", "view", "side"),
)
