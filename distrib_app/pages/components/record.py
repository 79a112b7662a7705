"""What every record page has: loading, missing, next actions, its content, and the one timeline."""

from typing import Any

import reflex as rx

from ... import routes
from ...core.kernel.errors import msg
from ...i18n import t
from .basics import badge, empty_state, link, section
from .choices import choices, loading

ENTRY_FORM = "entry-form"
ACCEPTED = ".png,.jpg,.jpeg,.webp,.pdf,.csv,.xlsx,.txt"


def record(
    state: Any, *content: rx.Component, missing: Any, hint: Any = None, back: tuple[Any, str] | None = None
) -> rx.Component:
    """A record page: skeleton while loading, a designed refusal when it does not exist for its reader.

    `back` is the text and address of the link to the list.
    """
    links = [link(back[0], href=back[1], class_name="button quiet")] if back else []
    is_here = state.shown_at == rx.State.router.url.path if hasattr(state, "shown_at") else True
    return rx.cond(
        state.is_loaded & is_here,
        rx.cond(
            state.is_missing,
            rx.el.section(empty_state(missing, hint, *links), class_name="card"),
            rx.fragment(*content),
        ),
        loading(),
    )


def record_columns(state: Any, *main: rx.Component, aside: rx.Component | None = None) -> rx.Component:
    """The record's own matter on the left; what explains it and its timeline on the right."""
    return rx.el.div(
        rx.el.div(*main, class_name="stack"),
        rx.el.div(aside if aside is not None else rx.fragment(), timeline(state), class_name="stack"),
        class_name="columns",
    )


def action_buttons(state: Any) -> rx.Component:
    """The next actions; those not possible now stay, with the reason where one can read it."""
    return rx.fragment(
        rx.foreach(
            state.actions,
            lambda action: rx.el.button(
                action["label"],
                type="button",
                on_click=state.act(action["verb"]),
                disabled=action["reason"] != "",
                title=action["reason"],
                aria_expanded=rx.cond(state.form == action["verb"], "true", "false"),
                class_name=rx.match(
                    action["verb"],
                    ("cancel", "button danger"),
                    ("reject", "button danger"),
                    ("suspend", "button danger"),
                    ("return", "button quiet"),
                    ("request_return", "button quiet"),
                    ("move", "button quiet"),
                    ("credit", "button quiet"),
                    ("count", "button quiet"),
                    ("correct", "button quiet"),
                    ("report", "button quiet"),
                    ("mark_urgent", "button quiet"),
                    ("unmark_urgent", "button quiet"),
                    ("prioritise", "button quiet"),
                    ("produce", "button quiet"),
                    ("urgency", "button quiet"),
                    "button primary",
                ),
            ),
        ),
    )


def refusals(state: Any) -> rx.Component:
    """Why some of the next actions are not possible now."""
    return rx.el.ul(
        rx.foreach(
            state.actions,
            lambda action: rx.cond(
                action["reason"] != "",
                rx.el.li(rx.el.b(action["label"]), " ", action["reason"]),
            ),
        ),
        class_name="refusals",
    )


def timeline(state: Any) -> rx.Component:
    """What happened, was decided, said and attached, newest first, and the box to say more."""
    return section(
        t(msg("Timeline")),
        _entry_box(state),
        rx.cond(
            state.entries.length() > 0,
            rx.el.ol(
                rx.foreach(state.entries, lambda entry: _entry(state, entry)),
                class_name="timeline",
            ),
            rx.el.p(t(msg("Nothing has been recorded yet")), class_name="note"),
        ),
        rx.cond(
            state.has_earlier,
            rx.el.button(
                t(msg("Show earlier entries")),
                type="button",
                on_click=state.show_earlier,
                class_name="button quiet",
            ),
        ),
        class_name="timeline-card",
    )


def _entry_box(state: Any) -> rx.Component:
    """A text, files, and who may read them; sent by record.js, so that files need no socket."""
    return rx.el.form(
        rx.el.input(type="hidden", name="subject_kind", value=state.subject_kind, read_only=True),
        rx.el.input(type="hidden", name="subject_key", value=state.subject_key, read_only=True),
        rx.el.textarea(
            name="text",
            rows="2",
            max_length=4000,
            placeholder=t(msg("Write a comment; @ tells somebody")),
            aria_label=t(msg("Comment")),
            class_name="input entry-text",
        ),
        rx.el.p(class_name="entry-files note"),
        rx.el.div(
            rx.el.label(
                rx.icon("paperclip", size=16),
                rx.el.span(t(msg("Attach files")), class_name="visually-hidden"),
                rx.el.input(
                    type="file", name="file", multiple=True, accept=ACCEPTED, class_name="visually-hidden"
                ),
                title=t(msg("Attach files")),
                class_name="icon-button",
            ),
            rx.el.select(
                rx.el.option("@", value=""),
                choices(state.colleagues),
                default_value="",
                aria_label=t(msg("Mention a colleague")),
                title=t(msg("Mention a colleague")),
                data_mention="yes",
                class_name="input entry-mention",
            ),
            rx.el.select(
                rx.el.option(t(msg("Internal")), value="false"),
                rx.el.option(t(msg("Visible to all parties")), value="true"),
                name="is_shared",
                default_value="false",
                aria_label=t(msg("Who may read it")),
                title=t(msg("Internal: colleagues only. All parties: everybody who sees this record.")),
                class_name="input",
            ),
            rx.el.span(class_name="spacer"),
            rx.el.button(t(msg("Send")), type="submit", class_name="button primary"),
            class_name="entry-tools",
        ),
        rx.el.p(class_name="entry-status note", role="status", aria_live="polite"),
        id=ENTRY_FORM,
        on_submit=rx.call_script(f"sendEntry('{ENTRY_FORM}')", callback=state.posted),
        custom_attrs={
            "data-action": routes.FILES,
            "data-failed": t(msg("The connection was lost. Nothing was sent; try again.")),
        },
        class_name="entry-form",
    )


def _entry(state: Any, entry: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.cond(
                entry.href != "",
                link(entry.title, href=entry.href, class_name="link"),
                rx.el.span(entry.title, class_name="entry-title"),
            ),
            rx.cond(entry.mark != "", badge(entry.mark, entry.tone)),
            class_name="entry-head",
        ),
        rx.cond(entry.text != "", rx.el.p(entry.text, class_name="entry-says")),
        rx.cond(
            entry.files.length() > 0,
            rx.el.ul(rx.foreach(entry.files, lambda file: _file(state, file)), class_name="files"),
        ),
        rx.el.div(entry.note, class_name="note"),
        class_name=rx.Var.create("entry ") + entry.kind + " " + entry.tone,
    )


def _file(state: Any, file: Any) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            rx.cond(
                file["thumbnail"] != "",
                rx.el.img(src=file["thumbnail"], alt="", loading="lazy", class_name="thumbnail"),
                rx.icon("file-text", size=16),
            ),
            rx.el.span(file["name"], class_name="file-name"),
            href=file["href"],
            target="_blank",
            rel="noopener",
            class_name="file-link",
        ),
        rx.el.span(file["size"], class_name="note"),
        rx.cond(
            file["can_remove"] != "",
            rx.el.button(
                rx.icon("x", size=14),
                type="button",
                on_click=state.remove_file(file["key"]),
                aria_label=t(msg("Remove {name}"), name=file["name"]),
                title=t(msg("Remove file")),
                class_name="icon-button file-remove",
            ),
        ),
        class_name="file",
    )
