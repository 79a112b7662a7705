"""The forms that the next actions of a stock record ask for."""

from typing import Any

import reflex as rx

from ..core.kernel.errors import msg
from ..i18n import t
from ..state.stock_record import StockPage
from .components import field, section, submit_button
from .stock import cost_field, lot_fields


def action_form() -> rx.Component:
    """The form of the action that was chosen."""
    quantity = field(t(msg("Quantity")), "qty", kind="number", required=True, min=1, auto_focus=True)
    document = field(t(msg("Document or reason")), "cause", required=True, max_length=40)
    has_lots = StockPage.facts["has_lots"] != ""
    lots = rx.cond(has_lots, rx.fragment(*lot_fields()))
    return rx.match(
        StockPage.form,
        ("receive", _form(t(msg("Receive goods")), quantity, cost_field(), document, lots)),
        (
            "count",
            _form(
                t(msg("Enter a count")),
                field(t(msg("Counted")), "qty", kind="number", required=True, min=0, auto_focus=True),
                document,
                lots,
            ),
        ),
        (
            "correct",
            _form(
                t(msg("Write off")),
                quantity,
                document,
                rx.cond(has_lots, field(t(msg("Lot")), "lot", max_length=40)),
            ),
        ),
        (
            "report",
            _form(
                t(msg("Report stock")),
                field(t(msg("Reported")), "qty", kind="number", required=True, min=0, auto_focus=True),
                field(
                    t(msg("Counted on")),
                    "counted_on",
                    kind="date",
                    required=True,
                    default_value=StockPage.facts["today"],
                ),
                document,
            ),
        ),
        rx.fragment(),
    )


def _form(title: Any, *fields: rx.Component) -> rx.Component:
    return rx.el.div(
        section(
            title,
            rx.el.form(*fields, submit_button(title), on_submit=StockPage.submit, class_name="form-row"),
        ),
        class_name="spaced",
    )
