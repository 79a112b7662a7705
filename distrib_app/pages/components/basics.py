"""Headers, cards, facts, badges, fields: the small furniture."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML
from reflex_components_core.react_router import ReactRouterLink

from ...core.kernel.errors import msg
from ...i18n import t


def link(*children: Any, href: Any, **props: Any) -> rx.Component:
    """A link inside the app: no page load, no component library."""
    return ReactRouterLink.create(*children, to=href, **props)


class _PlainForm(BaseHTML):
    """A form the browser posts itself; the framework's own form prevents that."""

    tag = "form"
    action: rx.Var[str]
    method: rx.Var[str]


class _PlainLink(BaseHTML):
    """A link the browser follows itself."""

    tag = "a"
    href: rx.Var[str]


def skip_link(text: Any, target: str) -> rx.Component:
    """A link to a place of this page that moves the focus there; the framework's own only scrolls."""
    return _PlainLink.create(text, href=f"#{target}", class_name="skip-link")


def plain_form(*children: rx.Component, action: str, class_name: str = "") -> rx.Component:
    """A form that is posted to `action` with a full page load: signing in and out."""
    return _PlainForm.create(*children, action=action, method="post", class_name=class_name)


def page_header(title: Any, *extras: rx.Component, note: Any = None) -> rx.Component:
    """The one h1 of a page, its note, and what stands at its right."""
    return rx.el.div(
        rx.el.div(
            rx.el.h1(title),
            rx.el.span(note, class_name="note") if note is not None else rx.fragment(),
            class_name="page-title",
        ),
        rx.el.div(*extras, class_name="page-extras"),
        class_name="page-header",
    )


def card(*children: rx.Component, class_name: str = "") -> rx.Component:
    """A white surface with a border."""
    return rx.el.section(*children, class_name=f"card {class_name}".strip())


def section(title: Any, *children: rx.Component, note: Any = None, class_name: str = "") -> rx.Component:
    """A card with a heading."""
    return card(
        rx.el.div(
            rx.el.h2(title),
            rx.el.span(note, class_name="note") if note is not None else rx.fragment(),
            class_name="card-head",
        ),
        *children,
        class_name=class_name,
    )


def fact(label: Any, value: Any, *, hint: Any = None) -> rx.Component:
    """A label above its value."""
    return rx.el.div(
        rx.el.dt(label),
        rx.el.dd(value, rx.el.span(hint, class_name="note") if hint is not None else rx.fragment()),
        class_name="fact",
    )


def badge(text: Any, tone: Any = "neutral") -> rx.Component:
    """A status word in its colour, with a dot so that colour is never alone."""
    return rx.el.span(text, class_name=rx.Var.create("badge ") + tone)


def urgent_badge(text: Any) -> rx.Component:
    """What goes first says so, with a sign and a word; nothing where `text` is empty."""
    return rx.cond(text != "", rx.el.span(rx.icon("siren", size=12), text, class_name="badge bad signed"))


def empty_state(title: Any, hint: Any = None, *actions: rx.Component) -> rx.Component:
    """What a list says when it has nothing to show."""
    return rx.el.div(
        rx.icon("inbox", size=28),
        rx.el.p(title, class_name="empty-title"),
        rx.el.p(hint, class_name="note") if hint is not None else rx.fragment(),
        *actions,
        class_name="empty",
    )


def field(label: Any, name: str, *, kind: str = "text", **props: Any) -> rx.Component:
    """A labelled input of a form."""
    return rx.el.label(
        rx.el.span(label), rx.el.input(name=name, type=kind, class_name="input", **props), class_name="field"
    )


def select_field(label: Any, name: str, options: list[tuple[str, Any]], **props: Any) -> rx.Component:
    """A labelled choice of a form."""
    return rx.el.label(
        rx.el.span(label),
        rx.el.select(
            *[rx.el.option(text, value=value) for value, text in options],
            name=name,
            class_name="input",
            **props,
        ),
        class_name="field",
    )


def submit_button(text: Any, **props: Any) -> rx.Component:
    """The primary button of a form."""
    return rx.el.button(text, type="submit", class_name="button primary", **props)


def action_button(text: Any, on_click: Any, *, is_primary: bool = False, **props: Any) -> rx.Component:
    """A button that calls a handler."""
    tone = "primary" if is_primary else "quiet"
    return rx.el.button(text, type="button", on_click=on_click, class_name=f"button {tone}", **props)


def why_number(state: Any, key: Any, value: Any, shown: Any = None) -> rx.Component:
    """A number that opens its why on this page; `key` names it, `shown` draws it in another way."""
    return rx.cond(
        value == "–",
        value,
        rx.el.button(
            value if shown is None else shown,
            type="button",
            on_click=state.explain(key),
            title=t(msg("Why this number")),
            aria_pressed=rx.cond(state.why == key, "true", "false"),
            class_name="figure",
            custom_attrs={"data-why": key},
        ),
    )


def steps_panel(steps: Any, title: Any = None, note: Any = None) -> rx.Component:
    """Why a number is what it is: numbered steps (rows of text, result)."""
    return section(
        title if title is not None else t(msg("Why this number")),
        steps_list(steps),
        note=note,
        class_name="why",
    )


def steps_list(steps: Any) -> rx.Component:
    """Numbered steps, each with what it led to."""
    return rx.el.ol(
        rx.foreach(
            steps,
            lambda step: rx.el.li(
                rx.el.span(step["text"]), rx.el.span(step["result"], class_name="step-result")
            ),
        ),
        class_name="steps",
    )


def close_button(on_click: Any) -> rx.Component:
    """The cross that puts a panel away."""
    return rx.el.button(
        rx.icon("x", size=16),
        type="button",
        on_click=on_click,
        aria_label=t(msg("Close")),
        title=t(msg("Close")),
        class_name="icon-button",
    )
