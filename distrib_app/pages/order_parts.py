"""The parts of an order on its record: who serves what, the track of stages, next actions, why."""

from typing import Any

import reflex as rx

from ..core.kernel.errors import msg
from ..i18n import t
from ..state.orders import OrderRecord
from ..state.parts_view import STAGE_WORDS
from .components import badge, field, section, submit_button, track, urgent_badge

_FORMS = ("ship", "deliver", "decline")


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
            _fact(t(msg("Promised")), part["promised"]),
            _fact(t(msg("Amount")), part["amount"]),
            rx.cond(part["cost"] != "", _fact(t(msg("Cost of serving it")), part["cost"])),
            rx.cond(part["fee"] != "", _fact(t(msg("Fee of the owner")), part["fee"])),
            rx.cond(part["shipment"] != "", _fact(t(msg("Shipment")), part["shipment"])),
            class_name="part-facts",
        ),
        rx.cond(part["until"] != "", rx.el.p(part["until"], class_name="note")),
        rx.cond(OrderRecord.part_form == part["number"], _form(part)),
        class_name="part",
    )


def _fact(name: Any, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(value))


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
                rx.fragment(
                    field(t(msg("Signed by")), "signed_by", required=True, max_length=60),
                    submit_button(t(msg("Confirm delivery"))),
                ),
            ),
            rx.fragment(field(t(msg("Reason")), "reason", max_length=200), submit_button(t(msg("Decline")))),
        ),
        on_submit=OrderRecord.submit_part,
        class_name="form-row",
    )
