"""The one error door of the pages: a refusal becomes a toast, anything else an error id."""

import secrets

import reflex as rx
import structlog
from sqlalchemy.exc import OperationalError

from .. import routes
from ..core.kernel.errors import DomainError, StorageError, UnauthenticatedError, msg
from ..i18n import LANGUAGES, gettext, translate_error
from ..i18n.presentation import with_amounts

log = structlog.get_logger()
UNEXPECTED = msg("Something went wrong on our side. Nothing was saved. Error {error_id}.")


def show_error(exception: Exception) -> rx.event.EventSpec:
    """What the browser does about an exception of any handler."""
    if isinstance(exception, UnauthenticatedError):
        return rx.redirect(routes.LOGIN)
    if isinstance(exception, OperationalError):
        exception = StorageError(cause=str(exception.orig).splitlines()[0])
    if isinstance(exception, DomainError):
        text = with_amounts(translate_error(exception, exception.language), exception.language)
        return rx.toast.error(text, duration=8000)
    error_id = secrets.token_hex(4)
    log.error("unexpected", error_id=error_id, exc_info=exception)
    texts = (gettext(UNEXPECTED, language, error_id=error_id) for language in LANGUAGES)
    return rx.toast.error(" / ".join(texts), duration=8000)
