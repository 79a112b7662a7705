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
    choices,
    field,
    link,
    section,
    static_table,
    submit_button,
    track,
    urgent_badge,
    why_number,
)
from .delivery_form import delivery_fields
from .map_parts import event_list, parcel_way, stage_track
from .shipment_parts import carriage_fields


def fulfilment_tab() -> rx.Component:
    """The map of the order, what was missing in it, then its parts."""
    return rx.el.div(
        rx.cond(OrderRecord.stages.length() > 0, map_card()),
        rx.cond(OrderRecord.shortages.length() > 0, shortages_card()),
        rx.cond(OrderRecord.feeds.length() > 0, feeds_card()),
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


def feeds_card() -> rx.Component:
    """Transfers that bring what parts wait for."""
    columns = [
        Column("number", msg("Transfer"), "link"),
        Column("part", msg("Part")),
        Column("source", msg("From")),
        Column("target", msg("To")),
        Column("qty", msg("Quantity"), "number"),
        Column("received", msg("Received"), "number"),
        Column("promised", msg("Promised")),
        Column("status", msg("Status")),
    ]
    return section(
        t(msg("Goods brought for this order")),
        static_table(columns, OrderRecord.feeds, caption=t(msg("Goods brought for this order"))),
        note=t(msg("What arrives is reserved for the part that waits for it.")),
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
        "feed": msg("Have it brought"),
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
                carriage_fields(OrderRecord),
            ),
            (
                "deliver",
                delivery_fields(OrderRecord.part_lines),
            ),
            ("feed", feed_fields()),
            rx.fragment(field(t(msg("Reason")), "reason", max_length=200), submit_button(t(msg("Decline")))),
        ),
        on_submit=OrderRecord.submit_part,
        class_name="form-row",
    )


def feed_fields() -> rx.Component:
    """From which place the goods are brought, or that none has them."""
    return rx.cond(
        OrderRecord.feed_sources.length() > 0,
        rx.fragment(
            rx.el.label(
                rx.el.span(t(msg("Have it brought from"))),
                rx.el.select(choices(OrderRecord.feed_sources), name="source", class_name="input"),
                class_name="field",
            ),
            submit_button(t(msg("Ask for the transfer"))),
            rx.el.p(OrderRecord.feed_note, class_name="note"),
        ),
        rx.el.p(
            t(msg("No place of the seller or the brand has these goods, or no lane leads here.")),
            class_name="note",
        ),
    )
