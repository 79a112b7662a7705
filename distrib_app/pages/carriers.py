"""Carriers: the list, the form of one, its secret, and where its messages go."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.carriers import CarrierBook
from .components import (
    action_button,
    badge,
    empty_state,
    fact,
    field,
    loading,
    no_permission,
    page_header,
    section,
    shown_once,
    submit_button,
)
from .layout import framed
from .registry import Page, register

HEADS = (
    (msg("Code"), ""),
    (msg("Name"), ""),
    (msg("State"), ""),
    (msg("Takes bookings"), "rank-2"),
    (msg("Address of the service"), "rank-2"),
)


def carriers_page() -> rx.Component:
    """The list; the chosen or new carrier opens beside it."""
    return rx.fragment(
        page_header(
            t(msg("Carriers")),
            rx.cond(
                CarrierBook.is_forbidden,
                rx.fragment(),
                action_button(t(msg("New carrier")), CarrierBook.open_form(""), is_primary=True),
            ),
            note=t(msg("Who fetches parcels and tells where they are.")),
        ),
        rx.cond(
            CarrierBook.is_loaded,
            rx.cond(
                CarrierBook.is_forbidden,
                rx.el.section(no_permission(), class_name="card"),
                rx.el.div(
                    list_card(),
                    rx.cond(CarrierBook.is_open, carrier_panel()),
                    class_name=rx.cond(CarrierBook.is_open, "columns even", ""),
                ),
            ),
            loading(),
        ),
    )


def list_card() -> rx.Component:
    """All carriers; a code opens its form."""
    return rx.el.section(
        rx.cond(
            CarrierBook.rows.length() > 0,
            rx.el.div(
                rx.el.table(
                    rx.el.caption(t(msg("Carriers")), class_name="visually-hidden"),
                    rx.el.thead(
                        rx.el.tr(*[rx.el.th(t(text), scope="col", class_name=name) for text, name in HEADS])
                    ),
                    rx.el.tbody(rx.foreach(CarrierBook.rows, _row)),
                ),
                class_name="table-wrap",
            ),
            empty_state(
                t(msg("No carrier yet")),
                t(msg("Without one, waybills are typed and nobody says where parcels are.")),
            ),
        ),
        class_name="card",
    )


def _row(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.button(
                row["code"],
                type="button",
                on_click=CarrierBook.open_form(row["code"]),
                aria_expanded=rx.cond(
                    CarrierBook.is_open & (CarrierBook.chosen["code"] == row["code"]), "true", "false"
                ),
                class_name="link",
            )
        ),
        rx.el.td(row["name"]),
        rx.el.td(badge(row["state"], row["state_tone"])),
        rx.el.td(row["bookings"], class_name="rank-2"),
        rx.el.td(rx.cond(row["service_url"] != "", row["service_url"], "–"), class_name="rank-2 breaks"),
    )


def carrier_panel() -> rx.Component:
    """The form; of a known carrier also its secret and where its messages go."""
    chosen = CarrierBook.chosen
    return rx.el.div(
        section(
            rx.cond(
                chosen.contains("code"),
                rx.fragment(chosen["code"], " ", chosen["name"]),
                t(msg("New carrier")),
            ),
            carrier_form(),
            note=rx.el.button(
                rx.icon("x", size=16),
                type="button",
                on_click=CarrierBook.open_form(rx.cond(chosen.contains("code"), chosen["code"], "")),
                aria_label=t(msg("Close")),
                title=t(msg("Close")),
                class_name="icon-button",
            ),
        ),
        rx.cond(chosen.contains("code"), secret_card()),
        class_name="stack",
    )


def carrier_form() -> rx.Component:
    """What is known of a carrier."""
    chosen = CarrierBook.chosen
    return rx.el.form(
        rx.cond(
            chosen.contains("code"),
            rx.fragment(),
            field(t(msg("Code")), "new_code", required=True, max_length=40, auto_complete="off"),
        ),
        rx.el.div(
            field(
                t(msg("Name")),
                "name",
                required=True,
                max_length=60,
                auto_complete="off",
                default_value=chosen["own_name"],
            ),
            field(
                t(msg("English name")),
                "name_en",
                max_length=60,
                auto_complete="off",
                default_value=chosen["name_en"],
            ),
            class_name="field-pair",
        ),
        field(
            t(msg("Address of the service")),
            "service_url",
            max_length=200,
            auto_complete="off",
            default_value=chosen["service_url"],
        ),
        rx.el.p(t(msg("Without an address nothing is booked or asked there.")), class_name="note"),
        rx.el.div(
            submit_button(rx.cond(chosen.contains("code"), t(msg("Save")), t(msg("Add carrier")))),
            rx.cond(
                chosen.contains("code"),
                action_button(
                    rx.cond(chosen["is_active"] != "", t(msg("Take out of use")), t(msg("Use again"))),
                    CarrierBook.switch,
                ),
            ),
            class_name="form-row",
        ),
        on_submit=CarrierBook.save,
        key=CarrierBook.form_key.to_string() + ":form",
        class_name="stack form",
    )


def secret_card() -> rx.Component:
    """What signs the messages of both sides, and where the carrier's go."""
    chosen = CarrierBook.chosen
    return section(
        t(msg("Messages")),
        rx.cond(
            CarrierBook.secret != "",
            shown_once(
                t(msg("Secret of {carrier}"), carrier=CarrierBook.secret_of),
                CarrierBook.secret,
                note=t(msg("Hand it to the carrier now: it is shown only once.")),
            ),
        ),
        rx.el.dl(
            fact(
                t(msg("Address for its messages")),
                rx.el.code(chosen["messages_url"], class_name="once-value"),
            ),
            fact(
                t(msg("Secret")),
                rx.cond(chosen["has_secret"] != "", t(msg("set")), t(msg("not set: nothing is taken yet"))),
            ),
            class_name="facts one spaced",
        ),
        rx.el.form(
            field(
                t(msg("The carrier's own secret, or empty for a new one")),
                "secret",
                max_length=120,
                auto_complete="off",
            ),
            rx.el.p(t(msg("The old secret ends at once.")), class_name="note"),
            rx.el.div(
                rx.el.button(
                    rx.cond(chosen["has_secret"] != "", t(msg("Renew the secret")), t(msg("Set the secret"))),
                    type="submit",
                    class_name="button quiet",
                ),
            ),
            on_submit=CarrierBook.renew,
            key=CarrierBook.form_key.to_string() + ":secret",
            class_name="stack form",
        ),
    )


register(
    Page(
        route=routes.CARRIERS,
        title=msg("Carriers"),
        component=framed(carriers_page),
        on_load=[CarrierBook.load],
        permission=Permission.ADMIN_ACCESS,
        section="system",
        icon="truck",
    )
)
