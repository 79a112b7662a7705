"""Tables: rows are dictionaries of strings the state has formatted; columns say how they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from ...core.kernel.errors import msg
from ...i18n import t
from ...state.listed import list_columns
from .basics import action_button, badge, empty_state, link, urgent_badge
from .choices import no_permission


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the row's key, the heading (msgid), and whether it is a number, a link, a figure or a badge.

    A link takes its address from the row's `<key>_href`, and so does a figure, a number that leads to what it
    is made of; a badge takes its tone from `<key>_tone`. `sort` names
    what the list sorts by. Narrow screens leave out those of `rank` 4 first, then those of 3
    and 2. An amount has
    the currency in its heading.
    """

    key: str
    title: str
    kind: str = "text"
    sort: str = ""
    rank: int = 1
    is_amount: bool = False

    @property
    def class_name(self) -> str:
        """How its cells stand."""
        number = "number" if self.kind in {"number", "figure"} else ""
        return f"{number} {f'rank-{self.rank}' if self.rank > 1 else ''}".strip()


def columns_of(
    name: str, kinds: Mapping[str, str] | None = None, ranks: Mapping[str, int] | None = None
) -> list[Column]:
    """The columns of a list of `core.lists`: `kinds` names links and badges, `ranks` what may hide."""
    return [
        Column(
            column.key,
            column.title,
            (kinds or {}).get(column.key, "number" if column.is_number else "text"),
            column.sort,
            (ranks or {}).get(column.key, 1),
            column.is_amount,
        )
        for column in list_columns(name)
    ]


def _cell(column: Column, row: Any) -> rx.Component:
    value = row[column.key]
    if column.kind in {"link", "figure"}:
        href = row[f"{column.key}_href"]
        shown = rx.cond(href != "", link(value, href=href, class_name=column.kind), value)
        return rx.el.td(shown, class_name=column.class_name)
    if column.kind == "badge":
        return rx.el.td(badge(value, row[f"{column.key}_tone"]), class_name=column.class_name)
    return rx.el.td(value, class_name=column.class_name)


def static_table(
    columns: Sequence[Column], rows: Any, *, caption: Any = None, cells: Mapping[str, Any] | None = None
) -> rx.Component:
    """A table of all rows of a var; `cells` draws cells of its own: key → function of the row."""

    def shown(column: Column, row: Any) -> rx.Component:
        cell: rx.Component = cells[column.key](row) if cells and column.key in cells else _cell(column, row)
        return cell

    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption, class_name="visually-hidden") if caption is not None else rx.fragment(),
            rx.el.thead(
                rx.el.tr(
                    *[
                        rx.el.th(t(column.title), scope="col", class_name=column.class_name)
                        for column in columns
                    ]
                )
            ),
            rx.el.tbody(
                rx.foreach(rows, lambda row: rx.el.tr(*[shown(column, row) for column in columns])),
            ),
        ),
        class_name="table-wrap",
    )


def data_table(
    columns: Sequence[Column],
    state: Any,
    *,
    caption: Any,
    empty: Any = None,
    next_action: rx.Component | None = None,
    has_selection: bool = False,
    cells: Mapping[str, Any] | None = None,
) -> rx.Component:
    """The paged table of a `Listed` state, or one of its states without rows.

    Skeleton while loading; no permission; failure with another try; no result with the way back to all rows;
    nothing yet with the next action. `cells` draws cells of its own: key → function of the row.
    """
    nothing = rx.cond(
        state.is_filtered,
        empty_state(
            t(msg("No results")),
            t(msg("Nothing matches the search and the filters.")),
            action_button(t(msg("Clear filters")), state.clear_filters),
        ),
        empty_state(
            empty if empty is not None else t(msg("Nothing here yet")), None, *filter(None, [next_action])
        ),
    )
    failed = empty_state(
        state.failure,
        None,
        action_button(t(msg("Try again")), state.try_again),
        rx.cond(state.is_filtered, action_button(t(msg("Clear filters")), state.clear_filters)),
    )
    return rx.cond(
        state.is_loaded,
        rx.cond(
            state.is_forbidden,
            no_permission(),
            rx.cond(
                state.failure != "",
                failed,
                rx.cond(
                    state.total > 0,
                    rx.fragment(_table(columns, state, caption, has_selection, cells or {}), pager(state)),
                    nothing,
                ),
            ),
        ),
        skeleton(),
    )


def urgent_cell(row: Any) -> rx.Component:
    """The cell of a column that says what goes first."""
    return rx.el.td(urgent_badge(row["urgent"]), class_name="rank-2")


def skeleton() -> rx.Component:
    """Rows to come."""
    return rx.el.div(*[rx.el.div(class_name="skeleton-row") for _ in range(8)], class_name="skeleton")


def _table(
    columns: Sequence[Column], state: Any, caption: Any, has_selection: bool, cells: Mapping[str, Any]
) -> rx.Component:
    def row_of(row: Any) -> rx.Component:
        shown = [
            _unless_hidden(
                state, column, cells[column.key](row) if column.key in cells else _cell(column, row)
            )
            for column in columns
        ]
        first = [_select_cell(state, row)] if has_selection else []
        return rx.el.tr(*first, *shown, aria_selected=state.selected.contains(row["key"]) if first else None)

    first_head = [_select_head(state)] if has_selection else []
    first_foot = [rx.el.td()] if has_selection else []
    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption, class_name="visually-hidden"),
            rx.el.thead(
                rx.el.tr(
                    *first_head,
                    *[_unless_hidden(state, column, _head(state, column)) for column in columns],
                )
            ),
            rx.el.tbody(rx.foreach(state.rows, row_of)),
            rx.cond(
                state.totals.length() > 0,
                rx.el.tfoot(
                    rx.el.tr(
                        *first_foot,
                        *[
                            _unless_hidden(state, column, _foot(state, column, is_first=place == 0))
                            for place, column in enumerate(columns)
                        ],
                    )
                ),
            ),
        ),
        tab_index=0,
        role="region",
        aria_label=caption,
        class_name="table-wrap list-table",
    )


def _unless_hidden(state: Any, column: Column, shown: rx.Component) -> rx.Component:
    return rx.cond(state.hidden.contains(column.key), rx.fragment(), shown)


def _head(state: Any, column: Column) -> rx.Component:
    unit = (
        rx.cond(state.unit != "", rx.el.span(" (", state.unit, ")", class_name="unit"))
        if column.is_amount
        else rx.fragment()
    )
    if not column.sort:
        return rx.el.th(t(column.title), unit, scope="col", class_name=column.class_name)
    return rx.el.th(
        rx.el.button(
            t(column.title),
            unit,
            rx.match(
                state.sort,
                (column.sort, rx.icon("arrow-up", size=12)),
                (f"-{column.sort}", rx.icon("arrow-down", size=12)),
                rx.icon("chevrons-up-down", size=12, class_name="unsorted"),
            ),
            type="button",
            on_click=state.sort_by(column.sort),
            class_name="sort",
        ),
        scope="col",
        aria_sort=rx.match(state.sort, (column.sort, "ascending"), (f"-{column.sort}", "descending"), "none"),
        class_name=column.class_name,
    )


def _foot(state: Any, column: Column, *, is_first: bool) -> rx.Component:
    if is_first:
        return rx.el.th(t(msg("Total")), scope="row")
    return rx.el.td(
        rx.cond(state.totals.contains(column.key), state.totals[column.key], ""), class_name=column.class_name
    )


def _select_head(state: Any) -> rx.Component:
    return rx.el.th(
        rx.el.input(
            type="checkbox",
            checked=state.is_all_selected,
            on_change=lambda _on: state.select_page(),
            aria_label=t(msg("Select all rows of this page")),
        ),
        class_name="select",
    )


def _select_cell(state: Any, row: Any) -> rx.Component:
    return rx.el.td(
        rx.el.input(
            type="checkbox",
            checked=state.selected.contains(row["key"]),
            on_change=lambda _on: state.select_row(row["key"]),
            aria_label=t(msg("Select {row}"), row=row["key"]),
        ),
        class_name="select",
    )


def pager(state: Any) -> rx.Component:
    """Which rows are shown, how many a page, and the two arrows."""
    return rx.el.div(
        rx.el.select(
            *[rx.el.option(size, value=size) for size in ("25", "50", "100")],
            value=state.size.to_string(),
            on_change=state.choose_size,
            aria_label=t(msg("Rows a page")),
            class_name="input small",
        ),
        rx.el.span(
            t(msg("{first}–{last} of {total}"), first=state.first, last=state.last, total=state.total_text)
        ),
        rx.el.button(
            rx.icon("chevron-left", size=16),
            on_click=state.previous_page,
            disabled=state.page <= 1,
            aria_label=t(msg("Previous page")),
            class_name="icon-button",
        ),
        rx.el.button(
            rx.icon("chevron-right", size=16),
            on_click=state.next_page,
            disabled=state.last >= state.total,
            aria_label=t(msg("Next page")),
            class_name="icon-button",
        ),
        class_name="pager",
    )
