"""What the next actions of an order ask for."""

import reflex as rx

from ..core.kernel.errors import msg
from ..i18n import t
from ..state.orders import OrderRecord
from .components import action_card, field, plain_card
from .delivery_form import delivery_fields
from .shipment_parts import carriage_fields


def action_form() -> rx.Component:
    """The fields the chosen action needs."""
    return rx.match(
        OrderRecord.form,
        (
            "ship",
            plain_card(
                t(msg("Ship")),
                carriage_fields(OrderRecord),
                on_submit=OrderRecord.submit,
                class_name="form-row",
            ),
        ),
        (
            "deliver",
            plain_card(
                t(msg("Confirm delivery")),
                delivery_fields(OrderRecord.lines),
                on_submit=OrderRecord.submit,
                class_name="form-row",
            ),
        ),
        (
            "mark_urgent",
            action_card(
                OrderRecord,
                t(msg("Mark urgent")),
                field(t(msg("Reason")), "reason", required=True, max_length=60),
            ),
        ),
        (
            "cancel",
            action_card(
                OrderRecord, t(msg("Cancel the order")), field(t(msg("Reason")), "reason", max_length=200)
            ),
        ),
        (
            "request_return",
            action_card(
                OrderRecord,
                t(msg("Request a return")),
                return_fields(),
                field(t(msg("Reason")), "reason", required=True, max_length=200),
            ),
        ),
        (
            "return",
            action_card(
                OrderRecord,
                t(msg("Take goods back")),
                return_fields(),
                field(t(msg("Reason")), "reason", max_length=200),
            ),
        ),
        rx.fragment(),
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
