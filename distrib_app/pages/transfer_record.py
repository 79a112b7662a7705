"""The record of a transfer: where it stands, its goods, shipment and settlement, the next actions."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.transfers import TransferRecord
from ..state.transfers_view import REASON_WORDS, STAGE_WORDS
from .components import (
    Column,
    Tab,
    action_buttons,
    action_card,
    badge,
    fact,
    field,
    link,
    page_header,
    plain_card,
    record,
    record_columns,
    refusals,
    section,
    select_field,
    static_table,
    steps_panel,
    table_card,
    tabs,
    track,
    waiting_task,
)
from .layout import framed
from .registry import Page, register
from .shipment_parts import SHIPMENT, carriage_fields, reports_card, shipments_card

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
        rx.cond(
            facts["arrived"] != "",
            rx.el.p(
                rx.icon("package-check", size=16),
                facts["arrived"],
                role="status",
                class_name="notice with-icon spaced",
            ),
        ),
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
    """What carries the goods, and the track of it."""
    freight = Column("freight", msg("Freight"), "number")
    return rx.fragment(
        rx.el.div(
            shipments_card(
                TransferRecord,
                TransferRecord.shipment,
                title=t(msg("Shipment")),
                columns=[*SHIPMENT, freight],
            ),
            class_name="spaced",
        ),
        reports_card(TransferRecord.reports),
    )


def settlement_card() -> rx.Component:
    """Invoices and credit notes that it led to."""
    return table_card(
        t(msg("Settlement")),
        SETTLEMENT,
        TransferRecord.settlement,
        nothing=t(msg("No documents: nothing is settled yet, or no money passes")),
    )


def action_form() -> rx.Component:
    """What the chosen action asks for."""
    return rx.match(
        TransferRecord.form,
        (
            "ship",
            plain_card(
                t(msg("Ship")),
                carriage_fields(TransferRecord),
                on_submit=TransferRecord.submit,
                class_name="form-row",
            ),
        ),
        (
            "receive",
            action_card(
                TransferRecord,
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
            action_card(
                TransferRecord,
                t(msg("Reject")),
                field(t(msg("Reason")), "reason", required=True, max_length=200),
            ),
        ),
        (
            "cancel",
            action_card(
                TransferRecord,
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
                [("", t(msg("Reason"))), *((value, t(text)) for value, text in REASON_WORDS.items())],
            ),
            class_name="form-row",
        ),
    )


register(
    Page(
        route=routes.TRANSFER,
        title=msg("Transfer"),
        component=framed(transfer_page),
        on_load=[TransferRecord.load],
    )
)
