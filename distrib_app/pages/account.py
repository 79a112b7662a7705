"""One's own account: profile and password, second factor, browsers, tokens."""

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.account import OwnAccount
from .components import (
    action_button,
    badge,
    field,
    loading,
    page_header,
    section,
    select_field,
    shown_once,
    submit_button,
)
from .layout import framed
from .people_tables import keys_table, sessions_table
from .registry import Page, register

LIFETIMES = [
    ("30", msg("30 days")),
    ("90", msg("90 days")),
    ("365", msg("One year")),
    ("0", msg("Until it is ended")),
]


def account_page() -> rx.Component:
    """Browsers and tokens on the left, how one signs in on the right."""
    return rx.fragment(
        page_header(t(msg("My account")), note=OwnAccount.facts["username"]),
        rx.cond(
            OwnAccount.is_loaded,
            rx.el.div(
                rx.el.div(browsers_card(), keys_card(), class_name="stack"),
                rx.el.div(profile_card(), password_card(), factor_card(), class_name="stack"),
                class_name="columns with-form",
            ),
            loading(),
        ),
    )


def _key(name: str) -> rx.Var[str]:
    return OwnAccount.form_key.to_string() + f":{name}"


def profile_card() -> rx.Component:
    """Name and e-mail address."""
    return section(
        t(msg("Profile")),
        rx.el.form(
            field(
                t(msg("Full name")), "name", default_value=OwnAccount.facts["name"], required=True,
                max_length=120, auto_complete="name",
            ),
            field(
                t(msg("E-mail")), "email", kind="email", default_value=OwnAccount.facts["email"],
                max_length=200, auto_complete="email",
            ),
            submit_button(t(msg("Save"))),
            on_submit=OwnAccount.save_profile,
            key=_key("profile"),
            class_name="stack form",
        ),
    )  # fmt: skip


def password_card() -> rx.Component:
    """Another password."""
    return section(
        t(msg("Password")),
        rx.el.form(
            field(
                t(msg("Present password")), "present", kind="password", required=True,
                auto_complete="current-password",
            ),
            rx.el.div(
                field(
                    t(msg("New password")), "password", kind="password", required=True, min_length=10,
                    auto_complete="new-password",
                ),
                field(
                    t(msg("New password again")), "again", kind="password", required=True, min_length=10,
                    auto_complete="new-password",
                ),
                class_name="field-pair",
            ),
            rx.el.p(
                t(msg("At least 10 characters. Every other browser is signed out.")), class_name="note"
            ),
            submit_button(t(msg("Change password"))),
            on_submit=OwnAccount.save_password,
            key=_key("password"),
            class_name="stack form",
        ),
    )  # fmt: skip


def factor_card() -> rx.Component:
    """The second factor: off, being set up, or on."""
    return section(
        t(msg("Second factor")),
        rx.cond(OwnAccount.recovery_codes.length() > 0, recovery_box()),
        rx.cond(
            OwnAccount.facts["has_factor"] != "",
            factor_on(),
            rx.cond(OwnAccount.enrolment.length() > 0, factor_form(), factor_off()),
        ),
        note=badge(OwnAccount.facts["factor"], OwnAccount.facts["factor_tone"]),
    )


def recovery_box() -> rx.Component:
    """Ten codes, shown once."""
    return rx.el.div(
        rx.el.p(t(msg("Recovery codes")), class_name="once-title"),
        rx.el.ul(
            rx.foreach(OwnAccount.recovery_codes, lambda code: rx.el.li(rx.el.code(code))),
            class_name="codes",
        ),
        rx.el.p(
            t(msg("Keep them where your phone is not. Each opens once; they are shown only now.")),
            class_name="note",
        ),
        role="status",
        class_name="once",
    )


def factor_off() -> rx.Component:
    """Not set up yet."""
    return rx.el.div(
        rx.el.p(
            t(msg("A code of your phone is asked for after the password: a stolen password opens nothing.")),
            class_name="note",
        ),
        action_button(t(msg("Set up")), OwnAccount.begin_factor, is_primary=True),
        class_name="stack form",
    )


def code_field() -> rx.Component:
    """Six digits of the app."""
    return field(
        t(msg("One-time code")), "code", required=True, max_length=30, auto_complete="one-time-code",
        input_mode="text",
    )  # fmt: skip


def factor_form() -> rx.Component:
    """The QR code, and the first code that confirms it."""
    return rx.el.div(
        rx.el.p(t(msg("Scan this with an authenticator app, then enter the code it shows."))),
        rx.html(OwnAccount.enrolment["picture"], class_name="qr"),
        rx.el.p(
            t(msg("Or type this key:")), " ", rx.el.code(OwnAccount.enrolment["secret"]), class_name="note"
        ),
        rx.el.form(
            code_field(),
            submit_button(t(msg("Confirm"))),
            on_submit=OwnAccount.confirm_factor,
            class_name="stack form",
        ),
        class_name="stack",
    )


def factor_on() -> rx.Component:
    """New recovery codes, or switch it off."""
    return rx.el.div(
        rx.el.p(
            t(msg("Unused recovery codes: {count}"), count=OwnAccount.facts["recovery_codes_left"]),
            class_name="note",
        ),
        rx.el.details(
            rx.el.summary(t(msg("New recovery codes"))),
            rx.el.form(
                code_field(),
                submit_button(t(msg("Show new codes"))),
                on_submit=OwnAccount.renew_codes,
                key=_key("renew"),
                class_name="stack form",
            ),
        ),
        rx.el.details(
            rx.el.summary(t(msg("Switch off"))),
            rx.el.form(
                field(
                    t(msg("Password")), "password", kind="password", required=True,
                    auto_complete="current-password",
                ),
                code_field(),
                submit_button(t(msg("Switch off"))),
                on_submit=OwnAccount.disable_factor,
                key=_key("off"),
                class_name="stack form",
            ),
        ),
        class_name="stack",
    )  # fmt: skip


def browsers_card() -> rx.Component:
    """Where one is signed in."""
    return section(
        t(msg("Browsers")),
        sessions_table(OwnAccount.sessions, OwnAccount.end_session),
        note=rx.cond(
            OwnAccount.sessions.length() > 1,
            action_button(t(msg("Sign all others out")), OwnAccount.end_others),
        ),
    )


def keys_card() -> rx.Component:
    """Tokens that act in one's own name, and a new one."""
    return section(
        t(msg("Tokens")),
        rx.cond(
            OwnAccount.new_key != "",
            shown_once(
                t(msg("New token")),
                OwnAccount.new_key,
                note=t(msg("Keep it now: it is shown only once.")),
            ),
        ),
        keys_table(OwnAccount.api_keys, OwnAccount.end_key),
        rx.el.details(
            rx.el.summary(t(msg("Issue a token"))),
            rx.el.form(
                rx.el.div(
                    field(t(msg("Name")), "name", required=True, max_length=120, auto_complete="off"),
                    select_field(
                        t(msg("Valid for")), "days", [(value, t(text)) for value, text in LIFETIMES]
                    ),
                    class_name="field-pair",
                ),
                rx.el.fieldset(
                    rx.el.legend(t(msg("May only (nothing ticked: everything you may)"))),
                    rx.foreach(
                        OwnAccount.scope_options,
                        lambda row: rx.el.label(
                            rx.el.input(type="checkbox", name=row["value"]), row["text"], class_name="tick"
                        ),
                    ),
                    class_name="ticks",
                ),
                submit_button(t(msg("Issue"))),
                on_submit=OwnAccount.issue_key,
                key=_key("issue"),
                class_name="stack form",
            ),
        ),
        note=t(msg("For programs that use the REST interface in your name")),
    )


register(
    Page(
        route=routes.ACCOUNT_OWN,
        title=msg("My account"),
        component=framed(account_page),
        on_load=[OwnAccount.load],
    )
)
