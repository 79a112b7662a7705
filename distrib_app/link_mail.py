"""A one-time link by e-mail: sent at once, because nothing that opens a door is written down to wait.

A link that the mail server does not take is lost; its person asks again, or an administrator hands one over.
"""

import smtplib
from email.headerregistry import Address
from email.message import EmailMessage

import structlog

from . import routes
from .core.kernel.errors import msg
from .core.kernel.settings import get_settings
from .i18n import gettext
from .mail import connected, parse_server

log = structlog.get_logger()
SUBJECT = msg("A link to choose a new password")
TEXT = msg(
    "Hello {name},\n\nsomebody asked for a new password of your account. If it was you, choose one here "
    "within seven days:\n\n{url}\n\nIf it was not you, there is nothing to do: your password still holds.\n"
)


def can_mail_links() -> bool:
    """Whether a mail server is configured and people know where the platform stands."""
    settings = get_settings()
    return bool(settings.smtp_url and settings.public_url)


def mail_link(*, name: str, address: str, language: str, token: str) -> bool:
    """Send a link to choose a password; whether the server took it."""
    settings = get_settings()
    message = EmailMessage()
    message["Subject"] = gettext(SUBJECT, language)
    message["From"] = settings.mail_from
    message["To"] = Address(name, addr_spec=address)
    message["Auto-Submitted"] = "auto-generated"
    url = settings.public_url.rstrip("/") + routes.invitation(token)
    message.set_content(gettext(TEXT, language, name=name, url=url))
    try:
        with connected(parse_server(settings.smtp_url)) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("link_not_mailed", error=type(error).__name__)
        return False
    return True
