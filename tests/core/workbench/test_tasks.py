"""Asking, deciding and all that keeps one person from deciding alone, on both databases."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from distrib_app.core.accounts import set_credit
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
)
from distrib_app.core.kernel.lifecycle import TransitionError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.reactions import TASK_KINDS
from distrib_app.core.workbench import (
    BulkLimitError,
    DelegationError,
    NotYourTaskError,
    OpenTaskError,
    ReasonMissingError,
    StepRule,
    Task,
    TaskKind,
    TaskVerb,
    answer_supplement,
    assign_task,
    cure_tasks,
    decide,
    decide_many,
    delegate,
    escalate_overdue,
    get_task,
    inbox_count,
    install_task_kinds,
    list_delegations,
    list_tasks,
    raise_task,
    resolve_task,
    revoke_delegation,
    set_rules,
    withdraw_task,
)
from distrib_app.core.workbench.models import Notice, TaskStep
from tests.core.channels.acting import together
from tests.core.inventory.shop import NOW

from .desk import Desk, desk, postgres_desks, sqlite_desks

__all__ = ["desk", "postgres_desks", "sqlite_desks"]

MILLION_YUAN = 100_000_000
# Thursday noon plus sixteen working hours: five today, eight on Friday, three on Monday
DUE = datetime(2026, 10, 19, 4, 0, tzinfo=UTC)


def test_a_limit_changes_when_a_second_person_agrees(desk: Desk) -> None:
    number = desk.ask_credit(50_000_000)
    task = desk.task(number)
    assert (task.kind, task.verb, task.status, task.amount) == ("credit_limit", "approve", "open", 50_000_000)
    assert (task.subject_kind, task.subject_key, task.subject_version) == ("account", "BR:GD", 1)
    assert task.due_at == DUE
    assert desk.account("GD").credit_limit_amount == MILLION_YUAN
    assert desk.box("fin") == []
    assert desk.box("fin", "waiting") == [number]
    assert desk.box("fin2") == desk.box("fin3") == desk.box("admin") == [number]
    assert desk.box("boss") == desk.box("gd") == desk.box("gd", "all") == []
    assert desk.see("fin2", inbox_count) == 1

    result = desk.decide("fin2", number)
    assert (result.status, result.amount, result.is_asked_again) == ("done", 50_000_000, False)
    account = desk.account("GD")
    assert (account.credit_limit_amount, account.version) == (50_000_000, 2)
    assert desk.box("fin2") == []
    (step,) = desk.rows(TaskStep)
    assert (step.decision, step.amount, step.decided_at) == ("approved", 50_000_000, NOW)
    assert desk.task(number).resolution == "approved"


def test_nobody_decides_on_a_request_of_their_own(desk: Desk) -> None:
    number = desk.ask_credit()
    error = desk.refuse(NotYourTaskError, "fin", decide, number=number, decision="approved")
    assert error.facts["reason"] == "nobody decides on a request of their own"
    assert desk.actions("fin", number)["approve"] == "nobody decides on a request of their own"
    assert desk.actions("fin", number)["withdraw"] is None


def test_who_holds_no_post_does_not_decide_and_who_sees_nothing_finds_nothing(desk: Desk) -> None:
    number = desk.ask_credit()
    desk.refuse(NotYourTaskError, "ops", decide, number=number, decision="approved")
    desk.refuse(NotYourTaskError, "boss", decide, number=number, decision="rejected", reason="no")
    desk.refuse(NotFoundError, "gd", decide, number=number, decision="approved")
    desk.refuse(NotFoundError, "fin2", decide, number="TK-20000101-0001", decision="approved")
    assert desk.actions("ops", number) == {}
    with pytest.raises(NotFoundError):
        desk.see("gd", get_task, number=number)


def test_a_large_limit_takes_two_steps_by_two_people(desk: Desk) -> None:
    number = desk.ask_credit(MILLION_YUAN)
    assert desk.box("boss") == []
    later = NOW + timedelta(days=1)
    assert desk.decide("fin2", number, now=later).status == "open"
    assert desk.account("GD").version == 1
    assert desk.task(number).due_at == DUE + timedelta(days=1)
    assert desk.box("fin3") == []
    assert desk.box("boss") == [number]
    desk.refuse(NotYourTaskError, "fin3", decide, number=number, decision="approved")
    assert desk.decide("boss", number).status == "done"
    assert desk.account("GD").version == 2
    detail = desk.see("fin", get_task, number=number)
    assert [(step.roles, step.decided_by_name) for step in detail.steps] == [
        (("finance", "administrator"), "FIN2"),
        (("executive",), "boss"),
    ]
    assert [step["result"] for step in detail.explanation] == ["needed", "needed"]


def test_one_person_with_two_posts_takes_one_step(desk: Desk) -> None:
    rules = (StepRule(1, ("finance",)), StepRule(2, ("finance",)))
    party = desk.account("GD").seller_id
    desk.do("admin", set_rules, party_id=party, kind="credit_limit", rules=rules)
    number = desk.ask_credit()
    desk.decide("fin2", number)
    error = desk.refuse(NotYourTaskError, "fin2", decide, number=number, decision="approved")
    assert error.facts["reason"] == "somebody else has to take this step: you took one already"
    assert desk.box("fin2") == []
    assert desk.box("fin3") == [number]
    assert desk.decide("fin3", number).status == "done"


def test_a_part_is_granted_and_carried_through_the_steps(desk: Desk) -> None:
    number = desk.ask_credit(2 * MILLION_YUAN)
    for amount in (0, 2 * MILLION_YUAN + 1):
        desk.refuse(InvalidError, "fin2", decide, number=number, decision="partly", amount=amount)
    desk.refuse(InvalidError, "fin2", decide, number=number, decision="partly")
    desk.refuse(InvalidError, "fin2", decide, number=number, decision="approved", amount=5)
    desk.decide("fin2", number, "partly", amount=MILLION_YUAN + 5)
    desk.refuse(InvalidError, "boss", decide, number=number, decision="partly", amount=MILLION_YUAN + 6)
    assert desk.decide("boss", number).amount == MILLION_YUAN + 5
    assert desk.account("GD").credit_limit_amount == MILLION_YUAN + 5
    assert desk.task(number).resolution == "partly"


def test_a_part_below_what_holds_is_refused_and_undoes_the_decision(desk: Desk) -> None:
    number = desk.ask_credit(MILLION_YUAN + 1)
    desk.decide("fin2", number)
    desk.refuse(InvalidError, "boss", decide, number=number, decision="partly", amount=MILLION_YUAN - 1)


def test_a_refusal_says_why_and_changes_nothing_else(desk: Desk) -> None:
    number = desk.ask_credit()
    desk.refuse(ReasonMissingError, "fin2", decide, number=number, decision="rejected", reason="  ")
    desk.refuse(InvalidError, "fin2", decide, number=number, decision="rejected", reason="x" * 401)
    desk.refuse(InvalidError, "fin2", decide, number=number, decision="perhaps")
    assert desk.decide("fin2", number, "rejected", reason="逾期未清").status == "rejected"
    task = desk.task(number)
    assert (task.resolution, task.reason, task.closed_at) == ("rejected", "逾期未清", NOW)
    assert desk.account("GD").version == 1
    desk.refuse(TransitionError, "fin3", decide, number=number, decision="approved")
    assert desk.ask_credit() != number  # the way is free for another request


def test_the_same_is_asked_once(desk: Desk) -> None:
    number = desk.ask_credit()
    change = {"seller_code": "BR", "buyer_code": "GD", "credit_limit_amount": 1, "version": 1}
    error = desk.refuse(OpenTaskError, "fin3", set_credit, **change)
    assert error.facts["task"] == number
    assert desk.ask_credit(buyer="GZ") != number


def test_a_partner_without_rules_acts_at_once(desk: Desk) -> None:
    change = {"seller_code": "GD", "buyer_code": "GZ", "credit_limit_amount": 7, "version": 1}
    assert desk.do("gd", set_credit, **change) is None
    assert desk.box("gd", "waiting") == []


def test_a_stale_subject_is_asked_again(desk: Desk) -> None:
    number = desk.ask_credit(2 * MILLION_YUAN)
    desk.decide("fin2", number)
    change = {"seller_code": "BR", "buyer_code": "GD", "credit_limit_amount": 9, "version": 1}
    desk.do("system", set_credit, **change)
    result = desk.decide("boss", number)
    assert result.is_asked_again
    assert desk.account("GD").credit_limit_amount == 9
    task = desk.task(number)
    assert (task.status, task.subject_version) == ("open", 2)
    assert {step.decision for step in desk.rows(TaskStep)} == {""}
    assert desk.box("fin2") == [number]
    desk.decide("fin2", number)
    desk.decide("boss", number)
    assert desk.account("GD").credit_limit_amount == 2 * MILLION_YUAN


def test_a_supplement_stops_the_clock(desk: Desk) -> None:
    number = desk.ask_credit()
    desk.decide("fin2", number, "supplement", reason="缺上季报表")
    task = desk.task(number)
    assert (task.status, task.reason, task.stopped_at) == ("waiting", "缺上季报表", NOW)
    desk.refuse(TransitionError, "fin3", decide, number=number, decision="approved")
    desk.refuse(NotYourTaskError, "fin2", answer_supplement, number=number, answer="me")
    desk.refuse(ReasonMissingError, "fin", answer_supplement, number=number, answer="")
    assert desk.box("fin2") == []
    # asked with sixteen working hours to go, answered on the next Thursday at 15:00
    answered = datetime(2026, 10, 22, 7, 0, tzinfo=UTC)
    desk.do("fin", answer_supplement, answered, number=number, answer="已补交")
    task = desk.task(number)
    # the same sixteen are left: three on Thursday, eight on Friday, five on Monday
    assert task.due_at == datetime(2026, 10, 26, 7, 0, tzinfo=UTC)
    assert (task.status, task.stopped_at, task.reason) == ("open", None, "")
    assert task.evidence[-1]["facts"] == {"answer": "已补交"}
    assert desk.decide("fin2", number, now=answered).status == "done"


def test_a_request_is_taken_back_by_who_made_it(desk: Desk) -> None:
    number = desk.ask_credit()
    desk.refuse(NotYourTaskError, "fin2", withdraw_task, number=number)
    desk.do("fin", withdraw_task, number=number)
    assert desk.task(number).status == "withdrawn"
    desk.refuse(TransitionError, "fin2", decide, number=number, decision="approved")


def test_another_version_than_the_one_seen_is_refused(desk: Desk) -> None:
    number = desk.ask_credit()
    desk.refuse(StaleError, "fin2", decide, number=number, decision="approved", version=9)
    assert desk.decide("fin2", number, version=1).status == "done"


def test_two_at_once_take_one_decision(desk: Desk) -> None:
    number = desk.ask_credit(MILLION_YUAN)
    calls = [partial(desk.decide, name, number, version=1) for name in ("fin2", "fin3", "admin")]
    assert together(*calls) == ["done", "stale", "stale"]
    assert sorted(step.decision for step in desk.rows(TaskStep)) == ["", "approved"]
    calls = [partial(desk.decide, "boss", number), partial(desk.decide, "boss", number)]
    assert together(*calls) == ["done", "transition"]
    assert desk.account("GD").version == 2


def test_two_who_ask_at_once_ask_once(desk: Desk) -> None:
    calls = [partial(desk.ask_credit, by=name) for name in ("fin", "fin2", "fin3")]
    assert together(*calls) == ["done", "open_task", "open_task"]


def test_a_colleague_decides_in_ones_place(desk: Desk) -> None:
    until = NOW + timedelta(days=3)
    desk.do("fin2", delegate, to_username="ops", valid_from=NOW, valid_to=until, reason="出差")
    number = desk.ask_credit()
    assert desk.box("ops") == [number]
    desk.decide("ops", number)
    (step,) = desk.rows(TaskStep)
    assert (step.decided_by, step.on_behalf_of) == (desk.who("ops").user_id, desk.who("fin2").user_id)
    assert desk.see("fin", get_task, number=number).steps[0].on_behalf_of_name == "FIN2"
    (row,) = desk.see("ops", list_delegations, now=NOW)
    assert (row.from_name, row.to_username, row.is_mine, row.reason) == ("FIN2", "ops", False, "出差")


def test_what_is_lent_ends_and_is_taken_back(desk: Desk) -> None:
    until = NOW + timedelta(days=3)
    number = desk.ask_credit()
    desk.do("fin2", delegate, to_username="ops", valid_from=NOW, valid_to=until)
    desk.refuse(NotYourTaskError, "ops", decide, until, number=number, decision="approved")
    assert desk.do("fin2", revoke_delegation, to_username="ops") == 1
    desk.refuse(NotFoundError, "fin2", revoke_delegation, to_username="ops")
    desk.refuse(NotYourTaskError, "ops", decide, number=number, decision="approved")
    assert desk.see("fin2", list_delegations, now=NOW) == ()


def test_a_lent_post_does_not_decide_for_who_asked(desk: Desk) -> None:
    desk.do("fin", delegate, to_username="ops", valid_from=NOW, valid_to=NOW + timedelta(days=1))
    number = desk.ask_credit(by="fin")
    assert desk.box("ops") == []
    error = desk.refuse(NotYourTaskError, "ops", decide, number=number, decision="approved")
    assert error.facts["reason"] == "nobody decides on a request of their own"


@pytest.mark.parametrize(
    ("to", "start", "days", "error"),
    [
        ("fin2", 0, 1, DelegationError),
        ("gd", 0, 1, NotFoundError),
        ("nobody", 0, 1, NotFoundError),
        ("fin", 0, 0, DelegationError),
        ("fin", -5, 3, DelegationError),
        ("fin", 0, 400, DelegationError),
    ],
)
def test_a_delegation_without_sense_is_refused(
    desk: Desk, to: str, start: int, days: int, error: type[Exception]
) -> None:
    begin = NOW + timedelta(days=start)
    facts = {"to_username": to, "valid_from": begin, "valid_to": begin + timedelta(days=days)}
    desk.refuse(error, "fin2", delegate, **facts)  # type: ignore[arg-type]


def test_several_are_decided_each_on_its_own(desk: Desk) -> None:
    small = desk.ask_credit(20_000_000, buyer="GD")
    limit = desk.ask_credit(20_000_001, buyer="GZ")
    rows = desk.do("fin2", decide_many, numbers=[small, limit, "TK-0", small], decision="approved")
    assert [row.number for row in rows] == [small, limit, "TK-0"]
    assert rows[0].result is not None
    assert [type(row.error) for row in rows] == [type(None), BulkLimitError, NotFoundError]
    assert desk.account("GD").credit_limit_amount == 20_000_000
    assert desk.task(limit).version == 1
    desk.refuse(InvalidError, "fin2", decide_many, numbers=[limit], decision="partly")
    desk.refuse(InvalidError, "fin2", decide_many, numbers=[], decision="approved")
    (row,) = desk.do("fin", decide_many, numbers=[limit], decision="rejected", reason="x")
    assert isinstance(row.error, (BulkLimitError, NotYourTaskError))


@pytest.fixture
def _chores(desk: Desk) -> None:
    install_task_kinds(TASK_KINDS | {"late": TaskKind("Late", TaskVerb.RESOLVE)})


@pytest.mark.usefixtures("_chores")
def test_what_is_raised_is_raised_once_and_resolved(desk: Desk) -> None:
    facts = {
        "kind": "late",
        "subject": ("order", "SO-1"),
        "title": "Late",
        "facts": {},
        "roles": ["operations"],
    }
    owner = desk.account("GD").seller_id
    first = desk.do("system", raise_task, owner_id=owner, **facts, severity="high", evidence=[{"text": "a"}])
    again = desk.do("system", raise_task, owner_id=owner, **facts, severity="low", evidence=[{"text": "b"}])
    assert first.number == again.number
    task = desk.task(first.number)
    assert (task.severity, task.evidence, task.due_at, task.version) == ("high", [{"text": "b"}], DUE, 2)
    assert desk.box("ops") == [first.number]
    assert desk.actions("ops", first.number) == {"resolve": None, "assign": None}
    for stranger in ("gd", "nobody"):
        desk.refuse(NotFoundError, "ops", assign_task, number=first.number, username=stranger)
    desk.do("ops", assign_task, number=first.number, username="boss")
    assert desk.see("ops", get_task, number=first.number).assigned_to_name == "boss"
    desk.refuse(NotYourTaskError, "fin", resolve_task, number=first.number, resolution="done")
    desk.refuse(InvalidError, "ops", resolve_task, number=first.number, resolution=" ")
    desk.do("ops", resolve_task, number=first.number, resolution="called", reason="承诺周五付款")
    task = desk.task(first.number)
    assert (task.status, task.resolution, task.reason) == ("done", "called", "承诺周五付款")


@pytest.mark.usefixtures("_chores")
def test_what_vanished_is_cured(desk: Desk) -> None:
    subjects = [("order", "SO-1"), ("order", "SO-2")]
    owner = desk.account("GD").seller_id
    for subject in subjects:
        facts = {"kind": "late", "subject": subject, "title": "Late", "facts": {}, "roles": ["operations"]}
        desk.do("system", raise_task, owner_id=owner, **facts)
    desk.refuse(ForbiddenError, "admin", cure_tasks, kind="late", subjects=subjects)
    assert desk.do("system", cure_tasks, kind="late", subjects=[subjects[0], ("order", "SO-9")]) == 1
    assert {row.subject_key: row.status for row in desk.rows(Task)} == {"SO-1": "cured", "SO-2": "open"}
    assert len(desk.box("ops")) == 1


def test_what_is_overdue_grows_more_severe_once(desk: Desk) -> None:
    number = desk.ask_credit()
    assert desk.do("system", escalate_overdue, DUE) == 0
    after = DUE + timedelta(seconds=1)
    desk.refuse(ForbiddenError, "admin", escalate_overdue, after)
    assert desk.do("system", escalate_overdue, after) == 1
    assert desk.do("system", escalate_overdue, after) == 0
    task = desk.task(number)
    assert (task.severity, task.escalated_at) == ("high", after)
    listing = desk.see("fin2", list_tasks, query=ListQuery(facets={"late": ("yes",)}), now=after)
    assert [row.number for row in listing.rows] == [number]
    assert desk.see("fin2", list_tasks, query=ListQuery(facets={"late": ("yes",)}), now=DUE).total == 0


def test_those_concerned_are_told(desk: Desk) -> None:
    def told() -> list[tuple[str, str]]:
        ids = {desk.who(name).user_id: name for name in ("fin", "fin2", "fin3", "admin", "boss", "ops")}
        return sorted((ids[row.user_id], row.title) for row in desk.rows(Notice))

    number = desk.ask_credit(MILLION_YUAN)
    asked = [(name, "To decide: {kind} {number}") for name in ("admin", "fin2", "fin3")]
    assert told() == asked
    desk.decide("fin2", number)
    asked.append(("boss", "The next step is yours: {kind} {number}"))
    assert told() == sorted(asked)
    desk.decide("boss", number)
    asked.append(("fin", "Approved: {kind} {number}"))
    assert told() == sorted(asked)
    assert {row.subject_key for row in desk.rows(Notice)} == {number}


def test_the_boxes_are_searched_filtered_and_sorted(desk: Desk) -> None:
    first = desk.ask_credit(10_000_000, buyer="GD")
    second = desk.ask_credit(20_000_000, buyer="GZ", now=NOW + timedelta(hours=1))
    assert desk.box("fin2") == [first, second]
    assert desk.box("fin2", sort="-amount") == [second, first]
    assert desk.box("fin2", search="BR:GZ") == [second]
    assert desk.box("fin2", search=first) == [first]
    assert desk.box("fin2", facets={"kind": ("goods_return",)}) == []
    listing = desk.see("fin2", list_tasks, query=ListQuery(with_facets=True), now=NOW)
    assert [(one.value, one.count) for one in listing.facets["kind"]] == [("credit_limit", 2)]
    for wrong in ({"sort": "payload"}, {"facets": {"kind": ("x",)}}, {"facets": {"owner": ("1",)}}):
        with pytest.raises(InvalidError):
            desk.see("fin2", list_tasks, query=ListQuery(**wrong), now=NOW)
    with pytest.raises(InvalidError):
        desk.see("fin2", list_tasks, box="theirs")


def test_rules_are_changed_by_those_who_run_the_company(desk: Desk) -> None:
    party = desk.account("GD").seller_id
    facts = {"party_id": party, "kind": "credit_limit", "rules": (StepRule(1, ("finance",)),)}
    for name in ("fin", "boss", "gd"):
        desk.refuse(ForbiddenError, name, set_rules, **facts)
    desk.refuse(InvalidError, "admin", set_rules, **(facts | {"rules": (StepRule(1, ()),)}))
    number = desk.ask_credit(MILLION_YUAN)
    desk.do("admin", set_rules, **facts)
    assert len(desk.rows(TaskStep)) == 2  # what is open keeps the steps it was asked with
    desk.decide("fin2", number)
    desk.decide("boss", number)
    assert desk.decide("fin3", desk.ask_credit(MILLION_YUAN)).status == "done"


def test_the_system_is_asked_nothing(desk: Desk) -> None:
    with desk.database.write(SYSTEM) as session:
        change = {"seller_code": "BR", "buyer_code": "GD", "credit_limit_amount": 5, "version": 1}
        assert set_credit(session, SYSTEM, **change, now=NOW) is None  # type: ignore[arg-type]
    assert desk.account("GD").credit_limit_amount == 5
