"""The forms that the next actions of an order ask for."""

from typing import Any

import reflex as rx

from ..core.kernel.errors import msg
from ..i18n import t
from ..state.orders import OrderRecord
from .components import field, section, submit_button
from .delivery_form import delivery_fields


def action_form() -> rx.Component:
    """The fields the chosen action needs."""
    return rx.match(
        OrderRecord.form,
        (
            "ship",
            _form(
                t(msg("Ship")),
                field(t(msg("Carrier")), "carrier", max_length=60),
                field(t(msg("Waybill")), "waybill", max_length=60),
            ),
        ),
        (
            "deliver",
            rx.el.div(
                section(
                    t(msg("Confirm delivery")),
                    rx.el.form(
                        delivery_fields(OrderRecord.lines),
                        on_submit=OrderRecord.submit,
                        class_name="form-row",
                    ),
                ),
                class_name="spaced",
            ),
        ),
        (
            "mark_urgent",
            _form(
                t(msg("Mark urgent")),
                field(t(msg("Reason")), "reason", required=True, max_length=60),
            ),
        ),
        ("cancel", _form(t(msg("Cancel the order")), field(t(msg("Reason")), "reason", max_length=200))),
        (
            "request_return",
            _form(
                t(msg("Request a return")),
                return_fields(),
                field(t(msg("Reason")), "reason", required=True, max_length=200),
            ),
        ),
        (
            "return",
            _form(
                t(msg("Take goods back")), return_fields(), field(t(msg("Reason")), "reason", max_length=200)
            ),
        ),
        rx.fragment(),
    )


def _form(title: Any, *fields: rx.Component) -> rx.Component:
    return rx.el.div(
        section(
            title,
            rx.el.form(
                *fields,
                submit_button(title),
                on_submit=OrderRecord.submit,
                class_name="form-row",
            ),
        ),
        class_name="spaced",
    )


def return_fields() -> rx.Component:
    """A quantity for each line that can come back."""
    return rx.fragment(
        rx.foreach(
            OrderRecord.lines,
            lambda line: rx.cond(
                line["returnable"] != "0",
                rx.el.label(
                    rx.el.span(line["sku"], " ≤ ", line["returnable"]),
                    rx.el.input(
                        name="line-" + line["line_no"],
                        type="number",
                        min=0,
                        max=line["returnable"],
                        class_name="input",
                    ),
                    class_name="field",
                ),
            ),
        )
    )
