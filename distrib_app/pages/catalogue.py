"""The catalogue and the price book."""

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.catalogue import Catalogue, SkuRecord
from ..state.shell import Shell
from .components import (
    Column,
    action_button,
    badge,
    chart,
    data_table,
    empty_state,
    fact,
    field,
    page_header,
    record,
    search_box,
    section,
    select_field,
    static_table,
    submit_button,
)
from .layout import framed
from .registry import Page, register


def catalogue_page() -> rx.Component:
    """All SKUs."""
    columns = [
        Column("code", msg("SKU"), "link"),
        Column("name", msg("Name")),
        Column("category", msg("Category")),
        Column("kind", msg("Kind")),
        Column("tax", msg("Tax rate"), "number"),
        Column("backorder", msg("Backorder")),
        Column("status", msg("Status"), "badge"),
    ]
    return rx.fragment(
        page_header(
            t(msg("Catalogue")),
            search_box(Catalogue, t(msg("SKU code or name"))),
            rx.el.select(
                rx.el.option(t(msg("All categories")), value=""),
                rx.foreach(
                    Catalogue.category_options, lambda row: rx.el.option(row["text"], value=row["value"])
                ),
                value=Catalogue.category,
                on_change=lambda value: Catalogue.filter_by("category", value),
                aria_label=t(msg("Category")),
                class_name="input",
            ),
        ),
        rx.el.section(
            data_table(columns, Catalogue, caption=t(msg("Catalogue")), empty=t(msg("No SKUs yet"))),
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


def sku_body() -> rx.Component:
    """Facts, the base price over time, the price book."""
    facts = SkuRecord.facts
    columns = [
        Column("seller", msg("Seller")),
        Column("kind", msg("Kind")),
        Column("buyers", msg("For")),
        Column("price", msg("Price"), "number"),
        Column("valid", msg("Valid")),
        Column("recorded", msg("Recorded")),
        Column("status", msg("Status"), "badge"),
        Column("reason", msg("Reason")),
    ]
    return rx.fragment(
        page_header(
            rx.fragment(facts["code"], " ", facts["name"]),
            rx.cond(
                Shell.permissions.contains(Permission.PRICES_WRITE),
                action_button(t(msg("New price")), SkuRecord.toggle_form, is_primary=True),
            ),
            note=badge(facts["status"], facts["status_tone"]),
        ),
        rx.el.div(
            rx.cond(SkuRecord.is_form_open, price_form()),
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
            rx.cond(
                SkuRecord.has_history,
                section(
                    t(msg("Base price over time")),
                    chart(SkuRecord.history, height=160),
                ),
            ),
            section(
                t(msg("Price book")),
                rx.cond(
                    SkuRecord.prices.length() > 0,
                    static_table(columns, SkuRecord.prices, caption=t(msg("Price book"))),
                    empty_state(t(msg("No price that you may see"))),
                ),
            ),
            class_name="stack",
        ),
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
