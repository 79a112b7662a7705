"""States without a browser: the tree of one tab, and its handlers called as a browser would."""

import asyncio
import contextvars
import inspect
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import reflex as rx

from distrib_app.state.base import Gate


def tab() -> rx.State:
    """A fresh tab of somebody who is not signed in."""
    return rx.State(_reflex_internal_init=True)


def state_of(root: rx.State, state: type[Gate]) -> Any:
    """The instance of a state in a tab."""
    return root.get_substate(state.get_full_name().split("."))


def handlers(state: type[Gate]) -> dict[str, Any]:
    """The remote handlers a state declares itself or takes from a mixin."""
    return {
        name: handler
        for name, handler in state.event_handlers.items()
        if not name.startswith("_") and name not in rx.State.event_handlers
    }


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a handler to its end, also where a browser's own event loop runs in this thread."""
    context = contextvars.copy_context()
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(context.run, asyncio.run, coroutine).result()


async def call(instance: Any, handler: Any) -> Any:
    """Call a handler with an argument of the declared type for each parameter."""
    function = handler.fn
    arguments = [_value(parameter) for parameter in list(inspect.signature(function).parameters.values())[1:]]
    result = function(instance, *arguments)
    return await result if inspect.isawaitable(result) else result


def _value(parameter: inspect.Parameter) -> Any:
    text = str(parameter.annotation)
    if "int" in text and "str" not in text:
        return 1
    if text.startswith("dict"):
        return {}
    if text.startswith("list"):
        return [{"x": "2026-10"}]
    return "1"
