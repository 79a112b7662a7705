"""What the API answers about tasks and approval rules."""

from ..core.channels import RuleRow
from ..core.workbench import BulkRow, DecisionResult, DelegationRow, TaskDetail, TaskRow
from ..i18n import gettext, translate_error, translate_notice
from .models import Json, money, row_json, step_json
from .schemas import AMOUNT, FLAG, INSTANT, NUMBER, STEP, TEXT, Named, array_of, object_of, or_null, row_of

_SHOWN = {
    "title": TEXT | {"description": "What it is about, in the caller's language."},
    "subject": object_of(kind=TEXT, key=TEXT),
    "amount": or_null(AMOUNT),
}
TASK = row_of("Task", TaskRow, omit=("facts", "kind_name"), **_SHOWN)
_ACTION = object_of(verb=TEXT, label=TEXT, reason=or_null(TEXT))
_STEP_TAKEN = object_of(
    position=NUMBER,
    roles=array_of(TEXT),
    decision=TEXT,
    decided_by_name=TEXT,
    on_behalf_of_name=TEXT,
    decided_at=or_null(INSTANT),
    amount=or_null(AMOUNT),
    reason=TEXT,
    is_current=FLAG,
)
TASK_DETAIL = Named(
    "TaskDetail",
    object_of(
        **TASK.schema["properties"],
        assigned_to_name=TEXT,
        resolution=TEXT,
        reason=TEXT,
        evidence=array_of(STEP),
        explanation=array_of(STEP),
        steps=array_of(_STEP_TAKEN),
        actions=array_of(_ACTION),
        most_amount=or_null(AMOUNT),
        is_requester=FLAG,
    ),
)
DECISION = row_of("Decision", DecisionResult, omit=("amount",))
BULK = Named(
    "BulkDecision",
    object_of(
        rows=array_of(object_of(number=TEXT, status=or_null(TEXT), code=or_null(TEXT), title=or_null(TEXT)))
    ),
)
DELEGATION = row_of("Delegation", DelegationRow)
RULE = Named(
    "ApprovalRule",
    object_of(
        kind=TEXT,
        name=TEXT,
        currency=TEXT,
        steps=array_of(
            object_of(roles=array_of(TEXT), from_amount=AMOUNT, bulk_limit_amount=AMOUNT, hours=NUMBER)
        ),
    ),
)


def task_json(row: TaskRow, language: str) -> Json:
    """A task in a list."""
    return row_json(row, omit=("facts", "kind_name", "subject", "amount")) | {
        "title": translate_notice(row.title, row.facts, language),
        "subject": {"kind": row.subject[0], "key": row.subject[1]},
        "amount": _amount(row.amount, row.currency),
    }


def task_detail_json(detail: TaskDetail, language: str) -> Json:
    """One task."""
    currency = detail.task.currency
    return task_json(detail.task, language) | {
        "assigned_to_name": detail.assigned_to_name,
        "resolution": detail.resolution,
        "reason": detail.reason,
        "evidence": [step_json(step, language) for step in detail.evidence],
        "explanation": [step_json(step, language) for step in detail.explanation],
        "steps": [
            row_json(step, omit=("amount",)) | {"amount": _amount(step.amount, currency)}
            for step in detail.steps
        ],
        "actions": [
            {
                "verb": action.verb,
                "label": gettext(action.label, language),
                "reason": gettext(action.reason, language) if action.reason else None,
            }
            for action in detail.actions
        ],
        "most_amount": _amount(detail.most_amount, currency),
        "is_requester": detail.is_requester,
    }


def _amount(amount: int | None, currency: str) -> str | None:
    return None if amount is None or not currency else money(amount, currency)


def bulk_json(row: BulkRow, language: str) -> Json:
    return {
        "number": row.number,
        "status": row.result.status if row.result else None,
        "code": row.error.code if row.error else None,
        "title": translate_error(row.error, language) if row.error else None,
    }


def rule_json(row: RuleRow, currency: str, language: str) -> Json:
    return {
        "kind": row.kind,
        "name": gettext(row.kind_name, language),
        "currency": currency,
        "steps": [
            {
                "roles": list(step.roles),
                "from_amount": money(step.from_amount, currency),
                "bulk_limit_amount": money(step.bulk_limit_amount, currency),
                "hours": step.hours,
            }
            for step in row.steps
        ],
    }
