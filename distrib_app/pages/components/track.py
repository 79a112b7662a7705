"""The stages something goes through, as a line of dots."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from ...core.kernel.errors import msg
from ...i18n import t


def track(words: Sequence[str], row: Any) -> rx.Component:
    """The stages (msgids), those behind and the present one marked with a word for who cannot see colours.

    `row` says in `stage0`, `stage1` … whether a stage is `done`, `now` or to come.
    """
    return rx.el.ol(
        *[
            rx.el.li(
                rx.el.span(t(word)),
                rx.cond(
                    row[f"stage{index}"] == "now",
                    rx.el.span(t(msg("present stage")), class_name="visually-hidden"),
                ),
                class_name=rx.match(
                    row[f"stage{index}"], ("done", "stage done"), ("now", "stage now"), "stage"
                ),
            )
            for index, word in enumerate(words)
        ],
        aria_label=t(msg("Stages")),
        class_name="track",
        style={"gridTemplateColumns": f"repeat({len(words)}, minmax(0, 1fr))"},
    )
