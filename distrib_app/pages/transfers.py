"""Transfers: the list with the form of a request, and the record."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.shell import Shell
from ..state.transfers import TransferList, TransferRecord
from ..state.transfers_view import STAGE_WORDS
from .components import (
    Column,
    Tab,
    action_button,
    action_buttons,
    badge,
    bulk_bar,
    chooser,
    columns_of,
    data_table,
    fact,
    field,
    link,
    list_tools,
    page_header,
    record,
    record_columns,
    refusals,
    section,
    select_field,
    static_table,
    steps_panel,
    submit_button,
    tabs,
    track,
    waiting_task,
)
from .layout import framed
from .registry import Page, register

COLUMNS = columns_of(
    "transfers",
    {"number": "link", "status": "badge"},
    {"giver": 3, "taker": 3, "requested_at": 3, "suggestion": 3, "to": 2, "promised_on": 2},
)
REASONS = (
    ("", msg("Reason")),
    ("lost", msg("lost")),
    ("damaged", msg("damaged")),
    ("not_sent", msg("not sent")),
    ("other", msg("other")),
)
SHIPMENT = [
    Column("number", msg("Shipment")),
    Column("carrier", msg("Carrier")),
    Column("waybill", msg("Waybill")),
    Column("shipped_at", msg("Shipped")),
    Column("delivered_at", msg("Delivered")),
    Column("signed_by", msg("Signed by")),
    Column("freight", msg("Freight"), "number"),
]
SETTLEMENT = [
    Column("kind", msg("Document")),
    Column("number", msg("Number")),
    Column("seller", msg("Seller")),
    Column("buyer", msg("Buyer")),
    Column("net", msg("Net"), "number"),
    Column("tax", msg("Tax"), "number"),
    Column("gross", msg("Total"), "number"),
]
LINES = [
    Column("sku", msg("SKU"), "link"),
    Column("name", msg("Name")),
    Column("qty", msg("Quantity"), "number"),
    Column("shipped", msg("Shipped"), "number"),
    Column("road", msg("On the road"), "number"),
    Column("received", msg("Received"), "number"),
    Column("short", msg("Short"), "number"),
    Column("back", msg("Called off"), "number"),
    Column("amount", msg("Amount"), "number"),
]


def transfers_page() -> rx.Component:
    """The list; a request is asked for above it."""
    new = rx.cond(
        Shell.permissions.contains(Permission.STOCK_WRITE),
        action_button(t(msg("Ask for a transfer")), TransferList.toggle_form, is_primary=True),
    )
    return rx.fragment(
        page_header(t(msg("Transfers")), new),
        rx.cond(TransferList.is_asking, request_form()),
        rx.el.section(
            list_tools(TransferList, COLUMNS, t(msg("Number, partner code or name"))),
            bulk_bar(TransferList),
            data_table(
                COLUMNS,
                TransferList,
                caption=t(msg("Transfers")),
                empty=t(msg("No transfers yet")),
                next_action=new,
                has_selection=True,
            ),
            class_name="card",
        ),
    )


def request_form() -> rx.Component:
    """From where, to where, which goods."""
    return rx.el.div(
        section(
            t(msg("Ask for a transfer")),
            rx.el.form(
                rx.el.div(
                    chooser(t(msg("From")), "from", TransferList.places),
                    chooser(t(msg("Sent to")), "to", TransferList.places),
                    field(t(msg("Note")), "note", max_length=200),
                    class_name="form-row",
                ),
                rx.el.label(
                    rx.el.span(t(msg("A SKU code and a quantity per line"))),
                    rx.el.textarea(
                        name="lines",
                        rows="4",
                        required=True,
                        max_length=20_000,
                        class_name="input",
                    ),
                    class_name="field",
                ),
                rx.el.div(
                    submit_button(t(msg("Ask"))),
                    action_button(t(msg("Close")), TransferList.toggle_form),
                    class_name="form-row",
                ),
                on_submit=TransferList.ask,
                class_name="form-stack",
            ),
            note=t(msg("Between two owners the other one decides.")),
        ),
        class_name="spaced",
    )


def transfer_page() -> rx.Component:
    """One transfer: header with the next actions, where it stands, its lines and documents, what happened."""
    facts = TransferRecord.facts
    return record(
        TransferRecord,
        page_header(
            rx.fragment(t(msg("Transfer")), " ", facts["number"]),
            action_buttons(TransferRecord),
            note=badge(facts["status"], facts["status_tone"]),
        ),
        refusals(TransferRecord),
        waiting_task(TransferRecord),
        action_form(),
        record_columns(
            TransferRecord,
            facts_card(),
            tabs(
                TransferRecord,
                t(msg("Parts of the transfer")),
                Tab("lines", msg("Goods"), lines_card(), TransferRecord.lines.length()),
                Tab("shipment", msg("Shipment"), shipment_card(), TransferRecord.shipment.length()),
                Tab("settlement", msg("Settlement"), settlement_card(), TransferRecord.settlement.length()),
            ),
            aside=rx.cond(
                TransferRecord.steps.length() > 0,
                steps_panel(TransferRecord.steps, t(msg("Why this freight"))),
            ),
        ),
        missing=t(msg("This transfer does not exist, or you cannot see it.")),
        hint=t(msg("A transfer is seen by who gives, who takes, and those above them.")),
        back=(t(msg("To the transfers")), routes.TRANSFERS),
    )


def facts_card() -> rx.Component:
    """The stages, who, where, when."""
    facts = TransferRecord.facts
    return rx.el.section(
        rx.cond(facts["is_moving"] != "", rx.el.div(track(STAGE_WORDS, facts), class_name="spaced")),
        rx.el.dl(
            fact(t(msg("From")), facts["from"], hint=facts["from_code"]),
            fact(t(msg("Sent to")), facts["to"], hint=facts["to_code"]),
            fact(t(msg("Giver")), link(facts["giver"], href=facts["giver_href"], class_name="link")),
            fact(t(msg("Taker")), link(facts["taker"], href=facts["taker_href"], class_name="link")),
            fact(t(msg("Asked for by")), facts["asker"], hint=facts["requested_at"]),
            fact(t(msg("Expected")), facts["promised"]),
            fact(t(msg("How title passes")), facts["title"], hint=facts["neutral"]),
            fact(
                t(msg("Cycle time")),
                facts["cycle"],
                hint=rx.cond(facts["working"] != "", t(msg("{hours} of work"), hours=facts["working"]), ""),
            ),
            rx.cond(
                facts["suggestion"] != "",
                fact(
                    t(msg("Suggestion")),
                    link(
                        facts["suggestion"],
                        href=routes.REPLENISHMENT + "?status=accepted&search=" + facts["suggestion"].to(str),
                        class_name="link",
                    ),
                ),
            ),
            rx.cond(facts["note"] != "", fact(t(msg("Note")), facts["note"])),
            class_name="facts",
        ),
        class_name="card",
    )


def lines_card() -> rx.Component:
    """The lines with where their units are."""
    return section(
        t(msg("Goods")),
        static_table(LINES, TransferRecord.lines, caption=t(msg("Goods"))),
        class_name="untitled",
    )


def shipment_card() -> rx.Component:
    """What carries the goods."""
    return section(
        t(msg("Shipment")),
        rx.cond(
            TransferRecord.shipment.length() > 0,
            static_table(SHIPMENT, TransferRecord.shipment, caption=t(msg("Shipment"))),
            rx.el.p(t(msg("Nothing has been shipped yet")), class_name="note"),
        ),
        class_name="untitled",
    )


def settlement_card() -> rx.Component:
    """Invoices and credit notes that it led to."""
    return section(
        t(msg("Settlement")),
        rx.cond(
            TransferRecord.settlement.length() > 0,
            static_table(SETTLEMENT, TransferRecord.settlement, caption=t(msg("Settlement"))),
            rx.el.p(t(msg("No documents: nothing is settled yet, or no money passes")), class_name="note"),
        ),
        class_name="untitled",
    )


def action_form() -> rx.Component:
    """What the chosen action asks for."""
    return rx.match(
        TransferRecord.form,
        (
            "ship",
            _form(
                t(msg("Ship")),
                field(t(msg("Carrier")), "carrier", max_length=60),
                field(t(msg("Waybill")), "waybill", max_length=60),
            ),
        ),
        (
            "receive",
            _form(
                t(msg("Receive goods")),
                rx.foreach(TransferRecord.lines, arrival_fields),
                rx.el.div(
                    field(t(msg("Signed by")), "signed_by", required=True, max_length=60),
                    class_name="form-row",
                ),
                class_name="form-stack",
            ),
        ),
        (
            "reject",
            _form(t(msg("Reject")), field(t(msg("Reason")), "reason", required=True, max_length=200)),
        ),
        (
            "cancel",
            _form(
                t(msg("Cancel the transfer")),
                rx.cond(
                    TransferRecord.facts["is_out"] != "",
                    select_field(
                        t(msg("What is on the road")),
                        "outcome",
                        [
                            ("restore", t(msg("comes back to where it left"))),
                            ("write_off", t(msg("is lost: write it off"))),
                        ],
                    ),
                ),
                field(t(msg("Reason")), "reason", max_length=200),
            ),
        ),
        rx.fragment(),
    )


def arrival_fields(line: Any) -> rx.Component:
    """What came in of a line, what did not, and why."""
    return rx.cond(
        line["road_qty"] != "0",
        rx.el.div(
            rx.el.strong(line["sku"], class_name="arrival-sku"),
            field(
                t(msg("Received")),
                "received-" + line["line_no"],
                kind="number",
                min=0,
                max=line["road_qty"],
                default_value=line["road_qty"],
            ),
            field(
                t(msg("Short")),
                "short-" + line["line_no"],
                kind="number",
                min=0,
                max=line["road_qty"],
                default_value="0",
            ),
            select_field(
                t(msg("Why short")),
                "reason-" + line["line_no"],
                [(value, t(text)) for value, text in REASONS],
            ),
            class_name="form-row",
        ),
    )


def _form(title: Any, *fields: rx.Component, class_name: str = "form-row") -> rx.Component:
    return rx.el.div(
        section(
            title,
            rx.el.form(
                *fields,
                rx.el.div(submit_button(title)),
                on_submit=TransferRecord.submit,
                class_name=class_name,
            ),
        ),
        class_name="spaced",
    )


register(
    Page(
        route=routes.TRANSFERS,
        title=msg("Transfers"),
        component=framed(transfers_page),
        on_load=[TransferList.load],
        permission=Permission.STOCK_READ,
        section="trade",
        icon="arrow-left-right",
    )
)
register(
    Page(
        route=routes.TRANSFER,
        title=msg("Transfer"),
        component=framed(transfer_page),
        on_load=[TransferRecord.load],
    )
)
