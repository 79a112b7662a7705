"""What records of orders and transfers say of their shipments: how goods are sent, the track, the papers."""

from typing import Any

import reflex as rx

from ..core.kernel.errors import msg
from ..i18n import t
from .components import (
    Column,
    choices,
    field,
    paper_links,
    section,
    static_table,
    submit_button,
    table_card,
)

SHIPMENT = [
    Column("number", msg("Shipment")),
    Column("state", msg("Status"), "badge"),
    Column("carrier", msg("Carrier")),
    Column("waybill", msg("Waybill")),
    Column("shipped_at", msg("Shipped")),
    Column("delivered_at", msg("Delivered")),
    Column("signed_by", msg("Signed by")),
]
REPORTS = [
    Column("at", msg("When")),
    Column("what", msg("What happened")),
    Column("place", msg("Place")),
    Column("note", msg("Note")),
    Column("waybill", msg("Waybill")),
]


def carriage_fields(state: Any) -> rx.Component:
    """Who carries the goods: a carrier that is booked by the same button, or a typed name and waybill."""
    return rx.fragment(
        rx.cond(
            state.carriers.length() > 0,
            rx.el.label(
                rx.el.span(t(msg("Pick-up"))),
                rx.el.select(
                    rx.el.option(t(msg("not booked from here")), value=""),
                    choices(state.carriers),
                    value=state.carrier_code,
                    on_change=state.choose_carrier,
                    class_name="input",
                ),
                class_name="field",
            ),
        ),
        rx.cond(
            state.carrier_code == "",
            rx.fragment(
                field(t(msg("Carrier")), "carrier", max_length=60),
                field(t(msg("Waybill")), "waybill", max_length=60),
                rx.el.div(submit_button(t(msg("Ship")))),
            ),
            rx.fragment(
                rx.el.div(submit_button(t(msg("Ship and book the pick-up")))),
                rx.el.p(t(msg("The carrier gives the waybill.")), class_name="note"),
            ),
        ),
    )


def shipments_card(
    state: Any, rows: Any, *extras: rx.Component, title: Any, columns: list[Column] = SHIPMENT
) -> rx.Component:
    """What left, its papers, and the pick-up of what has no waybill yet."""
    return table_card(
        title,
        columns,
        rows,
        rx.foreach(rows, lambda shipment: _booking(state, shipment)),
        rx.foreach(rows, _delivery_note),
        *extras,
        nothing=t(msg("Nothing has been shipped yet")),
    )


def _booking(state: Any, shipment: Any) -> rx.Component:
    """A carrier fetches what left without a waybill."""
    return rx.cond(
        (shipment["can_book"] != "") & (state.carriers.length() > 0),
        rx.el.form(
            rx.el.input(type="hidden", name="shipment", value=shipment["number"], read_only=True),
            rx.el.label(
                rx.el.span(t(msg("Pick-up of {shipment}"), shipment=shipment["number"])),
                rx.el.select(choices(state.carriers), name="carrier_code", class_name="input"),
                class_name="field",
            ),
            submit_button(t(msg("Book"))),
            on_submit=state.book,
            class_name="form-row under",
        ),
    )


def _delivery_note(shipment: Any) -> rx.Component:
    """The paper that went with a shipment."""
    return rx.el.div(
        t(msg("Delivery note")),
        " ",
        shipment["number"],
        paper_links(shipment["paper"]),
        class_name="note papers-row",
    )


def reports_card(rows: Any) -> rx.Component:
    """What carriers and people reported of the shipments, the latest first."""
    return rx.cond(
        rows.length() > 0,
        section(t(msg("On the way")), static_table(REPORTS, rows, caption=t(msg("On the way")))),
    )
