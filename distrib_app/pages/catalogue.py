"""The catalogue and the price book."""

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.catalogue import Catalogue, SkuRecord
from .components import (
    Column,
    Tab,
    action_buttons,
    badge,
    chart,
    columns_of,
    data_table,
    empty_state,
    fact,
    field,
    list_tools,
    page_header,
    record,
    record_columns,
    refusals,
    section,
    select_field,
    static_table,
    submit_button,
    tabs,
)
from .layout import framed
from .registry import Page, register

CATALOGUE_COLUMNS = columns_of(
    "catalogue", {"code": "link", "status": "badge"}, {"category": 2, "kind": 3, "tax": 3, "backorder": 3}
)


def catalogue_page() -> rx.Component:
    """All SKUs."""
    return rx.fragment(
        page_header(t(msg("Catalogue"))),
        rx.el.section(
            list_tools(Catalogue, CATALOGUE_COLUMNS, t(msg("Code, name or initials"))),
            data_table(
                CATALOGUE_COLUMNS, Catalogue, caption=t(msg("Catalogue")), empty=t(msg("No SKUs yet"))
            ),
            class_name="card",
        ),
    )


def sku_page() -> rx.Component:
    """One SKU with its prices."""
    return record(
        SkuRecord,
        sku_body(),
        missing=t(msg("There is no such SKU.")),
        back=(t(msg("To the catalogue")), routes.CATALOGUE),
    )


PRICE_COLUMNS = (
    Column("seller", msg("Seller")),
    Column("kind", msg("Kind")),
    Column("buyers", msg("For")),
    Column("price", msg("Price"), "number"),
    Column("valid", msg("Valid")),
    Column("recorded", msg("Recorded")),
    Column("status", msg("Status"), "badge"),
    Column("reason", msg("Reason")),
)


def sku_body() -> rx.Component:
    """Facts, the base price over time, the price book."""
    facts = SkuRecord.facts
    return rx.fragment(
        page_header(
            rx.fragment(facts["code"], " ", facts["name"]),
            action_buttons(SkuRecord),
            note=badge(facts["status"], facts["status_tone"]),
        ),
        refusals(SkuRecord),
        rx.cond(SkuRecord.form == "price", price_form()),
        record_columns(
            SkuRecord,
            rx.el.section(
                rx.el.dl(
                    fact(t(msg("Product")), facts["product"]),
                    fact(t(msg("Category")), facts["category"]),
                    fact(t(msg("Unit")), facts["unit"]),
                    fact(t(msg("Order multiple")), facts["multiple"]),
                    fact(t(msg("Tax rate")), facts["tax"]),
                    fact(t(msg("Backorder")), facts["backorder"]),
                    fact(t(msg("Barcode")), facts["barcode"]),
                    class_name="facts",
                ),
                class_name="card",
            ),
            tabs(
                SkuRecord,
                t(msg("Parts of the SKU")),
                Tab("prices", msg("Price book"), prices_card(), SkuRecord.prices.length()),
                Tab("history", msg("Base price over time"), history_card()),
            ),
        ),
    )


def prices_card() -> rx.Component:
    """The rows of the price book that the reader may see."""
    return section(
        t(msg("Price book")),
        rx.cond(
            SkuRecord.prices.length() > 0,
            static_table(PRICE_COLUMNS, SkuRecord.prices, caption=t(msg("Price book"))),
            empty_state(t(msg("No price that you may see"))),
        ),
        class_name="untitled",
    )


def history_card() -> rx.Component:
    """How the own base price for everybody moved."""
    return section(
        t(msg("Base price over time")),
        rx.cond(
            SkuRecord.has_history,
            chart(SkuRecord.history, height=240),
            empty_state(t(msg("No base price of one's own"))),
        ),
        class_name="untitled",
    )


def price_form() -> rx.Component:
    """A new row of the own price book."""
    scopes = [
        ("all", t(msg("all buyers"))),
        ("tier", t(msg("tier"))),
        ("region", t(msg("region"))),
        ("partner", t(msg("partner"))),
    ]
    kinds = [
        ("base", t(msg("base price"))),
        ("promotion", t(msg("promotion price"))),
        ("special", t(msg("special price"))),
    ]
    return section(
        t(msg("New price")),
        rx.el.form(
            field(t(msg("Price with tax")), "unit_price", required=True, input_mode="decimal", max_length=20),
            field(
                t(msg("Valid from")), "valid_from", kind="date", required=True, default_value=SkuRecord.today
            ),
            field(t(msg("Until (exclusive)")), "valid_to", kind="date"),
            select_field(t(msg("Kind")), "kind", kinds),
            select_field(t(msg("For")), "buyer_scope", scopes),
            field(t(msg("Code of tier, region or partner")), "scope_code", max_length=40),
            field(t(msg("Reason")), "reason", max_length=200),
            submit_button(t(msg("Add price"))),
            on_submit=SkuRecord.add_price,
            class_name="form-row",
        ),
        class_name="spaced",
    )


register(
    Page(
        route=routes.CATALOGUE,
        title=msg("Catalogue"),
        component=framed(catalogue_page),
        on_load=[Catalogue.load],
        permission=Permission.CATALOG_READ,
        section="trade",
        icon="tag",
    )
)
register(Page(route=routes.SKU, title=msg("SKU"), component=framed(sku_page), on_load=[SkuRecord.load]))
