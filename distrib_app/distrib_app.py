"""Composition root: the app, its error door, pages, REST, and what runs beside it."""

import reflex as rx
import structlog

from . import pages  # noqa: F401 - fills the registry
from .api import ROUTERS, Guard, create_api, prepare
from .core.kernel.memory import settle
from .pages.mishaps import broken_page, connection_lost, toaster
from .pages.registry import add_all
from .scheduler import running_jobs
from .state.errors import show_error

# plain traces: the default would print the local variables, and those are other people's data
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
)


def handle_exception(exception: Exception) -> rx.event.EventSpec:
    """The one error door of all handlers (Reflex asks for this parameter name)."""
    return show_error(exception)


app = rx.App(
    stylesheets=["/app.css"],
    html_lang="zh-CN",
    head_components=[
        rx.el.link(rel="icon", href="/icon.svg", type="image/svg+xml"),
        rx.el.script(src="/record.js", defer=True),
        rx.el.script(src="/sheet.js", defer=True),
        rx.el.script(src="/keys.js", defer=True),
        rx.el.script(src="/palette.js", defer=True),
    ],
    toaster=toaster(),
    backend_exception_handler=handle_exception,
    api_transformer=[prepare(create_api(ROUTERS)), Guard],
)
app.app_wraps[5, "Overlay"] = lambda _: connection_lost()
app.app_wraps[55, "ErrorBoundary"] = lambda _: broken_page()
add_all(app)
settle()
app.register_lifespan_task(running_jobs)
