"""Verbs as the gate calls them, refusals that leave nothing, and calls that begin at once."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from distrib_app.core.kernel.access import Actor, Permission
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import DomainError

from .town import actor, record


def do(database: Database, who: Actor, verb: Callable[..., Any], now: datetime, **facts: Any) -> Any:
    """One verb in a transaction of its own, as at the gate."""
    with database.write(who) as session:
        return verb(session, who, now=now, **facts)


def refused(
    database: Database, who: Actor, verb: Callable[..., Any], now: datetime, **facts: Any
) -> DomainError:
    """The refusal, after showing that nothing changed."""
    before = record(database)
    with pytest.raises(DomainError) as caught:
        do(database, who, verb, now, **facts)
    assert record(database) == before
    return caught.value


def manager(database: Database, username: str, *more: Permission) -> Actor:
    """An owner below the brand whose tier was given more permissions."""
    found = actor(database, username)
    return replace(found, permissions=found.permissions | set(more))


def together(*calls: Callable[[], Any]) -> list[str]:
    """What calls that begin at once, each in a thread, were answered: `done` or the code of the refusal."""
    barrier = threading.Barrier(len(calls))
    answers: list[str] = []

    def run(call: Callable[[], Any]) -> None:
        barrier.wait(10)
        try:
            call()
            answers.append("done")
        except DomainError as error:
            answers.append(error.code)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(answers)
