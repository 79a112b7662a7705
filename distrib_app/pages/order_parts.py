"""The parts of an order on its record: who serves what, the track of stages, next actions, why."""

from typing import Any

import reflex as rx

from ..core.kernel.errors import msg
from ..i18n import t
from ..state.orders import OrderRecord
from ..state.parts_view import STAGE_WORDS
from .components import (
    Column,
    badge,
    field,
    link,
    paper_links,
    section,
    static_table,
    submit_button,
    track,
    urgent_badge,
    why_number,
)
from .delivery_form import delivery_fields
from .map_parts import event_list, parcel_way, stage_track

_FORMS = ("ship", "deliver", "decline")


def fulfilment_tab() -> rx.Component:
    """The map of the order, what was missing in it, then its parts."""
    return rx.el.div(
        rx.cond(OrderRecord.stages.length() > 0, map_card()),
        rx.cond(OrderRecord.shortages.length() > 0, shortages_card()),
        parts_card(),
        class_name="fulfilment",
    )


def map_card() -> rx.Component:
    """Stages with their times, the way of each parcel, and all that happened."""
    return section(
        t(msg("Fulfilment map")),
        stage_track(OrderRecord.stages),
        rx.cond(
            OrderRecord.ways.length() > 0,
            rx.el.ul(rx.foreach(OrderRecord.ways, parcel_way), class_name="map-ways"),
        ),
        rx.el.details(
            rx.el.summary(t(msg("All events"))), event_list(OrderRecord.happenings), class_name="map-more"
        ),
        class_name="wide-map",
    )


def shortages_card() -> rx.Component:
    """What was not signed for."""
    columns = [
        Column("part", msg("Part")),
        Column("sku", msg("SKU")),
        Column("qty", msg("Missing"), "number"),
        Column("why", msg("Why")),
        Column("choice", msg("What became of it")),
        Column("document", msg("Document")),
    ]
    return section(
        t(msg("Short delivery")),
        static_table(columns, OrderRecord.shortages, caption=t(msg("Short delivery"))),
    )


def tracking_card() -> rx.Component:
    """The public page on which the recipient follows the order."""
    return rx.cond(
        OrderRecord.track.contains("href"),
        section(
            t(msg("Public tracking")),
            rx.el.div(
                rx.el.img(
                    src=OrderRecord.track["qr"],
                    alt=t(msg("QR code of the tracking page")),
                    class_name="track-qr",
                ),
                rx.el.div(
                    rx.el.p(
                        t(msg("Whoever has this link follows the order and rates it, without prices.")),
                        class_name="note",
                    ),
                    link(
                        t(msg("Open the tracking page")),
                        href=OrderRecord.track["href"],
                        class_name="button quiet",
                    ),
                    rx.el.input(
                        value=OrderRecord.track["url"],
                        read_only=True,
                        aria_label=t(msg("Link of the tracking page")),
                        class_name="input",
                    ),
                    class_name="stack",
                ),
                class_name="track-share",
            ),
        ),
    )


def parts_card() -> rx.Component:
    """One card per part."""
    return section(
        t(msg("Parts of the order")),
        rx.cond(
            OrderRecord.parts.length() > 0,
            rx.el.ul(rx.foreach(OrderRecord.parts, _part), class_name="parts"),
            rx.el.p(t(msg("This order is history: how it was fulfilled is not known")), class_name="note"),
        ),
        class_name="untitled",
    )


def holds_notice() -> rx.Component:
    """Why the order waits."""
    return rx.foreach(
        OrderRecord.holds,
        lambda hold: rx.el.p(hold["text"], " ", hold["until"], role="status", class_name="notice warn"),
    )


def _part(part: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.strong(part["number"]),
            badge(part["status"], part["tone"]),
            urgent_badge(part["urgent"]),
            rx.el.span(part["mode"], " · ", part["owner"], class_name="note"),
            rx.el.span(class_name="spacer"),
            _actions(part),
            class_name="part-head",
        ),
        rx.cond(part["is_moving"] != "", track(STAGE_WORDS, part)),
        rx.el.p(part["lines"], class_name="part-lines"),
        rx.el.dl(
            rx.cond(part["place"] != "", _fact(t(msg("From")), part["place"])),
            _fact(t(msg("Promised")), _why(part, "promised")),
            _fact(t(msg("Amount")), _why(part, "amount")),
            rx.cond(part["cost"] != "", _fact(t(msg("Cost of serving it")), _why(part, "cost"))),
            rx.cond(part["fee"] != "", _fact(t(msg("Fee of the owner")), _why(part, "fee"))),
            rx.cond(part["shipment"] != "", _fact(t(msg("Shipment")), part["shipment"])),
            class_name="part-facts",
        ),
        rx.cond(part["until"] != "", rx.el.p(part["until"], class_name="note")),
        rx.cond(OrderRecord.part_form == part["number"], _form(part)),
        class_name="part",
    )


def _fact(name: Any, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(value))


def _why(part: Any, name: str) -> rx.Component:
    return why_number(OrderRecord, rx.Var.create(f"{name}:") + part["number"], part[name])


def _actions(part: Any) -> rx.Component:
    labels = {
        "accept": msg("Accept"),
        "decline": msg("Decline"),
        "pick": msg("Pick"),
        "ship": msg("Ship"),
        "deliver": msg("Confirm delivery"),
    }
    return rx.fragment(
        *[
            rx.cond(
                part[f"can_{verb}"] != "",
                rx.el.button(
                    t(label),
                    type="button",
                    on_click=OrderRecord.act_on_part(part["number"], verb),
                    class_name="button quiet danger" if verb == "decline" else "button quiet",
                ),
            )
            for verb, label in labels.items()
        ],
        rx.cond(
            part["has_why"] != "",
            rx.el.button(
                t(msg("Why from there")),
                type="button",
                on_click=OrderRecord.explain_part(part["number"]),
                class_name="link",
            ),
        ),
    )


def _form(part: Any) -> rx.Component:
    """What the chosen action of this part asks for."""
    return rx.el.form(
        rx.match(
            OrderRecord.part_verb,
            (
                "ship",
                rx.fragment(
                    field(t(msg("Carrier")), "carrier", max_length=60),
                    field(t(msg("Waybill")), "waybill", max_length=60),
                    submit_button(t(msg("Ship"))),
                ),
            ),
            (
                "deliver",
                delivery_fields(OrderRecord.part_lines),
            ),
            rx.fragment(field(t(msg("Reason")), "reason", max_length=200), submit_button(t(msg("Decline")))),
        ),
        on_submit=OrderRecord.submit_part,
        class_name="form-row",
    )


def shipments_card() -> rx.Component:
    """What left."""
    columns = [
        Column("number", msg("Shipment")),
        Column("carrier", msg("Carrier")),
        Column("waybill", msg("Waybill")),
        Column("shipped_at", msg("Shipped")),
        Column("delivered_at", msg("Delivered")),
        Column("signed_by", msg("Signed by")),
    ]
    return section(
        t(msg("Shipments")),
        rx.cond(
            OrderRecord.shipments.length() > 0,
            rx.fragment(
                static_table(columns, OrderRecord.shipments, caption=t(msg("Shipments"))),
                rx.foreach(OrderRecord.shipments, _delivery_note),
                rx.foreach(OrderRecord.shipments, _proof),
            ),
            rx.el.p(t(msg("Nothing has been shipped yet")), class_name="note"),
        ),
        class_name="untitled",
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
