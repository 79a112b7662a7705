"""Preferences: language, time zone, figures and colours of the signed-in person, with a sample beside."""

from typing import Any
from zoneinfo import available_timezones

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.preferences import PreferencesState as State
from .components import fact, field, loading, page_header, section, select_field, submit_button
from .layout import framed
from .registry import Page, register

ZONE_LIST = "zones"
# places people live in; the rest of the database is old names
AREAS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific", "UTC")
LANGUAGES = [("zh_CN", "简体中文"), ("en", "English")]  # each in its own words
NUMBERS = [
    ("auto", msg("As usual in the language")),
    ("wan", msg("By ten thousands: 万, 亿")),
    ("thousand", msg("By thousands: K, M, B")),
    ("full", msg("All digits")),
]
RISE = [
    ("auto", msg("As usual in the language")),
    ("red", msg("Red up, green down")),
    ("green", msg("Green up, red down")),
]
THEMES = [
    ("auto", msg("As set in each browser")),
    ("light", msg("Light")),
    ("dark", msg("Dark")),
    ("system", msg("As the device")),
]
CURRENCIES = [("symbol", msg("Sign: ¥")), ("code", msg("Code: CNY"))]


def preferences_page() -> rx.Component:
    """The form, and what it does."""
    return rx.fragment(
        page_header(t(msg("Preferences")), note=t(msg("They follow you to every browser."))),
        rx.cond(State.is_loaded, rx.el.div(form(), sample(), class_name="columns"), loading()),
    )


def form() -> rx.Component:
    """All choices; one button keeps them."""
    return section(
        t(msg("How you read the platform")),
        rx.el.form(
            _pair(
                select_field(
                    t(msg("Language")), "language", LANGUAGES, default_value=State.chosen["language"]
                ),
                zone_field(),
            ),
            _pair(
                _choice(msg("Large figures"), "numbers", NUMBERS),
                _choice(msg("Amounts"), "currency", CURRENCIES),
            ),
            _pair(_choice(msg("Up and down"), "rise", RISE), _choice(msg("Light or dark"), "theme", THEMES)),
            rx.el.p(
                t(msg("Amounts are shown in the currency of their document; nothing is converted.")),
                class_name="note",
            ),
            submit_button(t(msg("Save"))),
            on_submit=State.save,
            key=State.form_key.to_string(),
            class_name="stack form",
        ),
    )


def _pair(*fields: rx.Component) -> rx.Component:
    return rx.el.div(*fields, class_name="field-pair")


def _choice(label: str, name: str, options: list[tuple[str, str]]) -> rx.Component:
    shown: list[tuple[str, Any]] = [(value, t(text)) for value, text in options]
    return select_field(t(label), name, shown, default_value=State.chosen[name])


def zone_field() -> rx.Component:
    """The time zone by its name in the zone database; typing part of it finds it."""
    return rx.fragment(
        field(
            t(msg("Time zone")),
            "zone",
            default_value=State.chosen["zone"],
            list=ZONE_LIST,
            required=True,
            max_length=40,
            auto_complete="off",
            spell_check=False,
        ),
        rx.el.datalist(*[rx.el.option(value=name) for name in zone_names()], id=ZONE_LIST),
    )


def zone_names() -> list[str]:
    """The zones to choose from."""
    return sorted(name for name in available_timezones() if name.partition("/")[0] in AREAS)


def sample() -> rx.Component:
    """Figures as they look from now on."""
    shown = State.sample
    return section(
        t(msg("This is how it looks")),
        rx.el.dl(
            fact(t(msg("Large amount")), shown["short"]),
            fact(t(msg("Large count")), shown["count"]),
            fact(t(msg("Amount")), shown["amount"]),
            fact(t(msg("Now")), shown["instant"]),
            fact(
                t(msg("Up and down")),
                rx.fragment(
                    rx.el.span("▲ 12.4%", class_name="change up"),
                    " ",
                    rx.el.span("▼ 3.1%", class_name="change down"),
                ),
            ),
            class_name="facts",
        ),
    )


register(
    Page(
        route=routes.PREFERENCES,
        title=msg("Preferences"),
        component=framed(preferences_page),
        on_load=[State.load],
    )
)
