"""What the inbox says about time, names and several decisions at once."""

from datetime import UTC, datetime, timedelta

import pytest

from distrib_app.core.workbench import BulkLimitError, BulkRow, DecisionResult, TaskRow, TaskStepRow
from distrib_app.state import tasks_view as view

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, nine in the morning in Shanghai
ROLES = {"finance": ("财务", "Finance"), "executive": ("高管", "Executive")}


def row(**more: object) -> TaskRow:
    known: dict[str, object] = {
        "number": "TK-1",
        "kind": "credit_limit",
        "kind_name": "Credit limit",
        "verb": "approve",
        "title": "Credit limit of {buyer}: {old} → {new}",
        "facts": {"buyer": "粤海", "buyer_en": "Yuehai", "old": "1.00 CNY", "new": "1234567.00 CNY"},
        "subject": ("account", "BR:GD"),
        "status": "open",
        "severity": "normal",
        "amount": 123456700,
        "currency": "CNY",
        "requested_at": NOW,
        "requester_name": "陈磊",
        "due_at": NOW,
        "stopped_at": None,
        "closed_at": None,
        "version": 1,
    }
    return TaskRow(**(known | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hours", "text", "tone"),
    [
        (2, "2 h left", "warn"),
        (
            10,
            "8 h left",
            "warn",
        ),  # the clock stands still over lunch and night: nine to seven is a day's work
        (30, "1 d left", "neutral"),
        (26, "1 d left", "neutral"),
        (24 * 7, "5 d left", "neutral"),
        (0.5, "due within the hour", "warn"),
        (-1, "1 h overdue", "bad"),  # before work began: no working time has passed, yet it is late
        (-65, "2 h overdue", "bad"),  # since Friday at four
        (-24 * 7, "5 d overdue", "bad"),
    ],
)
def test_the_clock_runs_in_business_time(hours: float, text: str, tone: str) -> None:
    shown = view.clock(row(due_at=NOW + timedelta(hours=hours)), NOW, "en")
    assert shown == {"clock": text, "clock_tone": tone}


def test_the_clock_stands_still_for_a_supplement_and_ends_with_the_task() -> None:
    assert view.clock(row(stopped_at=NOW), NOW, "zh_CN") == {"clock": "待补充", "clock_tone": "warn"}
    assert view.clock(row(closed_at=NOW), NOW, "en")["clock"] == ""


def test_a_title_names_the_company_in_the_readers_language() -> None:
    assert view.title(row(), "zh_CN", "UTC") == "粤海 信用额度：¥1.00 → ¥1,234,567.00"
    assert view.title(row(), "en", "UTC") == "Credit limit of Yuehai: ¥1.00 → ¥1,234,567.00"


def test_steps_name_roles_and_who_stood_in() -> None:
    steps = (
        TaskStepRow(1, ("finance",), "approved", "陈磊", "王建", NOW, 100, "好", False),
        TaskStepRow(2, ("executive", "x"), "", "", "", None, None, "", True),
    )
    first, second = view.steps(steps, ROLES, "CNY", "zh_CN", "Asia/Shanghai")
    assert (first["roles"], first["who"], first["amount"]) == ("财务", "陈磊（代 王建）", "¥1.00")
    assert (second["roles"], second["decision"], second["tone"]) == ("高管 / x", "当前步骤", "accent")


def test_each_of_several_says_what_became_of_it() -> None:
    rows = (
        BulkRow("TK-1", DecisionResult("TK-1", "done", 1), None),
        BulkRow("TK-2", None, BulkLimitError(task="TK-2")),
    )
    assert [(one["number"], one["tone"]) for one in view.results(rows, "zh_CN")] == [
        ("TK-1", "good"),
        ("TK-2", "bad"),
    ]
