"""The form of a delivery, the same for an order and for one part of it; usable on a phone at the ramp."""

from typing import Any

import reflex as rx

from ..core.kernel.errors import msg
from ..i18n import t
from ..state.deliveries import REASONS
from ..state.orders import OrderRecord
from .components import field, submit_button


def delivery_fields(lines: Any) -> rx.Component:
    """Name, time, photo, and per line (`line_no`, `sku`, `arriving`) what did not arrive."""
    return rx.fragment(
        field(t(msg("Signed by")), "signed_by", required=True, max_length=60),
        field(t(msg("Signed at (now, if empty)")), "signed_at", kind="datetime-local"),
        rx.el.label(
            rx.el.span(t(msg("Photo of the delivery"))),
            rx.el.input(
                type="file",
                accept="image/png,image/jpeg,image/webp",
                custom_attrs={"data-proof": OrderRecord.facts["number"]},
                class_name="input",
            ),
            rx.el.input(type="hidden", name="proof_file", default_value=""),
            rx.el.span(
                class_name="proof-status note",
                role="status",
                custom_attrs={"data-failed": t(msg("The photo could not be kept. Try again."))},
            ),
            class_name="field",
        ),
        rx.el.details(
            rx.el.summary(t(msg("Less arrived than was sent?"))),
            rx.foreach(lines, _missing),
            class_name="missing-lines",
        ),
        submit_button(t(msg("Confirm delivery"))),
    )


def _missing(line: Any) -> rx.Component:
    return rx.cond(
        line["arriving"] != "0",
        rx.el.div(
            rx.el.label(
                rx.el.span(line["sku"], " ≤ ", line["arriving"]),
                rx.el.input(
                    name="missing-" + line["line_no"],
                    type="number",
                    min=0,
                    max=line["arriving"],
                    class_name="input",
                ),
                class_name="field",
            ),
            rx.el.label(
                rx.el.span(t(msg("Why")), class_name="visually-hidden"),
                rx.el.select(
                    *[rx.el.option(t(text), value=reason) for reason, text in REASONS],
                    name="why-" + line["line_no"],
                    aria_label=t(msg("Why")),
                    class_name="input",
                ),
                class_name="field",
            ),
            class_name="missing-line",
        ),
    )
