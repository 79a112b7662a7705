"""The way from a record to its document on paper: print view and PDF."""

from typing import Any

import reflex as rx

from ...core.kernel.errors import msg
from ...i18n import Locale, t


def paper_links(address: Any, query: Any = "") -> rx.Component:
    """Two icons that open a document in a tab of its own; `address` is its route without the ending."""
    return rx.el.span(
        _icon("printer", address, "html", query, t(msg("Print view"))),
        _icon("file-down", address, "pdf", query, t(msg("Download PDF"))),
        class_name="papers",
    )


def _icon(icon: str, address: Any, form: str, query: Any, label: Any) -> rx.Component:
    return rx.el.a(
        rx.icon(icon, size=16),
        href=rx.Var.create(address) + f".{form}?lang=" + Locale.lang + query,
        target="_blank",
        rel="noopener",
        aria_label=label,
        title=label,
        class_name="icon-button",
    )
