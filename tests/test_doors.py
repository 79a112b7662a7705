"""The doors before an actor is known: sign-ins leave their trace, forgotten passwords tell nothing."""

import re
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from sqlmodel import col, select

from distrib_app import doors, gate
from distrib_app.core.kernel.access import SYSTEM, BadCredentialsError, NoViewError, User, hash_password
from distrib_app.core.kernel.access.throttle import MAX_FAILURES_PER_USER
from distrib_app.core.kernel.db import Database, get_by
from distrib_app.core.kernel.errors import NotFoundError, RateLimitedError
from distrib_app.core.kernel.events import Event
from distrib_app.core.kernel.settings import get_settings
from distrib_app.core.workbench.models import Notice
from tests.core.channels.town import build_town
from tests.test_mail import Mailbox, _free_port

SECRET = "correct horse"
FAR = "198.51.100.7"


@pytest.fixture
def town(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The town behind the doors; `gz` has a password and an address."""
    with sqlite.write(SYSTEM) as session:
        build_town(session)
        session.flush()
        gz = get_by(session, User, "user", username="gz")
        gz.password_hash, gz.email = hash_password(SECRET), "gz@example.org"
    monkeypatch.setattr(gate, "get_database", lambda: sqlite)
    monkeypatch.delenv("SMTP_URL", raising=False)
    get_settings.cache_clear()
    yield sqlite
    get_settings.cache_clear()


def events(database: Database, *kinds: str) -> list[tuple[str, str, bool]]:
    """(kind, subject, whether somebody is named as its author) of what happened at the doors."""
    with database.read(SYSTEM) as session:
        rows = session.exec(select(Event).order_by(col(Event.id))).all()
    return [
        (row.kind, row.subject_key, row.actor_user_id is not None)
        for row in rows
        if row.kind.startswith(("sign_in.", "user.", "admin."))
    ]


def test_signing_in_leaves_its_trace_without_what_was_typed(town: Database) -> None:
    doors.sign_in("gz", SECRET, FAR, "Firefox")
    for name, password in (("gz", "wrong"), ("my-password-by-mistake", "x")):
        with pytest.raises(BadCredentialsError):
            doors.sign_in(name, password, FAR)
    assert events(town) == [
        ("sign_in.succeeded", "gz", True),
        ("sign_in.failed", "gz", False),
        ("sign_in.failed", "-", False),
    ]
    with town.read(SYSTEM) as session:
        payloads = session.exec(select(Event.payload).where(col(Event.kind).startswith("sign_in"))).all()
    assert payloads == [{}, {}, {}]


def test_a_lock_is_written_down_once(town: Database) -> None:
    for _ in range(MAX_FAILURES_PER_USER):
        with pytest.raises(BadCredentialsError):
            doors.sign_in("gz", "wrong", FAR)
    for _ in range(3):
        with pytest.raises(RateLimitedError):
            doors.sign_in("gz", SECRET, FAR)
    kinds = [kind for kind, _, _ in events(town)]
    assert kinds == ["sign_in.failed"] * MAX_FAILURES_PER_USER + ["sign_in.locked"]


def test_without_mail_the_administrators_are_told_once(town: Database) -> None:
    for name in ("gz", "ghost", "gz"):
        doors.ask_reset(name)
    with town.read(SYSTEM) as session:
        admin = get_by(session, User, "user", username="admin")
        notices = session.exec(select(Notice)).all()
    assert [(row.user_id, row.kind, row.subject_key) for row in notices] == [
        (admin.id, "user.reset_asked", "gz")
    ]
    assert events(town) == [("user.reset_asked", "gz", False)]


def test_with_mail_the_link_goes_to_its_person(town: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    port = _free_port()
    monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("MAIL_FROM", "Distrib <no-reply@distrib.example>")
    monkeypatch.setenv("PUBLIC_URL", "https://distrib.example/")
    get_settings.cache_clear()
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        doors.ask_reset("gz")
        doors.ask_reset("ghost")
    finally:
        controller.stop()
    assert [message["To"] for message in box.taken] == ["GZ <gz@example.org>"]
    text = box.taken[0].get_content()
    link = re.search(r"https://distrib\.example/invitation/(\S+)", text)
    assert link is not None
    assert doors.read_link(link[1]).username == "gz"
    assert doors.use_link(link[1], "ten--chars") == "gz"
    doors.sign_in("gz", "ten--chars", FAR)
    with town.read(SYSTEM) as session:
        assert link[1] not in str(session.exec(select(Event.payload)).all())
        assert session.exec(select(Notice)).all() == []


def test_a_mail_server_that_does_not_answer_leaves_it_to_the_administrators(
    town: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{_free_port()}")
    monkeypatch.setenv("PUBLIC_URL", "https://distrib.example/")
    get_settings.cache_clear()
    doors.ask_reset("gz")
    with town.read(SYSTEM) as session:
        assert len(session.exec(select(Notice)).all()) == 1


def test_who_views_nobody_ends_nothing(town: Database) -> None:
    token = doors.sign_in("gz", SECRET, FAR)
    with pytest.raises(NoViewError):
        doors.end_view(token)
    with pytest.raises(NotFoundError):
        doors.sign_in_demo("gz")
