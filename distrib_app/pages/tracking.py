"""Public tracking, for a phone: where an order is, a rating once it has arrived, a complaint."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.tracking import COMPLAINT_WORDS, STARS, Tracking
from .components import badge, empty_state, field, loading, section, select_field, submit_button
from .layout import BRAND_NAME, preferences
from .map_parts import event_list, parcel_way, stage_track
from .registry import Page, register


def tracking_page() -> rx.Component:
    """The order behind the link, or one page for every link that opens nothing."""
    return rx.el.main(
        rx.el.header(
            rx.el.div(rx.el.span(class_name="logo"), BRAND_NAME, class_name="brand"),
            preferences(),
            class_name="track-top",
        ),
        rx.cond(
            Tracking.is_loaded,
            rx.cond(
                Tracking.is_missing,
                dead_link(),
                rx.cond(Tracking.failure != "", busy(), order()),
            ),
            rx.fragment(rx.el.h1(t(msg("Track an order")), class_name="visually-hidden"), loading()),
        ),
        id="main",
        class_name="track-page",
    )


def dead_link() -> rx.Component:
    """The same for every wrong link."""
    return rx.el.section(
        rx.el.h1(t(msg("Track an order")), class_name="visually-hidden"),
        empty_state(
            t(msg("There is no order behind this link")),
            t(msg("Check that you copied the whole link, or ask the seller for it again.")),
        ),
        class_name="card",
    )


def busy() -> rx.Component:
    """Asked too often."""
    return rx.el.section(
        rx.el.h1(t(msg("Track an order")), class_name="visually-hidden"),
        rx.el.p(Tracking.failure, role="alert", class_name="notice warn"),
        class_name="card",
    )


def order() -> rx.Component:
    """The head, the stages, the parcels, the events, and what the recipient has to say."""
    return rx.fragment(
        head(),
        section(t(msg("Progress")), stage_track(Tracking.stages)),
        rx.cond(
            Tracking.ways.length() > 0,
            section(
                t(msg("Parcels")), rx.el.ul(rx.foreach(Tracking.ways, parcel_way), class_name="map-ways")
            ),
        ),
        rx.cond(Tracking.events.length() > 0, section(t(msg("On the way")), event_list(Tracking.events))),
        rx.cond(Tracking.facts["is_delivered"] != "", rating_card()),
        complaint_card(),
    )


def head() -> rx.Component:
    """Which order of whom, where it stands, when it comes."""
    facts = Tracking.facts
    return rx.el.section(
        rx.el.p(facts["seller"], class_name="note"),
        rx.el.h1(t(msg("Order")), " ", facts["number"], class_name="track-number"),
        rx.el.div(
            badge(facts["status"], facts["tone"]),
            rx.cond(
                facts["late"] != "",
                rx.el.span(rx.icon("clock-alert", size=14), facts["late"], class_name="late-mark"),
            ),
            class_name="track-status",
        ),
        rx.el.dl(
            _fact(t(msg("Promised")), facts["promised"]),
            _fact(t(msg("Placed")), facts["placed"]),
            _fact(t(msg("Contents")), facts["pieces"]),
            class_name="track-facts",
        ),
        class_name="card",
    )


def _fact(name: Any, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(value))


def rating_card() -> rx.Component:
    """One to five stars and a word; as it was given once that can no longer be changed."""
    return section(
        t(msg("How was the delivery?")),
        rx.cond(
            Tracking.can_rate,
            rx.el.form(
                rx.el.fieldset(
                    rx.el.legend(t(msg("Rating from 1 to 5")), class_name="visually-hidden"),
                    *[_star(count) for count in range(5, 0, -1)],
                    class_name="stars",
                ),
                rx.el.label(
                    rx.el.span(t(msg("A word about it"))),
                    rx.el.textarea(
                        name="word", max_length=400, rows="2", default_value=Tracking.word, class_name="input"
                    ),
                    class_name="field",
                ),
                submit_button(t(msg("Send the rating"))),
                on_submit=Tracking.rate,
                class_name="stack",
            ),
            rx.el.p(
                t(
                    msg(
                        "You gave {count} of 5.",
                    ),
                    count=Tracking.rating,
                ),
                class_name="track-given",
            ),
        ),
        rx.cond(Tracking.facts["until"] != "", rx.el.p(Tracking.facts["until"], class_name="note")),
    )


def _star(count: int) -> rx.Component:
    """A star that also fills those before it; they stand in reverse order for that."""
    name = f"star-{count}"
    return rx.fragment(
        rx.el.input(
            type="radio",
            name="rating",
            id=name,
            value=str(count),
            required=True,
            default_checked=Tracking.rating == str(count),
            class_name="visually-hidden",
        ),
        rx.el.label(
            rx.el.span(t(STARS[count - 1]), class_name="visually-hidden"),
            rx.el.span("★", aria_hidden="true"),
            html_for=name,
        ),
    )


def complaint_card() -> rx.Component:
    """What is wrong, and how one is reached; the seller gets it as a task."""
    return rx.el.section(
        rx.cond(
            Tracking.facts["complaint"] != "",
            rx.el.p(Tracking.facts["complaint"], role="status", class_name="notice"),
        ),
        rx.cond(
            Tracking.is_complaining,
            rx.el.form(
                rx.el.h2(t(msg("Complain about this order"))),
                select_field(
                    t(msg("What is wrong")), "kind", [(kind, t(text)) for kind, text in COMPLAINT_WORDS]
                ),
                rx.el.label(
                    rx.el.span(t(msg("What happened"))),
                    rx.el.textarea(name="text", required=True, max_length=400, rows="3", class_name="input"),
                    class_name="field",
                ),
                field(t(msg("Phone or e-mail, if we may call back")), "contact", max_length=80),
                submit_button(t(msg("Send the complaint"))),
                on_submit=Tracking.object_to,
                class_name="stack",
            ),
        ),
        rx.el.button(
            rx.cond(Tracking.is_complaining, t(msg("Close")), t(msg("Something is wrong?"))),
            type="button",
            on_click=Tracking.toggle_complaint,
            aria_expanded=rx.cond(Tracking.is_complaining, "true", "false"),
            class_name="button quiet",
        ),
        class_name="card stack",
    )


register(
    Page(
        route=routes.TRACKING,
        title=msg("Track an order"),
        component=tracking_page,
        on_load=[Tracking.open],
        is_public=True,
    )
)
