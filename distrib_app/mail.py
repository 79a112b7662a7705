"""E-mail by SMTP: sends the notices that core has marked for it, each once.

Core decides and remembers; here is only the way out. A server that does not answer is tried again at the next
round; a notice that cannot be delivered waits longer each time, until it is no news any more.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from . import gate, routes
from .core.kernel.access import SYSTEM
from .core.kernel.clock import utc_now
from .core.kernel.errors import msg
from .core.kernel.settings import get_settings
from .core.workbench import MailRow, mark_mailed, pending_mails
from .i18n import gettext, translate_notice

log = structlog.get_logger()
TIMEOUT = 20
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=2)
GREETING = msg("Hello {name},")
CLOSING = msg("You get this because you asked for e-mails about it. Change that under Notices.")
OPEN = msg("Open it: {url}")
IMPLICIT_TLS, STARTTLS, PLAIN = "tls", "starttls", "none"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, as `smtp://user:password@host:587?tls=starttls` says it."""

    host: str
    port: int
    username: str
    password: str
    tls: str


def parse_server(url: str) -> MailServer:
    """The server of an SMTP URL; `smtps://` and `tls=tls` begin encrypted, `tls=starttls` switches over.

    Raises `ValueError` for anything else.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("SMTP_URL must look like smtp://user:password@host:587?tls=starttls")
    tls = parse_qs(parts.query).get("tls", [IMPLICIT_TLS if parts.scheme == "smtps" else PLAIN])[0]
    if tls not in {IMPLICIT_TLS, STARTTLS, PLAIN}:
        raise ValueError("tls in SMTP_URL is one of starttls, tls, none")
    usual = 465 if tls == IMPLICIT_TLS else 587 if tls == STARTTLS else 25
    return MailServer(
        parts.hostname,
        parts.port or usual,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        tls,
    )


class Postman:
    """Sends what waits. One per process; the scheduler lets only one process run it."""

    def __init__(self) -> None:
        self._sent: set[str] = set()  # taken by the server, not yet marked: never sent again from here
        self._waits: dict[str, tuple[datetime, timedelta]] = {}

    def send_pending(self) -> int:
        """Send every notice that is due; returns how many the server took."""
        settings = get_settings()
        if not settings.smtp_url:
            return 0
        database, now = gate.get_database(), utc_now()
        with database.read(SYSTEM) as session:
            mails = pending_mails(session, SYSTEM, now=now)
        taken = [mail for mail in mails if mail.key in self._sent]
        for mail in taken:
            self._mark(mail)
        due = [mail for mail in mails if mail not in taken and self._is_due(mail, now)]
        if not due:
            return 0
        count = 0
        with connected(parse_server(settings.smtp_url)) as server:
            for mail in due:
                count += self._send(server, mail, now)
        return count

    def _is_due(self, mail: MailRow, now: datetime) -> bool:
        return mail.key not in self._waits or self._waits[mail.key][0] <= now

    def _send(self, server: smtplib.SMTP, mail: MailRow, now: datetime) -> bool:
        settings = get_settings()
        try:
            server.send_message(compose(mail, sender=settings.mail_from, public_url=settings.public_url))
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, ValueError) as error:
            # this one was not taken; the others have nothing to do with it
            wait = min(self._waits.get(mail.key, (now, FIRST_WAIT))[1] * 2, LONGEST_WAIT)
            self._waits[mail.key] = (now + wait, wait)
            log.warning("mail_refused", notice=mail.key, error=type(error).__name__)
            server.rset()
            return False
        self._sent.add(mail.key)
        self._waits.pop(mail.key, None)
        self._mark(mail)
        return True

    def _mark(self, mail: MailRow) -> None:
        with gate.get_database().write(SYSTEM) as session:
            mark_mailed(session, SYSTEM, key=mail.key, now=utc_now())
        self._sent.discard(mail.key)


_postman = Postman()


def send_mails() -> None:
    """Send what waits, as the scheduler calls it."""
    _postman.send_pending()


@contextmanager
def connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection to the server, signed in."""
    context = ssl.create_default_context()
    if server.tls == IMPLICIT_TLS:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    with connection:
        if server.tls == STARTTLS:
            connection.starttls(context=context)
        if server.username:
            connection.login(server.username, server.password)
        yield connection


def compose(mail: MailRow, *, sender: str, public_url: str) -> EmailMessage:
    """The mail of a notice in its reader's language, with a link where the platform's address is known."""
    language = mail.language
    title = translate_notice(mail.title, mail.facts, language)
    lines = [gettext(GREETING, language, name=mail.name), "", title]
    href = routes.subject(*mail.subject)
    if public_url and href:
        lines += ["", gettext(OPEN, language, url=public_url.rstrip("/") + href)]
    lines += ["", "-- ", gettext(CLOSING, language)]
    message = EmailMessage()
    message["Subject"] = " ".join(title.split())[:150]
    message["From"] = sender
    message["To"] = Address(mail.name, addr_spec=mail.address)
    message["Date"] = format_datetime(mail.created_at)
    # the same for every attempt, so that a mail system that keeps count can drop a second one
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<notice-{mail.key}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(lines) + "\n")
    return message
