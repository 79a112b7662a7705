"""Every handler of every state is declared, and refuses somebody who is not signed in."""

import inspect

import pytest
import reflex as rx

import distrib_app.pages
from distrib_app import gate
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import UnauthenticatedError
from distrib_app.i18n import Locale
from distrib_app.state.base import PUBLIC_HANDLERS, Gate, own_states

from .harness import call, handlers, run, state_of, tab

assert distrib_app.pages  # importing the pages registers every state
ALL = [(state, name) for state in own_states() for name in handlers(state)]


@pytest.fixture(autouse=True)
def _database(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "get_database", lambda: sqlite)


def label(state: type[Gate], name: str) -> str:
    return f"{state.__name__}.{name}"


@pytest.mark.parametrize(("state", "name"), ALL, ids=[label(state, name) for state, name in ALL])
def test_a_handler_refuses_an_anonymous_caller(state: type[Gate], name: str) -> None:
    instance = state_of(tab(), state)
    if label(state, name) in PUBLIC_HANDLERS:
        return
    with pytest.raises(UnauthenticatedError):
        run(call(instance, handlers(state)[name]))


def test_the_public_handlers_exist() -> None:
    assert {label(state, name) for state, name in ALL} >= PUBLIC_HANDLERS


def test_the_registry_equals_the_declared_handlers() -> None:
    """A public method without `@rx.event`, or a helper without underscore, would be a remote handler too."""
    for state in own_states():
        declared = {
            name
            for cls in state.__mro__
            if cls.__module__.startswith("distrib_app")
            for name, value in vars(cls).items()
            if not name.startswith("_") and _is_event(value)
        }
        assert set(handlers(state)) == declared, state.__name__


def _is_event(value: object) -> bool:
    function = getattr(value, "fn", value)
    return inspect.isfunction(function) and (
        hasattr(function, "_reflex_background_task")
        or getattr(function, "__wrapped__", None) is not None
        or _has_event_marker(function)
    )


def _has_event_marker(function: object) -> bool:
    source = inspect.getsource(function)  # type: ignore[arg-type]
    return source.lstrip().startswith("@rx.event")


def test_states_besides_ours_have_no_handlers_of_their_own() -> None:
    ours = set(own_states())
    for state in rx.State.get_substates():
        if state in ours or state is Locale or state.__module__.startswith(("reflex", "tests")):
            continue
        raise AssertionError(f"{state} does not stand on the gate")


def test_no_state_keeps_a_credential_in_a_public_var() -> None:
    for state in own_states():
        for name in state.base_vars:
            assert "token" not in name and "password" not in name, f"{state.__name__}.{name}"
