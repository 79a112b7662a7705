"""Notices: who is told how, what is read, what waits to be mailed."""

from datetime import timedelta
from typing import Any

from sqlmodel import select

from distrib_app.core.kernel.access import SYSTEM, User
from distrib_app.core.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.workbench import (
    count_unread,
    list_notices,
    list_preferences,
    mark_all_read,
    mark_mailed,
    mark_read,
    notify,
    pending_mails,
    set_preference,
)
from tests.core.inventory.shop import NOW

from . import office as rooms
from .office import Office

office = rooms.office
sqlite_offices = rooms.sqlite_offices
postgres_offices = rooms.postgres_offices


def tell(office: Office, *usernames: str, **facts: Any) -> None:
    ids = [office.who(name).user_id for name in usernames]
    known = {"kind": "mention", "title": "{n} is new", "facts": {"n": 1}, "subject": office.order, "now": NOW}
    with office.database.write(SYSTEM) as session:
        notify(session, user_ids=ids, **(known | facts))


def unread(office: Office, *usernames: str) -> list[int]:
    return [office.ask(name, count_unread) for name in usernames]


def test_a_notice_is_one_persons_and_read_once(office: Office) -> None:
    tell(office, "ops", "gz", "ops")
    assert unread(office, "ops", "gz", "boss") == [1, 1, 0]
    (notice,) = office.ask("ops", list_notices, query=ListQuery()).rows
    assert (notice.kind, notice.title, notice.facts) == ("mention", "{n} is new", {"n": 1})
    assert (notice.subject, notice.created_at, notice.is_read) == (office.order, NOW, False)
    assert isinstance(office.refused("gz", mark_read, key=notice.key), NotFoundError)
    assert office.do("ops", mark_read, key=notice.key).is_read
    office.do("ops", mark_read, key=notice.key, now=NOW + timedelta(days=1))
    assert unread(office, "ops", "gz") == [0, 1]


def test_the_list_is_newest_first_and_paged(office: Office) -> None:
    for minute in range(5):
        tell(office, "ops", facts={"n": minute}, now=NOW + timedelta(minutes=minute))
    found = office.ask("ops", list_notices, query=ListQuery(offset=1, limit=2))
    assert ([row.facts["n"] for row in found.rows], found.total) == ([3, 2], 5)
    office.do("ops", mark_read, key=found.rows[0].key)
    query = ListQuery(facets={"state": ("unread",)})
    assert [row.facts["n"] for row in office.ask("ops", list_notices, query=query).rows] == [4, 2, 1, 0]
    assert office.do("ops", mark_all_read) == 4
    assert unread(office, "ops") == [0]
    assert office.do("ops", mark_all_read) == 0


def test_preferences_decide_how_one_is_told(office: Office) -> None:
    (row,) = [row for row in office.ask("ops", list_preferences) if row.kind == "mention"]
    assert (row.in_inbox, row.by_mail) == (True, False)
    office.do("ops", set_preference, kind="mention", in_inbox=False, by_mail=False)
    office.do("gz", set_preference, kind="mention", in_inbox=False, by_mail=True)
    office.do("boss", set_preference, kind="mention", in_inbox=True, by_mail=True)
    office.do("boss", set_preference, kind="mention", in_inbox=True, by_mail=False)
    tell(office, "ops", "gz", "boss")
    assert [office.ask(name, list_notices, query=ListQuery()).total for name in ("ops", "gz", "boss")] == [
        0,
        1,
        1,
    ]
    assert unread(office, "ops", "gz", "boss") == [0, 0, 1]
    refusal = office.refused("ops", set_preference, kind="weather", in_inbox=True, by_mail=True)
    assert isinstance(refusal, InvalidError)


def test_mails_wait_for_people_with_an_address(office: Office) -> None:
    with office.database.write(SYSTEM) as session:
        for user in session.exec(select(User).where(User.username.in_(["gz", "boss", "fin"]))):
            user.email = f"{user.username}@example.org"
            user.language = "en" if user.username == "gz" else "zh_CN"
            user.is_disabled = user.username == "fin"
    for name in ("ops", "gz", "fin"):  # without address, with one, disabled
        with office.database.write(SYSTEM) as session:
            set_preference(session, office.who(name), kind="mention", in_inbox=True, by_mail=True, now=NOW)
    tell(office, "ops", "gz", "boss", "fin")

    def pending(at: Any = NOW) -> list[Any]:
        with office.database.read(SYSTEM) as session:
            return pending_mails(session, SYSTEM, now=at)

    (mail,) = pending()
    assert (mail.address, mail.name, mail.language) == ("gz@example.org", "gz", "en")
    assert (mail.title, mail.facts, mail.subject) == ("{n} is new", {"n": 1}, office.order)
    assert pending(NOW + timedelta(days=3)) == []  # no news any more
    with office.database.write(SYSTEM) as session:
        mark_mailed(session, SYSTEM, key=mail.key, now=NOW)
    assert pending() == []


def test_the_system_has_no_inbox(office: Office) -> None:
    for verb, facts in ((mark_all_read, {"now": NOW}), (list_preferences, {})):
        with office.database.write(SYSTEM) as session:
            try:
                verb(session, SYSTEM, **facts)
            except ForbiddenError:
                continue
            raise AssertionError
