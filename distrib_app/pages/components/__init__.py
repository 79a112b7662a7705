"""The pieces pages are built from; they describe, they never decide."""

from .basics import (
    action_button,
    badge,
    card,
    empty_state,
    fact,
    field,
    link,
    page_header,
    plain_form,
    section,
    select_field,
    steps_panel,
    submit_button,
)
from .chart import chart
from .choices import choices, chooser, loading, no_permission, url_select
from .record import record, timeline
from .table import Column, data_table, pager, search_box, static_table

__all__ = [
    "Column",
    "action_button",
    "badge",
    "card",
    "chart",
    "choices",
    "chooser",
    "data_table",
    "empty_state",
    "fact",
    "field",
    "link",
    "loading",
    "no_permission",
    "page_header",
    "pager",
    "plain_form",
    "record",
    "search_box",
    "section",
    "select_field",
    "static_table",
    "steps_panel",
    "submit_button",
    "timeline",
    "url_select",
]
