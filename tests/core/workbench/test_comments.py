"""Comments and mentions: who reads them, who is told, and what the timeline shows to whom."""

from datetime import timedelta

import pytest
from sqlmodel import select

from distrib_app.core.channels import Partner, list_colleagues, set_partner_status
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import get_by
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.orders import allocate_order, ship_order
from distrib_app.core.workbench import (
    MentionError,
    TimelineRow,
    add_comment,
    list_notices,
    remove_file,
    store_file,
    timeline,
)
from distrib_app.core.workbench.models import Comment, Task, TaskStep
from tests.core.inventory.shop import NOW

from . import office as rooms
from .office import Office, picture

office = rooms.office
sqlite_offices = rooms.sqlite_offices
postgres_offices = rooms.postgres_offices


def rows(office: Office, username: str, subject: tuple[str, str] | None = None) -> list[TimelineRow]:
    return list(office.ask(username, timeline, subject=subject or office.order))


def told(office: Office, username: str) -> int:
    return int(office.ask(username, list_notices, query=ListQuery()).total)


def test_internal_stays_inside_and_shared_goes_to_who_sees_the_order(office: Office) -> None:
    office.do("ops", add_comment, subject=office.order, text=" 等库存 ")
    office.do("ops", add_comment, subject=office.order, text="明天发货", is_shared=True)
    office.do("gz", add_comment, subject=office.order, text="急")

    def texts(username: str) -> set[str]:
        return {row.text for row in rows(office, username) if row.kind == "comment"}

    assert texts("ops") == texts("boss") == {"等库存", "明天发货"}
    assert texts("gz") == texts("gz2") == {"明天发货", "急"}
    assert texts("gd") == {"明天发货"}
    for stranger in ("sz", "shop"):
        with pytest.raises(NotFoundError):
            rows(office, stranger)
    shared = next(row for row in rows(office, "gz") if row.text == "明天发货")
    assert (shared.actor_name, shared.is_shared) == ("ops", True)
    assert shared.company is not None
    assert (shared.company.code, shared.company.name) == ("BR", "远山电器")


def test_a_comment_is_written_for_the_company_that_stands_on_the_record(office: Office) -> None:
    """Somebody who serves two companies writes as the one that is party to the order."""
    from distrib_app.core.channels import add_membership

    with office.database.write(SYSTEM) as session:
        add_membership(session, SYSTEM, username="shop", partner_code="GZ", role_code="owner", now=NOW)
    office.do("shop", add_comment, subject=office.order, text="ours")
    with office.database.read(SYSTEM) as session:
        comment = session.exec(select(Comment)).one()
        assert comment.party_id == get_by(session, Partner, "partner", code="GZ").id
    assert "ours" in {row.text for row in rows(office, "gz")}


def test_a_mention_tells_those_who_can_read_it(office: Office) -> None:
    office.do("ops", add_comment, subject=office.order, text="@boss @fin 看一下，@boss @ops")
    assert [told(office, name) for name in ("boss", "fin", "ops", "gz")] == [1, 1, 0, 0]
    office.do("ops", add_comment, subject=office.order, text="@gz 已安排 @gd", is_shared=True)
    assert [told(office, name) for name in ("gz", "gd", "gz2")] == [1, 1, 0]
    (notice,) = office.ask("gz", list_notices, query=ListQuery()).rows
    assert (notice.kind, notice.subject, notice.is_read) == ("mention", office.order, False)
    assert notice.title.format(**notice.facts) == "ops mentioned you: @gz 已安排 @gd"


@pytest.mark.parametrize(
    ("text", "is_shared"),
    [("@gz", False), ("@sz", True), ("@nobody.here", True), ("@boss @sz", True), ("@shop", True)],
)
def test_a_mention_of_somebody_who_cannot_read_it_is_refused(
    office: Office, text: str, is_shared: bool
) -> None:
    error = office.refused("ops", add_comment, subject=office.order, text=text, is_shared=is_shared)
    assert isinstance(error, MentionError)


def test_a_colleague_who_may_not_see_the_record_is_not_told(office: Office) -> None:
    """Operations reads no accounts: a mention there would be a link to nothing."""
    account = ("account", "BR:GZ")
    office.do("fin", add_comment, subject=account, text="@boss 超期")
    assert isinstance(office.refused("fin", add_comment, subject=account, text="@ops"), MentionError)
    assert isinstance(office.refused("ops", add_comment, subject=account, text="x"), NotFoundError)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001, "a\0b"])
def test_an_unreadable_text_is_refused(office: Office, text: str) -> None:
    assert isinstance(office.refused("ops", add_comment, subject=office.order, text=text), InvalidError)


def test_strangers_and_the_system_write_nothing(office: Office) -> None:
    assert isinstance(office.refused("sz", add_comment, subject=office.order, text="x"), NotFoundError)
    assert isinstance(office.refused("ops", add_comment, subject=("moon", "1"), text="x"), NotFoundError)
    with pytest.raises(ForbiddenError), office.database.write(SYSTEM) as session:
        add_comment(session, SYSTEM, subject=office.order, text="x", now=NOW)


def test_every_kind_of_record_takes_comments(office: Office) -> None:
    for subject in (("partner", "GZ"), ("account", "BR:GZ"), ("sku", "AC")):
        office.do("boss", add_comment, subject=subject, text="note")
        assert [row.text for row in rows(office, "boss", subject) if row.kind == "comment"] == ["note"]
    assert [row.text for row in rows(office, "gz", ("sku", "AC")) if row.kind == "comment"] == []


def test_the_timeline_merges_what_happened_newest_first(office: Office) -> None:
    number = office.order[1]
    later = [NOW + timedelta(minutes=minute) for minute in range(6)]
    office.do("ops", ship_order, number=number, now=later[0])
    office.do("ops", add_comment, subject=office.order, text="with a photo", now=later[1])
    office.do(
        "ops",
        store_file,
        files=office.files,
        name="a.png",
        content=picture(),
        subject=office.order,
        now=later[1],
    )
    alone = office.do(
        "gz",
        store_file,
        files=office.files,
        name="b.txt",
        content=b"x",
        subject=office.order,
        is_shared=True,
        now=later[2],
    )
    _decided_task(office, later[3], later[4])
    seen = rows(office, "boss")
    assert [(row.kind, row.what) for row in seen] == [
        ("decision", "approved"),
        ("task", "Return goods"),
        ("file", ""),
        ("comment", ""),
        ("event", "order.shipped"),
        ("event", "order.placed"),
    ]
    assert [file.name for file in seen[3].files] == ["a.png"]
    assert [(file.name, file.can_remove) for file in seen[2].files] == [("b.txt", False)]
    assert (seen[0].actor_name, seen[0].text, seen[0].reference) == ("boss", "fine", "TK-1")
    assert [row.actor_name for row in seen[4:]] == ["ops", ""]
    assert [row.kind for row in rows(office, "gz")] == ["file", "event", "event"]

    office.do("gz", remove_file, files=office.files, key=alone.key, now=later[5])
    assert rows(office, "boss")[0].what == "file.removed"
    assert rows(office, "boss")[0].facts == {"name": "b.txt"}


def test_the_removal_of_an_internal_file_is_nobody_elses_business(office: Office) -> None:
    kept = office.do(
        "ops", store_file, files=office.files, name="a.png", content=picture(), subject=office.order
    )
    office.do("ops", remove_file, files=office.files, key=kept.key)
    assert [row.what for row in rows(office, "boss")] == ["file.removed", "order.placed"]
    assert [row.what for row in rows(office, "gz")] == ["order.placed"]


def _decided_task(office: Office, asked: object, decided: object) -> None:
    boss = office.who("boss")
    with office.database.write(SYSTEM) as session:
        task = Task(
            number="TK-1",
            kind="return",
            verb="approve",
            subject_kind="order",
            subject_key=office.order[1],
            title="Return goods",
            owner_id=get_by(session, Partner, "partner", code="BR").id,
            requested_by=office.who("ops").user_id,
            requested_at=asked,
            status="done",
        )
        session.add(task)
        session.flush()
        session.add(
            TaskStep(
                task_id=task.id,
                position=1,
                decision="approved",
                decided_by=boss.user_id,
                decided_at=decided,
                reason="fine",
            )
        )


def test_colleagues_are_those_of_ones_own_company(office: Office) -> None:
    assert [row.username for row in office.ask("ops", list_colleagues, now=NOW)] == ["boss", "fin"]
    assert [row.username for row in office.ask("gz", list_colleagues, now=NOW)] == ["gz2"]
    assert office.ask("sz", list_colleagues, now=NOW) == ()


def test_events_of_other_records_stay_there(office: Office) -> None:
    office.do("ops", set_partner_status, code="GZ", status="suspended")
    assert rows(office, "ops", ("partner", "GZ"))[0].what == "partner.status_changed"
    assert office.refused("ops", allocate_order, number=office.order[1]).code == "transition"
