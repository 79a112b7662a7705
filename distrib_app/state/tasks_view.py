"""From tasks of core to what the inbox shows: sentences, clocks in business time, steps with names."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .. import routes
from ..core.kernel.errors import msg
from ..core.kernel.listing import FacetValue
from ..core.workbench import (
    BulkRow,
    Decision,
    Severity,
    TaskDetail,
    TaskRow,
    TaskStatus,
    TaskStepRow,
    find_task_kind,
    work_calendar,
)
from ..i18n import gettext, translate_error, translate_notice
from ..i18n.presentation import NO_VALUE, for_people, in_language, instant, money
from .steps import step_row

RoleNames = Mapping[str, tuple[str, str]]

STATUS: dict[str, tuple[str, str]] = {
    TaskStatus.OPEN: (msg("Waiting for a decision"), "accent"),
    TaskStatus.WAITING: (msg("Supplement needed"), "warn"),
    TaskStatus.DONE: (msg("Done"), "good"),
    TaskStatus.REJECTED: (msg("Rejected"), "bad"),
    TaskStatus.WITHDRAWN: (msg("Withdrawn"), "neutral"),
    TaskStatus.CURED: (msg("Settled by itself"), "neutral"),
}
SEVERITY: dict[str, tuple[str, str]] = {
    Severity.LOW: (msg("Low"), "neutral"),
    Severity.NORMAL: (msg("Normal"), "neutral"),
    Severity.HIGH: (msg("High"), "warn"),
    Severity.CRITICAL: (msg("Critical"), "bad"),
}
DECISIONS: dict[str, tuple[str, str]] = {
    Decision.APPROVED: (msg("Approved"), "good"),
    Decision.PARTLY: (msg("Approved in part"), "good"),
    Decision.REJECTED: (msg("Rejected"), "bad"),
    Decision.SUPPLEMENT: (msg("Supplement needed"), "warn"),
}
LATE: dict[str, str] = {"yes": msg("Overdue"), "no": msg("In time")}
HOUR, DAY_HOURS, SOON_HOURS = 3600, 8, 8


def task_row(row: TaskRow, now: datetime, language: str, zone: str) -> dict[str, str]:
    """A task in the list at the left."""
    status, status_tone = STATUS[row.status]
    severity, severity_tone = SEVERITY[row.severity]
    return {
        "number": row.number,
        "kind": gettext(row.kind_name, language),
        "title": title(row, language, zone),
        "amount": money(row.amount, row.currency, language) if row.amount and row.currency else "",
        "requester": row.requester_name or gettext(msg("System"), language),
        "status": gettext(status, language),
        "status_tone": status_tone,
        "severity": gettext(severity, language) if row.severity != Severity.NORMAL else "",
        "severity_tone": severity_tone,
        **clock(row, now, language),
    }


def title(row: TaskRow, language: str, zone: str) -> str:
    """What the task is about, with amounts written for people."""
    return for_people(translate_notice(row.title, row.facts, language), language, zone)


def waiting(row: TaskRow | None, language: str, zone: str) -> dict[str, str]:
    """The open request about a record, as its page names it; nothing where there is none."""
    if row is None:
        return {}
    return {"number": row.number, "title": title(row, language, zone), "href": routes.task(row.number)}


def clock(row: TaskRow, now: datetime, language: str) -> dict[str, str]:
    """How much working time is left or gone; it stands still for a supplement and ends with the task."""
    if row.closed_at is not None or row.due_at is None:
        return {"clock": "", "clock_tone": "neutral"}
    if row.stopped_at is not None:
        return {"clock": gettext(msg("Supplement needed"), language), "clock_tone": "warn"}
    seconds = work_calendar().business_seconds(now, row.due_at)
    hours = abs(seconds) // HOUR
    is_days = hours > DAY_HOURS
    count = hours // DAY_HOURS if is_days else hours
    if seconds < 0 or now > row.due_at:
        text = msg("{count} d overdue") if is_days else msg("{count} h overdue")
        return {"clock": gettext(text, language, count=max(count, 1)), "clock_tone": "bad"}
    text = msg("{count} d left") if is_days else msg("{count} h left")
    tone = "neutral" if hours > SOON_HOURS else "warn"
    return {"clock": gettext(text, language, count=count) if count else _soon(language), "clock_tone": tone}


def _soon(language: str) -> str:
    return gettext(msg("due within the hour"), language)


def options(values: Sequence[FacetValue], names: Mapping[str, str], language: str) -> list[dict[str, str]]:
    """A filter's values with how many tasks have them."""
    return [
        {"value": one.value, "text": f"{gettext(names.get(one.value, one.value), language)} {one.count}"}
        for one in values
        if one.count
    ]


def facts(detail: TaskDetail, now: datetime, language: str, zone: str) -> dict[str, str]:
    """The chosen task's header and key facts."""
    row = detail.task
    kind, key = row.subject
    return {
        **task_row(row, now, language, zone),
        "verb": row.verb,
        "requested_at": instant(row.requested_at, zone),
        "due_at": instant(row.due_at, zone),
        "subject": key,
        "subject_href": routes.subject(kind, key),
        "assigned": detail.assigned_to_name or NO_VALUE,
        "reason": detail.reason,
        "asked": money(row.amount, row.currency, language) if row.amount and row.currency else NO_VALUE,
        "most": money(detail.most_amount, row.currency, language, sign=False)
        if detail.most_amount and row.currency
        else "",
        "most_text": money(detail.most_amount, row.currency, language)
        if detail.most_amount and row.currency
        else "",
        "can_bulk": "yes" if detail.bulk_limit_amount else "",
    }


def resolutions(detail: TaskDetail, language: str) -> list[dict[str, str]]:
    """The ways of which one has to be chosen to resolve the task; none where a sentence is enough."""
    known = find_task_kind(detail.task.kind).resolutions
    return [{"value": code, "text": gettext(text, language)} for code, text in known.items()]


def choices(form: Mapping[str, str]) -> dict[int, str]:
    """The way chosen for each row of the evidence, by its number, out of the fields `choice-N`."""
    found = {key.removeprefix("choice-"): value[:40] for key, value in form.items() if "choice-" in key}
    return {int(no): value for no, value in found.items() if no.isdecimal()}


def explained(
    steps: Sequence[Mapping[str, Any]], roles: RoleNames, language: str, zone: str
) -> list[dict[str, str]]:
    """Evidence and explanation, roles by their names."""
    rows = []
    for step in steps:
        known = dict(step.get("facts", {}))
        if "roles" in known:
            known["roles"] = role_list(str(known["roles"]).split(", "), roles, language)
        row = step_row({**step, "facts": known}, language, zone)
        rows.append(row | {"result": gettext(row["result"], language)})
    return rows


def role_list(codes: Sequence[str], roles: RoleNames, language: str) -> str:
    """Role names side by side."""
    return " / ".join(in_language(*roles.get(code, (code, code)), language) for code in codes)


def steps(
    rows: Sequence[TaskStepRow], roles: RoleNames, currency: str, language: str, zone: str
) -> list[dict[str, str]]:
    """The steps: who may take each, and who took it."""
    return [_step(row, roles, currency, language, zone) for row in rows]


def _step(row: TaskStepRow, roles: RoleNames, currency: str, language: str, zone: str) -> dict[str, str]:
    text, tone = DECISIONS.get(row.decision, (msg("To be decided"), "neutral"))
    who = row.decided_by_name
    if row.on_behalf_of_name:
        who = gettext(msg("{name} for {absent}"), language, name=who, absent=row.on_behalf_of_name)
    return {
        "position": str(row.position),
        "roles": role_list(row.roles, roles, language),
        "decision": gettext(msg("Current step") if row.is_current and not row.decision else text, language),
        "tone": "accent" if row.is_current and not row.decision else tone,
        "who": who or NO_VALUE,
        "at": instant(row.decided_at, zone),
        "amount": money(row.amount, currency, language) if row.amount and currency else "",
        "reason": row.reason,
    }


def results(rows: Sequence[BulkRow], language: str) -> list[dict[str, str]]:
    """What became of each of several tasks."""
    return [
        {
            "number": row.number,
            "text": translate_error(row.error, language) if row.error else gettext(msg("Decided"), language),
            "tone": "bad" if row.error else "good",
        }
        for row in rows
    ]
