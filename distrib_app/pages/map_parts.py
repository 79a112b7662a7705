"""The pieces of a fulfilment map: the track of stages, the way of a parcel, the list of what happened."""

from typing import Any

import reflex as rx

from ..core.kernel.errors import msg
from ..i18n import t


def stage_track(stages: Any) -> rx.Component:
    """The stages with their times; what is late says so with a sign and a word."""
    return rx.el.ol(rx.foreach(stages, _stage), aria_label=t(msg("Stages")), class_name="map-track")


def _stage(stage: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(class_name="map-dot", aria_hidden="true"),
        rx.el.div(
            rx.el.b(stage["word"], class_name="map-word"),
            rx.cond(
                stage["state"] == "now", rx.el.span(t(msg("present stage")), class_name="visually-hidden")
            ),
            rx.cond(stage["at"] != "", rx.el.span(stage["at"], class_name="note")),
            rx.cond(stage["planned"] != "", rx.el.span(stage["planned"], class_name="note")),
            rx.cond(stage["partly"] != "", rx.el.span(stage["partly"], class_name="note")),
            _late(stage["late"]),
            class_name="map-text",
        ),
        class_name=rx.Var.create("map-stage ") + stage["state"],
    )


def _late(word: Any) -> rx.Component:
    return rx.cond(
        word != "",
        rx.el.span(rx.icon("clock-alert", size=14), word, class_name="late-mark"),
    )


def parcel_way(way: Any) -> rx.Component:
    """A parcel: who carries it, and the places it went through."""
    return rx.el.li(
        rx.el.div(
            rx.el.b(way.carrier, " ", way.waybill, class_name="map-carrier"),
            rx.el.span(way.pieces, class_name="note"),
            _late(way.late),
            class_name="map-parcel-head",
        ),
        rx.el.ol(
            rx.foreach(way.tiles, _tile), aria_label=t(msg("Places on the way")), class_name="map-places"
        ),
        rx.cond(
            way.signed != "", rx.el.p(rx.icon("signature", size=14), way.signed, class_name="map-signed")
        ),
        class_name="map-parcel",
    )


def _tile(tile: Any) -> rx.Component:
    return rx.el.li(
        rx.match(
            tile["role"],
            ("from", rx.icon("warehouse", size=16)),
            ("to", rx.icon("map-pin", size=16)),
            rx.icon("truck", size=16),
        ),
        rx.el.span(tile["name"], class_name="map-place-name"),
        rx.cond(tile["at"] != "", rx.el.span(tile["at"], class_name="note")),
        class_name=rx.Var.create("map-place ") + tile["state"],
    )


def event_list(events: Any) -> rx.Component:
    """What happened, newest first: what, when, where, told by whom."""
    return rx.el.ol(
        rx.foreach(
            events,
            lambda event: rx.el.li(
                rx.el.time(event["at"], class_name="note"),
                rx.el.span(event["text"]),
                rx.cond(
                    event["place"] != "",
                    rx.el.span(rx.icon("map-pin", size=12), event["place"], class_name="map-where"),
                ),
                rx.cond(event["note"] != "", rx.el.span(event["note"], class_name="note")),
                rx.cond(event["who"] != "", rx.el.span(event["who"], class_name="note")),
            ),
        ),
        class_name="map-events",
    )
