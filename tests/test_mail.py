"""Notices by e-mail over a real SMTP server of our own: languages, retries, never twice."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlmodel import Session, select

from distrib_app import gate, mail
from distrib_app.core.kernel.access import SYSTEM, User
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.settings import get_settings
from distrib_app.core.workbench import notify
from distrib_app.core.workbench.models import Notice, NoticePreference
from distrib_app.mail import MailServer, Postman, parse_server


class Mailbox:
    """What a mail server does with what it is handed; `refuse` names addresses it does not take."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refuse: set[str] = set()

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refuse:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def port(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port for the mail server; the settings point there, the database holds three people."""
    found = _free_port()
    monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{found}")
    monkeypatch.setenv("MAIL_FROM", "渠道云 <no-reply@distrib.example>")
    monkeypatch.setenv("PUBLIC_URL", "https://distrib.example/")
    monkeypatch.setattr(gate, "get_database", lambda: sqlite)
    get_settings.cache_clear()
    with sqlite.write(SYSTEM) as session:
        for username, language in (("li", "zh_CN"), ("ann", "en"), ("lost", "en")):
            session.add(
                User(
                    username=username,
                    name={"li": "李雷"}.get(username, username),
                    password_hash="-",
                    language=language,
                    email=f"{username}@example.org",
                    created_at=utc_now(),
                )
            )
    yield found
    get_settings.cache_clear()


@pytest.fixture
def mailbox(port: int) -> Iterator[Mailbox]:
    """A running mail server."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box
    controller.stop()


def _id(session: Session, username: str) -> int:
    return int(session.exec(select(User.id).where(User.username == username)).one())


def tell(*usernames: str, text: str = "明天发货？", by_mail: bool = True) -> None:
    """A mention for people who want mails."""
    with gate.get_database().write(SYSTEM) as session:
        ids = [_id(session, username) for username in usernames]
        for user_id in ids:
            if session.get(NoticePreference, (user_id, "mention")) is None:
                session.add(NoticePreference(user_id=user_id, kind="mention", by_mail=by_mail))
        session.flush()
        notify(
            session,
            user_ids=ids,
            kind="mention",
            title="{author} mentioned you: {text}",
            facts={"author": "Wang\nBcc: x@example.org", "text": text},
            subject=("order", "SO-1"),
            now=utc_now(),
        )


def waiting() -> int:
    with gate.get_database().read(SYSTEM) as session:
        rows = session.exec(select(Notice)).all()
    return sum(1 for row in rows if row.wants_mail and row.mailed_at is None)


def test_everybody_is_written_to_once_in_their_language(mailbox: Mailbox) -> None:
    tell("li", "ann")
    postman = Postman()
    assert (postman.send_pending(), postman.send_pending(), Postman().send_pending()) == (2, 0, 0)
    assert waiting() == 0
    chinese, english = mailbox.taken
    assert (chinese["To"], english["To"]) == ("李雷 <li@example.org>", "ann <ann@example.org>")
    assert chinese["From"] == "渠道云 <no-reply@distrib.example>"
    assert chinese["Subject"] == "Wang Bcc: x@example.org 提到了您：明天发货？"
    assert english["Subject"] == "Wang Bcc: x@example.org mentioned you: 明天发货？"
    assert chinese["Bcc"] is None
    assert chinese["Message-ID"] != english["Message-ID"]
    assert "https://distrib.example/orders/SO-1" in english.get_content()
    assert english.get_content().startswith("Hello ann,")
    assert chinese.get_content().startswith("李雷")


def test_who_wants_no_mail_gets_none(mailbox: Mailbox) -> None:
    tell("ann", by_mail=False)
    mail.send_mails()
    assert mailbox.taken == []


def test_an_address_that_is_refused_holds_nobody_up_and_waits(mailbox: Mailbox) -> None:
    mailbox.refuse = {"lost@example.org"}
    tell("lost", "ann")
    postman = Postman()
    assert postman.send_pending() == 1
    assert [message["To"] for message in mailbox.taken] == ["ann <ann@example.org>"]
    mailbox.refuse = set()
    assert postman.send_pending() == 0  # not asked again at once
    assert waiting() == 1
    postman._waits = {key: (due - timedelta(hours=3), wait) for key, (due, wait) in postman._waits.items()}
    assert postman.send_pending() == 1
    assert waiting() == 0


def test_a_server_that_is_down_is_tried_again(port: int) -> None:
    tell("ann")
    postman = Postman()
    with pytest.raises(ConnectionRefusedError):
        postman.send_pending()
    assert waiting() == 1
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    assert (postman.send_pending(), postman.send_pending(), len(box.taken)) == (1, 0, 1)
    controller.stop()


def test_a_mail_that_was_taken_but_not_noted_is_not_sent_again(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell("ann")
    postman = Postman()
    database = gate.get_database()
    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", lambda *_args: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            postman.send_pending()
    assert (len(mailbox.taken), waiting()) == (1, 1)
    assert postman.send_pending() == 0
    assert (len(mailbox.taken), waiting()) == (1, 0)
    assert database is gate.get_database()


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail:2525", MailServer("mail", 2525, "", "", "none")),
        ("smtp://u%40x:p%2Fw@mail?tls=starttls", MailServer("mail", 587, "u@x", "p/w", "starttls")),
        ("smtps://u:p@mail", MailServer("mail", 465, "u", "p", "tls")),
    ],
)
def test_the_address_of_a_server(url: str, server: MailServer) -> None:
    assert parse_server(url) == server


@pytest.mark.parametrize("url", ["mail:25", "http://mail", "smtp://", "smtp://mail?tls=maybe"])
def test_a_wrong_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL"):
        parse_server(url)
