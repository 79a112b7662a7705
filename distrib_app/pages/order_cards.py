"""The cards of an order's record: facts, lines, what left and what came back."""

from typing import Any

import reflex as rx

from ..core.kernel.errors import msg
from ..i18n import t
from ..state.orders import OrderRecord
from .components import Column, fact, link, section, table_card, why_number
from .shipment_parts import shipments_card


def facts_card() -> rx.Component:
    """Who, when, how much."""
    facts = OrderRecord.facts
    return rx.el.section(
        rx.el.dl(
            fact(
                t(msg("Seller")),
                link(facts["seller"], href=facts["seller_href"], class_name="link"),
                hint=facts["seller_code"],
            ),
            fact(
                t(msg("Buyer")),
                link(facts["buyer"], href=facts["buyer_href"], class_name="link"),
                hint=facts["buyer_code"],
            ),
            fact(t(msg("Placed")), facts["placed_at"]),
            fact(t(msg("Promised")), why_number(OrderRecord, "promised", facts["promised"])),
            fact(t(msg("Net")), why_number(OrderRecord, "net", facts["net"])),
            fact(t(msg("Tax")), why_number(OrderRecord, "tax", facts["tax"])),
            fact(t(msg("Total")), why_number(OrderRecord, "gross", facts["gross"])),
            fact(t(msg("Invoices")), rx.foreach(OrderRecord.invoices, rx.el.div)),
            class_name="facts",
        ),
        class_name="card",
    )


def lines_card() -> rx.Component:
    """The lines; a click on a number explains it."""
    heads = [
        (msg("SKU"), ""),
        (msg("Name"), ""),
        (msg("From"), ""),
        (msg("Promised"), ""),
        (msg("Ordered"), "number"),
        (msg("Reserved"), "number"),
        (msg("Shipped"), "number"),
        (msg("Returned"), "number"),
        (msg("Price"), "number"),
        (msg("Amount"), "number"),
    ]
    return section(
        t(msg("Order lines")),
        rx.el.div(
            rx.el.table(
                rx.el.caption(t(msg("Order lines")), class_name="visually-hidden"),
                rx.el.thead(
                    rx.el.tr(*[rx.el.th(t(text), scope="col", class_name=name) for text, name in heads])
                ),
                rx.el.tbody(rx.foreach(OrderRecord.lines, line_row)),
            ),
            class_name="table-wrap",
        ),
        class_name="untitled",
    )


def line_row(line: Any) -> rx.Component:
    """One line of the order."""

    def why(name: str, value: Any) -> rx.Component:
        return why_number(OrderRecord, rx.Var.create(f"{name}:") + line["line_no"], value)

    return rx.el.tr(
        rx.el.td(link(line["sku"], href=line["sku_href"], class_name="link")),
        rx.el.td(line["name"]),
        rx.el.td(line["location"], class_name="note"),
        rx.el.td(why("promised", line["promised"]), class_name="nowrap"),
        *[
            rx.el.td(why(key, line[key]), class_name="number")
            for key in ("qty", "reserved", "shipped", "returned", "price")
        ],
        rx.el.td(why("amount", line["gross"]), class_name="number"),
    )


def order_shipments() -> rx.Component:
    """What left, with the photos of its deliveries."""
    return shipments_card(
        OrderRecord,
        OrderRecord.shipments,
        rx.foreach(OrderRecord.shipments, _proof),
        title=t(msg("Shipments")),
    )


def _proof(shipment: Any) -> rx.Component:
    """The photo that was taken when it was signed for."""
    return rx.cond(
        shipment["proof"] != "",
        rx.el.a(
            rx.el.img(src=shipment["proof_small"], alt=t(msg("Photo of the delivery")), class_name="proof"),
            rx.el.span(t(msg("Photo of the delivery")), " ", shipment["number"], class_name="note"),
            href=shipment["proof"],
            target="_blank",
            class_name="proof-link",
        ),
    )


def returns_card() -> rx.Component:
    """What came back."""
    columns = [
        Column("number", msg("Return")),
        Column("returned_at", msg("Returned")),
        Column("lines", msg("Lines")),
        Column("reason", msg("Reason")),
        Column("amount", msg("Refund"), "number"),
    ]
    return table_card(
        t(msg("Returns")),
        columns,
        OrderRecord.returns,
        nothing=t(msg("Nothing came back")),
        cells={"amount": _refund},
    )


def _refund(row: Any) -> rx.Component:
    return rx.el.td(
        why_number(OrderRecord, rx.Var.create("refund:") + row["number"], row["amount"]), class_name="number"
    )
