"""Sign in: a plain form that works before any script does, and one-click demo users in demo mode."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.shell import Shell
from .components import field, link, plain_form, submit_button
from .layout import BRAND_NAME, preferences
from .registry import Page, register


def door_frame(title: Any, *content: rx.Component) -> rx.Component:
    """The box of every page before one is signed in."""
    return rx.el.main(
        rx.el.div(
            rx.el.div(
                rx.el.div(rx.el.span(class_name="logo"), BRAND_NAME, class_name="brand"),
                preferences(),
                class_name="login-top",
            ),
            rx.el.h1(title),
            *content,
            class_name="login-box card",
        ),
        id="main",
        class_name="login",
    )


def login_page() -> rx.Component:
    """The page of somebody who is not signed in."""
    return door_frame(
        t(msg("Sign in")),
        rx.cond(
            Shell.sign_in_error != "",
            rx.el.p(Shell.sign_in_error, role="alert", class_name="notice bad"),
        ),
        rx.cond(
            Shell.is_ready,
            rx.el.p(
                t(msg("The password is kept. Sign in with it now.")), role="status", class_name="notice good"
            ),
        ),
        plain_form(
            field(
                t(msg("User name")),
                "username",
                default_value=Shell.sign_in_name,
                key=Shell.sign_in_name,
                required=True,
                auto_complete="username",
            ),
            field(
                t(msg("Password")),
                "password",
                kind="password",
                required=True,
                auto_complete="current-password",
            ),
            submit_button(t(msg("Sign in"))),
            action=routes.SIGN_IN,
            class_name="stack",
        ),
        rx.el.p(
            link(t(msg("Forgotten your password?")), href=routes.FORGOTTEN, class_name="link"),
            class_name="note",
        ),
        rx.cond(Shell.demo_users.length() > 0, demo_users()),
    )


def demo_users() -> rx.Component:
    """A button per demo user."""
    return rx.el.div(
        rx.el.p(t(msg("Demo network: sign in with one click")), class_name="note"),
        rx.el.div(
            rx.foreach(
                Shell.demo_users,
                lambda user: plain_form(
                    rx.el.input(type="hidden", name="username", default_value=user["username"]),
                    rx.el.button(
                        rx.el.span(user["post"]),
                        rx.el.span(user["name"], " · ", user["company"], class_name="note"),
                        type="submit",
                        class_name="button quiet",
                    ),
                    action=routes.SIGN_IN_DEMO,
                ),
            ),
            class_name="demo-users",
        ),
        class_name="stack",
    )


register(
    Page(
        route=routes.LOGIN,
        title=msg("Sign in"),
        component=login_page,
        on_load=[Shell.open_login],
        is_public=True,
    )
)
