"""The pieces pages are built from; they describe, they never decide."""

from .basics import (
    action_button,
    badge,
    card,
    close_button,
    empty_state,
    fact,
    field,
    link,
    page_header,
    plain_form,
    section,
    select_field,
    skip_link,
    steps_list,
    steps_panel,
    submit_button,
    urgent_badge,
    why_number,
)
from .cards import action_card, plain_card, table_card
from .chart import chart
from .choices import choices, chooser, loading, no_permission, url_select
from .document import document
from .heartbeat import heartbeat
from .job import download, job_progress, polling, progress_bar
from .list_tools import bulk_bar, list_tools, menu, search_box
from .matrix import matrix
from .once import shown_once
from .paper import paper_links
from .record import action_buttons, record, record_columns, refusals, timeline
from .table import Column, columns_of, data_table, pager, skeleton, static_table, urgent_cell
from .tabs import Tab, tabs
from .tile import figure_tile
from .track import track
from .waiting import waiting_task

__all__ = [
    "Column",
    "Tab",
    "action_button",
    "action_buttons",
    "action_card",
    "badge",
    "bulk_bar",
    "card",
    "chart",
    "choices",
    "chooser",
    "close_button",
    "columns_of",
    "data_table",
    "document",
    "download",
    "empty_state",
    "fact",
    "field",
    "figure_tile",
    "heartbeat",
    "job_progress",
    "link",
    "list_tools",
    "loading",
    "matrix",
    "menu",
    "no_permission",
    "page_header",
    "pager",
    "paper_links",
    "plain_card",
    "plain_form",
    "polling",
    "progress_bar",
    "record",
    "record_columns",
    "refusals",
    "search_box",
    "section",
    "select_field",
    "shown_once",
    "skeleton",
    "skip_link",
    "static_table",
    "steps_list",
    "steps_panel",
    "submit_button",
    "table_card",
    "tabs",
    "timeline",
    "track",
    "urgent_badge",
    "urgent_cell",
    "url_select",
    "waiting_task",
    "why_number",
]
