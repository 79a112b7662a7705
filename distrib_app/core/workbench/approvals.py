"""Pure rules of approval: which steps an amount needs, who may take them, and how much may be granted.

All amounts are minor units; no amount at all is held against limits as nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ..kernel.errors import InvalidError, msg
from ..kernel.explain import Step
from ..kernel.lifecycle import Lifecycle, Transition
from ..kernel.money import Money
from .models import TaskStatus, TaskVerb

Post = tuple[int, str]  # (party, role code)
LentPost = tuple[int, int, str]  # (lender, party, role code)


@dataclass(frozen=True, slots=True)
class StepRule:
    """A step of a party's rule for a kind: from which amount it is needed and who takes it.

    `bulk_limit_amount` is the largest amount that may be decided together with others (0: none); `hours`
    are the business hours there are to decide.
    """

    position: int
    roles: tuple[str, ...]
    from_amount: int = 0
    bulk_limit_amount: int = 0
    hours: int = 16


def needed_steps(rules: Iterable[StepRule], amount: int | None) -> tuple[StepRule, ...]:
    """The steps that `amount` needs, in their order; exactly at a limit the step is needed."""
    needed = [rule for rule in rules if (amount or 0) >= rule.from_amount]
    return tuple(sorted(needed, key=lambda rule: rule.position))


def explain_steps(rules: Iterable[StepRule], amount: int | None, currency: str) -> tuple[Step, ...]:
    """Why these steps: each rule of the party with its limit, and whether it applies here."""
    applied = {rule.position for rule in needed_steps(rules, amount)}
    steps = []
    for rule in sorted(rules, key=lambda rule: rule.position):
        facts = {"position": rule.position, "roles": ", ".join(rule.roles)}
        result = msg("needed") if rule.position in applied else msg("not needed")
        if rule.from_amount and currency:
            limit = str(Money(currency, rule.from_amount))
            text = msg("Step {position}, from {limit}: {roles}")
            steps.append(Step(text, facts | {"limit": limit}, result))
        else:
            steps.append(Step(msg("Step {position}, whatever the amount: {roles}"), facts, result))
    return tuple(steps)


def check_rules(rules: Sequence[StepRule]) -> None:
    """Refuse rules that nobody could follow. Raises `InvalidError` naming the field."""
    if [rule.position for rule in rules] != list(range(1, len(rules) + 1)):
        raise InvalidError(field="position", reason=msg("steps are numbered 1, 2, 3 …"))
    for rule in rules:
        if not rule.roles or len(set(rule.roles)) != len(rule.roles):
            raise InvalidError(field="roles", reason=msg("a step names each of its roles once"))
        if rule.from_amount < 0 or rule.bulk_limit_amount < 0:
            raise InvalidError(field="from_amount", reason=msg("a limit is not negative"))
        if not 1 <= rule.hours <= 400:
            raise InvalidError(field="hours", reason=f"{rule.hours} – 1 … 400")


@dataclass(frozen=True, slots=True)
class Right:
    """Whether somebody may take a step: `reason` (msgid) why not; `on_behalf_of` is who lent the post."""

    reason: str | None = None
    on_behalf_of: int | None = None


ITS_OWN_REQUEST = msg("nobody decides on a request of their own")
SECOND_STEP = msg("somebody else has to take this step: you took one already")
NOT_THEIRS = msg("this step is for others to take")


def right_to_decide(
    *,
    user_id: int | None,
    posts: Collection[Post],
    delegated: Collection[LentPost],
    owner_id: int,
    roles: Collection[str],
    requested_by: int | None,
    taken_by: Collection[int],
) -> Right:
    """Whether a person may take a step of `roles` at the owner, with an own post or a lent one.

    A lent post counts for its lender: not on the lender's own request, nor where the lender took a step.
    `taken_by` are those who took a step of this task, and those on whose behalf one was taken.
    """
    own = any((owner_id, role) in posts for role in roles)
    lenders = sorted({lender for lender, party, role in delegated if party == owner_id and role in roles})
    if user_id is None or not (own or lenders):
        return Right(NOT_THEIRS)
    if user_id == requested_by:
        return Right(ITS_OWN_REQUEST)
    if user_id in taken_by:
        return Right(SECOND_STEP)
    free = [lender for lender in lenders if lender != requested_by and lender not in taken_by]
    if own or free:
        return Right(on_behalf_of=None if own else free[0])
    return Right(SECOND_STEP if set(lenders) & set(taken_by) else ITS_OWN_REQUEST)


def granted_amount(*, asked: int | None, granted_before: int | None, wanted: int | None) -> int | None:
    """What a step grants: what is still asked for, or the smaller `wanted` of a partial approval.

    Raises `InvalidError` for a part of nothing, and for more than was asked or an earlier step granted.
    """
    most = asked if granted_before is None else granted_before
    if wanted is None:
        return most
    if most is None:
        raise InvalidError(field="amount", reason=msg("there is no amount to approve a part of"))
    if not 0 < wanted <= most:
        raise InvalidError(field="amount", reason=msg("more than nothing, and at most what was asked"))
    return wanted


def is_bulk(amount: int | None, limit_amount: int) -> bool:
    """Whether a task of `amount` may be decided together with others."""
    return limit_amount > 0 and (amount or 0) <= limit_amount


# --- what may be done with a task, and why not ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What the guards look at: the task's verb, and how the actor stands to it."""

    verb: str
    is_divisible: bool
    is_requester: bool
    right: Right


def _decides(facts: TaskFacts) -> str | None:
    return facts.right.reason


def _grants_part(facts: TaskFacts) -> str | None:
    if not facts.is_divisible:
        return msg("this is approved as a whole or not at all")
    return facts.right.reason


def _asked(facts: TaskFacts) -> str | None:
    return None if facts.is_requester else msg("only those who asked can do this")


_OPEN = frozenset({TaskStatus.OPEN.value})
_ALIVE = _OPEN | {TaskStatus.WAITING.value}
_WAITING = frozenset({TaskStatus.WAITING.value})

# no permission is asked: who may decide follows from posts, who may answer from having asked
TASK_LIFECYCLE = Lifecycle(
    "task",
    (
        Transition("approve", _OPEN, TaskStatus.DONE, "", msg("Approve"), _decides),
        Transition("partly", _OPEN, TaskStatus.DONE, "", msg("Approve a part"), _grants_part),
        Transition("reject", _OPEN, TaskStatus.REJECTED, "", msg("Reject"), _decides),
        Transition("supplement", _OPEN, TaskStatus.WAITING, "", msg("Ask for a supplement"), _decides),
        Transition("resolve", _OPEN, TaskStatus.DONE, "", msg("Mark as resolved"), _decides),
        Transition("assign", _ALIVE, "", "", msg("Assign"), _decides),
        Transition("answer", _WAITING, TaskStatus.OPEN, "", msg("Answer"), _asked),
        Transition("withdraw", _ALIVE, TaskStatus.WITHDRAWN, "", msg("Withdraw"), _asked),
    ),
)
_APPROVAL = frozenset({"approve", "partly", "reject", "supplement"})


def verbs_of(facts: TaskFacts) -> tuple[str, ...]:
    """The verbs that concern this actor at a task of this kind, whatever its state."""
    fits = {"assign"} | (_APPROVAL if facts.verb == TaskVerb.APPROVE else {"resolve"})
    if not facts.is_divisible:
        fits = fits - {"partly"}
    mine = fits if facts.right.reason != NOT_THEIRS else set()
    if facts.is_requester:
        mine = mine | {"answer", "withdraw"}
    return tuple(one.verb for one in TASK_LIFECYCLE.transitions if one.verb in mine)
