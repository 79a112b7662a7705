"""Rules of approval as tables, and what no combination of posts may ever allow."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.workbench.approvals import (
    ITS_OWN_REQUEST,
    NOT_THEIRS,
    SECOND_STEP,
    TASK_LIFECYCLE,
    Right,
    StepRule,
    TaskFacts,
    check_rules,
    explain_steps,
    granted_amount,
    is_bulk,
    needed_steps,
    right_to_decide,
    verbs_of,
)

RULES = (StepRule(1, ("finance", "administrator")), StepRule(2, ("executive",), from_amount=100_000_000))


@pytest.mark.parametrize(
    ("amount", "positions"),
    [(None, [1]), (0, [1]), (99_999_999, [1]), (100_000_000, [1, 2]), (10**12, [1, 2])],
)
def test_which_steps_an_amount_needs(amount: int | None, positions: list[int]) -> None:
    assert [step.position for step in needed_steps(RULES, amount)] == positions
    assert [step.position for step in needed_steps(reversed(RULES), amount)] == positions


def test_no_rule_and_no_reached_limit_need_no_step() -> None:
    assert needed_steps((), 10**12) == ()
    assert needed_steps((StepRule(1, ("finance",), from_amount=100),), 99) == ()


def test_the_steps_explain_themselves() -> None:
    steps = explain_steps(RULES, 100, "CNY")
    assert [step.result for step in steps] == ["needed", "not needed"]
    assert steps[1].facts == {"position": 2, "roles": "executive", "limit": "1000000.00 CNY"}


# A (1) asks at party 7; B (2) and C (3) hold finance there, E (5) the executive's post
@pytest.mark.parametrize(
    ("user", "posts", "delegated", "taken", "expected"),
    [
        (2, {(7, "finance")}, set(), set(), Right()),
        (1, {(7, "finance")}, set(), set(), Right(ITS_OWN_REQUEST)),
        (2, {(7, "finance")}, set(), {2}, Right(SECOND_STEP)),
        (2, {(8, "finance")}, set(), set(), Right(NOT_THEIRS)),
        (2, {(7, "executive")}, set(), set(), Right(NOT_THEIRS)),
        (None, {(7, "finance")}, set(), set(), Right(NOT_THEIRS)),
        (4, set(), {(3, 7, "finance")}, set(), Right(on_behalf_of=3)),
        (4, set(), {(3, 8, "finance")}, set(), Right(NOT_THEIRS)),
        (4, set(), {(1, 7, "finance")}, set(), Right(ITS_OWN_REQUEST)),  # the asker's own post, lent
        (1, set(), {(3, 7, "finance")}, set(), Right(ITS_OWN_REQUEST)),  # a post lent to the asker
        (4, set(), {(3, 7, "finance")}, {3}, Right(SECOND_STEP)),
        (4, set(), {(3, 7, "finance")}, {4}, Right(SECOND_STEP)),
        (4, set(), {(1, 7, "finance"), (3, 7, "finance")}, set(), Right(on_behalf_of=3)),
        (4, {(7, "finance")}, {(3, 7, "finance")}, set(), Right()),  # one's own post comes first
    ],
)
def test_who_may_take_a_step(
    user: int | None,
    posts: set[tuple[int, str]],
    delegated: set[tuple[int, int, str]],
    taken: set[int],
    expected: Right,
) -> None:
    right = right_to_decide(
        user_id=user,
        posts=posts,
        delegated=delegated,
        owner_id=7,
        roles=("finance", "administrator"),
        requested_by=1,
        taken_by=taken,
    )
    assert right == expected


PEOPLE = st.integers(1, 4)
ROLES = st.sampled_from(["finance", "executive"])


@settings(max_examples=100)
@given(
    user=PEOPLE,
    posts=st.frozensets(st.tuples(st.integers(7, 8), ROLES)),
    delegated=st.frozensets(st.tuples(PEOPLE, st.integers(7, 8), ROLES)),
    requested_by=PEOPLE,
    taken=st.frozensets(PEOPLE),
)
def test_nobody_decides_twice_or_on_their_own(
    user: int,
    posts: frozenset[tuple[int, str]],
    delegated: frozenset[tuple[int, int, str]],
    requested_by: int,
    taken: frozenset[int],
) -> None:
    right = right_to_decide(
        user_id=user,
        posts=posts,
        delegated=delegated,
        owner_id=7,
        roles=("finance",),
        requested_by=requested_by,
        taken_by=taken,
    )
    if right.reason is not None:
        return
    assert user != requested_by
    assert user not in taken
    if right.on_behalf_of is None:
        assert (7, "finance") in posts
    else:
        assert (right.on_behalf_of, 7, "finance") in delegated
        assert right.on_behalf_of not in taken | {requested_by}


def test_a_part_is_never_above_what_was_asked_or_granted_before() -> None:
    assert granted_amount(asked=100, granted_before=None, wanted=None) == 100
    assert granted_amount(asked=100, granted_before=None, wanted=100) == 100
    assert granted_amount(asked=100, granted_before=60, wanted=None) == 60
    assert granted_amount(asked=None, granted_before=None, wanted=None) is None
    for before, wanted in ((None, 101), (None, 0), (None, -1), (60, 61)):
        with pytest.raises(InvalidError):
            granted_amount(asked=100, granted_before=before, wanted=wanted)
    with pytest.raises(InvalidError):
        granted_amount(asked=None, granted_before=None, wanted=1)


def test_several_at_once_only_up_to_the_limit() -> None:
    assert is_bulk(100, 100)
    assert not is_bulk(101, 100)
    assert is_bulk(None, 1)
    assert not is_bulk(None, 0)
    assert not is_bulk(0, 0)


@pytest.mark.parametrize(
    "rules",
    [
        (StepRule(2, ("finance",)),),
        (StepRule(1, ()),),
        (StepRule(1, ("finance", "finance")),),
        (StepRule(1, ("finance",), from_amount=-1),),
        (StepRule(1, ("finance",), hours=0),),
        (StepRule(1, ("finance",)), StepRule(1, ("executive",))),
    ],
)
def test_rules_nobody_could_follow_are_refused(rules: tuple[StepRule, ...]) -> None:
    with pytest.raises(InvalidError):
        check_rules(rules)


def test_what_may_be_done_depends_on_how_one_stands_to_it() -> None:
    decider = TaskFacts("approve", True, False, Right())
    asker = TaskFacts("approve", True, True, Right(ITS_OWN_REQUEST))
    stranger = TaskFacts("approve", True, False, Right(NOT_THEIRS))
    assert verbs_of(decider) == ("approve", "partly", "reject", "supplement", "assign")
    assert verbs_of(asker) == ("approve", "partly", "reject", "supplement", "assign", "answer", "withdraw")
    assert verbs_of(stranger) == ()
    assert verbs_of(TaskFacts("approve", False, False, Right())) == (
        "approve",
        "reject",
        "supplement",
        "assign",
    )
    assert verbs_of(TaskFacts("contact", False, False, Right())) == ("resolve", "assign")
    assert TASK_LIFECYCLE.refusal("approve", "open", asker) == ITS_OWN_REQUEST
    assert TASK_LIFECYCLE.refusal("withdraw", "open", asker) is None
    assert TASK_LIFECYCLE.refusal("withdraw", "done", asker) is not None
