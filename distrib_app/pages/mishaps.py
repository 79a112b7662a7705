"""What a person reads when the browser lost the server or a page broke; the framework speaks English only."""

from typing import Any

import reflex as rx
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.core.banner import has_too_many_connection_errors

from ..core.kernel.errors import msg
from ..i18n import t


def connection_lost() -> rx.Component:
    """A line at the foot while the server does not answer; it goes by itself."""
    return rx.cond(
        has_too_many_connection_errors,
        rx.el.div(
            t(msg("No connection to the server. What you typed is still here; trying again …")),
            role="alert",
            class_name="notice bad connection-lost",
        ),
    )


def broken_page(*children: rx.Component, **props: Any) -> rx.Component:
    """Around every page: what shows instead of one that failed in the browser."""
    fallback = rx.el.main(
        rx.el.h1(t(msg("This page failed"))),
        rx.el.p(t(msg("Nothing was lost that had been saved. Load the page again."))),
        rx.el.button(
            t(msg("Load again")), on_click=rx.call_script("location.reload()"), class_name="button primary"
        ),
        class_name="broken-page stack",
    )
    return ErrorBoundary.create(*children, fallback_render=rx.Var.create(fallback), **props)


def toaster() -> rx.Component:
    """Where toasts appear, named in the reader's language."""
    return rx.toast.provider(
        position="bottom-right",
        close_button=True,
        custom_attrs={"containerAriaLabel": t(msg("Messages"))},
    )
