"""The public forms around signing in: second step, forgotten password, one-time link. Posted as they are."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.door import Door
from .components import field, link, loading, plain_form, submit_button
from .login import door_frame
from .registry import Page, register


def _alert() -> rx.Component:
    return rx.cond(Door.message != "", rx.el.p(Door.message, role="alert", class_name="notice bad"))


def _back(text: Any) -> rx.Component:
    return rx.el.p(link(text, href=routes.LOGIN, class_name="link"), class_name="note")


def second_step_page() -> rx.Component:
    """The code after the password."""
    return door_frame(
        t(msg("Enter your code")),
        _alert(),
        plain_form(
            field(
                t(msg("Code of your authenticator app, or a recovery code")),
                "code",
                required=True,
                max_length=30,
                auto_complete="one-time-code",
                auto_focus=True,
            ),
            submit_button(t(msg("Sign in"))),
            action=routes.GIVE_CODE,
            class_name="stack",
        ),
        _back(t(msg("Sign in as somebody else"))),
    )


def forgotten_page() -> rx.Component:
    """Who has forgotten the password asks here; the answer is always the same."""
    return door_frame(
        t(msg("Forgotten password")),
        rx.cond(
            Door.is_asked,
            rx.el.p(
                t(
                    msg(
                        "If we know this user name, a link is on its way: by e-mail, or from your "
                        "administrator."
                    )
                ),
                role="status",
                class_name="notice",
            ),
            plain_form(
                field(t(msg("User name")), "username", required=True, auto_complete="username"),
                submit_button(t(msg("Ask for a link"))),
                action=routes.ASK_RESET,
                class_name="stack",
            ),
        ),
        _back(t(msg("Back to sign-in"))),
    )


def invitation_page() -> rx.Component:
    """Choose a password with a one-time link."""
    return door_frame(
        t(msg("Choose a password")),
        rx.cond(
            Door.is_loaded,
            rx.cond(
                Door.is_dead,
                rx.el.p(
                    t(msg("This link is no longer valid. Ask for a new one.")),
                    role="alert",
                    class_name="notice bad",
                ),
                rx.fragment(_alert(), password_form()),
            ),
            loading(),
        ),
        _back(t(msg("Back to sign-in"))),
    )


def password_form() -> rx.Component:
    """The user name is shown so that password managers keep both."""
    return rx.fragment(
        rx.el.p(
            rx.cond(
                Door.is_reset,
                t(msg("{name}, choose a new password."), name=Door.welcomed),
                t(msg("Welcome, {name}. Choose the password you will sign in with."), name=Door.welcomed),
            )
        ),
        plain_form(
            rx.el.input(type="hidden", name="link", default_value=Door.posted_link, key=Door.posted_link),
            field(
                t(msg("User name")),
                "username",
                default_value=Door.sign_in_name,
                key=Door.sign_in_name,
                read_only=True,
                auto_complete="username",
            ),
            field(
                t(msg("New password")),
                "password",
                kind="password",
                required=True,
                min_length=10,
                auto_complete="new-password",
            ),
            rx.el.p(t(msg("At least 10 characters, not your user name.")), class_name="note"),
            submit_button(t(msg("Keep this password"))),
            action=routes.USE_LINK,
            class_name="stack",
        ),
    )


for _route, _title, _component, _load in (
    (routes.SECOND_STEP, msg("Enter your code"), second_step_page, Door.open_second_step),
    (routes.FORGOTTEN, msg("Forgotten password"), forgotten_page, Door.open_forgotten),
    (routes.INVITATION, msg("Choose a password"), invitation_page, Door.open_invitation),
):
    register(Page(route=_route, title=_title, component=_component, on_load=[_load], is_public=True))
