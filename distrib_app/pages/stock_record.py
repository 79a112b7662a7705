"""One SKU at one place: key facts, lots, layers, movements, reported stock, recall, and why."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.stock_record import MovementLedger, StockPage
from .components import (
    Column,
    Tab,
    action_buttons,
    badge,
    columns_of,
    data_table,
    empty_state,
    fact,
    link,
    list_tools,
    page_header,
    record,
    record_columns,
    refusals,
    section,
    static_table,
    steps_list,
    steps_panel,
    tabs,
    why_number,
)
from .layout import framed
from .registry import Page, register
from .stock_forms import action_form

MOVEMENTS = columns_of("movements", ranks={"origin": 3, "lot": 3, "reserved": 2})
LOTS = [
    Column("code", msg("Lot"), "link"),
    Column("expires", msg("Good until")),
    Column("left", msg("Days left"), "number"),
    Column("qty", msg("Quantity"), "number"),
    Column("state", msg("Status"), "badge"),
]
LAYERS = [
    Column("origin", msg("Origin")),
    Column("lot", msg("Lot")),
    Column("age", msg("Days"), "number"),
    Column("qty", msg("Quantity"), "number"),
    Column("cost", msg("Net cost"), "number"),
]
PLACES = [
    Column("place", msg("Place"), "link"),
    Column("partner", msg("Partner"), "link"),
    Column("qty", msg("Quantity"), "number"),
]
SHIPMENTS = [
    Column("at", msg("When")),
    Column("document", msg("Document")),
    Column("place", msg("From")),
    Column("receiver", msg("Received by"), "link"),
    Column("qty", msg("Quantity"), "number"),
]


def stock_record_page() -> rx.Component:
    """The record, or that there is none for its reader."""
    facts = StockPage.facts
    return record(
        StockPage,
        page_header(
            rx.fragment(facts["sku"], " · ", facts["place"]),
            action_buttons(StockPage),
            note=facts["name"],
        ),
        refusals(StockPage),
        action_form(),
        record_columns(
            StockPage,
            facts_card(),
            tabs(
                StockPage,
                t(msg("Parts of the stock record")),
                Tab("movements", msg("Movements"), movements_card()),
                Tab("layers", msg("Layers and lots"), layers_card()),
                Tab("reported", msg("Reported stock"), reported_card()),
                Tab("recall", msg("Recall"), recall_card()),
            ),
            aside=steps_panel(StockPage.steps, StockPage.steps_title),
        ),
        missing=t(msg("This stock does not exist, or is not visible to you.")),
        back=(t(msg("Stock")), routes.STOCK),
    )


def facts_card() -> rx.Component:
    """Where, what, how much."""
    facts = StockPage.facts
    return rx.el.section(
        rx.el.dl(
            fact(t(msg("On hand")), _why("on_hand"), hint=facts["unit"]),
            fact(t(msg("Reserved")), _why("reserved")),
            rx.cond(
                facts["has_lots"] != "",
                fact(t(msg("Not to be shipped any more")), _why("unfit")),
            ),
            fact(t(msg("Available")), _why("available")),
            fact(
                t(msg("Reported")),
                _why("reported"),
                hint=rx.cond(facts["counted_on"] != "–", facts["counted_on"], ""),
            ),
            fact(
                t(msg("Gap")),
                _why("gap", badge(facts["gap"], facts["gap_tone"])),
            ),
            fact(t(msg("Age of the report (days)")), _why("age")),
            fact(
                t(msg("Place")),
                link(facts["place"], href=facts["place_href"], class_name="link"),
                hint=facts["kind"],
            ),
            fact(
                t(msg("Owner")),
                link(facts["partner"], href=facts["partner_href"], class_name="link"),
                hint=facts["partner_code"],
            ),
            fact(t(msg("SKU")), link(facts["sku"], href=facts["sku_href"], class_name="link")),
            class_name="facts",
        ),
        class_name="card",
    )


def _why(key: str, shown: Any = None) -> rx.Component:
    return why_number(StockPage, key, StockPage.facts[key], shown)


def movements_card() -> rx.Component:
    """The ledger of the balance."""
    return rx.el.section(
        list_tools(MovementLedger, MOVEMENTS, t(msg("Document"))),
        data_table(
            MOVEMENTS, MovementLedger, caption=t(msg("Movements")), empty=t(msg("Nothing has moved here yet"))
        ),
        class_name="card",
    )


def layers_card() -> rx.Component:
    """How old it is, by layer and by lot."""
    return rx.el.div(
        section(
            t(msg("Ageing")),
            ageing(StockPage.ages),
        ),
        rx.cond(
            StockPage.facts["has_lots"] != "",
            section(
                t(msg("Lots")),
                rx.cond(
                    StockPage.lots.length() > 0,
                    static_table(LOTS, StockPage.lots, caption=t(msg("Lots"))),
                    empty_state(t(msg("No lot lies here"))),
                ),
                note=t(msg("{days} days must be left at shipping"), days=StockPage.facts["min_life"]),
            ),
        ),
        rx.cond(
            StockPage.next_out.length() > 0,
            section(t(msg("What would leave next")), steps_list(StockPage.next_out)),
        ),
        section(
            t(msg("Layers")),
            rx.cond(
                StockPage.layers.length() > 0,
                static_table(LAYERS, StockPage.layers, caption=t(msg("Layers"))),
                empty_state(t(msg("Nothing lies here"))),
            ),
        ),
        class_name="stack",
    )


def ageing(rows: Any) -> rx.Component:
    """Bars of how much is how old, each with its number."""
    return rx.el.ul(
        rx.foreach(
            rows,
            lambda row: rx.el.li(
                rx.el.span(row["label"]),
                rx.el.span(
                    rx.el.span(style={"width": row["width"]}, class_name="bar-fill"), class_name="bar"
                ),
                rx.el.span(row["qty"], class_name="age-qty"),
                class_name="age-row",
            ),
        ),
        class_name="ages",
    )


def reported_card() -> rx.Component:
    """What the owner says, beside the books of that day."""
    facts = StockPage.facts
    return section(
        t(msg("Reported stock")),
        rx.cond(
            facts["counted_on"] == "–",
            empty_state(t(msg("Nothing has been reported yet"))),
            rx.fragment(
                rx.el.dl(
                    fact(t(msg("Counted on")), facts["counted_on"], hint=facts["reported_by"]),
                    fact(t(msg("Reported")), _why("reported")),
                    fact(t(msg("In the books on that day")), _why("calculated")),
                    fact(t(msg("Gap")), _why("gap", badge(facts["gap"], facts["gap_tone"]))),
                    class_name="facts",
                ),
                ageing(StockPage.reported_ages),
            ),
        ),
        note=t(msg("Stands beside the books and changes none")),
    )


def recall_card() -> rx.Component:
    """Where a lot lies and to whom it went."""
    return rx.cond(
        StockPage.recalled != "",
        rx.el.div(
            section(
                t(msg("Where the lot lies")),
                static_table(PLACES, StockPage.recall_places, caption=t(msg("Where the lot lies"))),
                note=StockPage.recalled,
            ),
            section(
                t(msg("To whom it went")),
                rx.cond(
                    StockPage.recall_shipments.length() > 0,
                    static_table(SHIPMENTS, StockPage.recall_shipments, caption=t(msg("To whom it went"))),
                    empty_state(t(msg("None of it has left"))),
                ),
                note=StockPage.recalled,
            ),
            class_name="stack",
        ),
        section(
            t(msg("Recall")),
            rx.cond(
                StockPage.lots.length() > 0,
                static_table(LOTS, StockPage.lots, caption=t(msg("Lots"))),
                empty_state(t(msg("Only what is kept by lot can be recalled by lot."))),
            ),
            note=t(msg("Choose a lot")),
        ),
    )


register(
    Page(
        route=routes.STOCK_RECORD,
        title=msg("Stock record"),
        component=framed(stock_record_page),
        on_load=[StockPage.load, MovementLedger.load],
    )
)
