"""What kinds of tasks there are: `core/reactions.py` holds the table, the composition root installs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from ..kernel.access import Actor
from .models import Task, TaskVerb

Apply = Callable[[Session, Actor, Task, int | None, datetime], object]
VersionOf = Callable[[Session, str], int | None]


@dataclass(frozen=True, slots=True)
class TaskKind:
    """A kind of task: its name (msgid), what it asks for, and what happens when it is decided.

    `apply(session, actor, task, amount, now)` does what was asked for, in the transaction of the last
    approval; `amount` is what was granted (minor units). `grants` are the permissions that the decision
    itself lends to doing it: an executive may approve what only finance books. `version(session,
    subject_key)` is the subject's present version, None where it has none: another one than the requester
    saw asks again. `on_reject` is told of a refusal. Of a divisible kind a part may be approved.
    A kind to be resolved may name its `resolutions` (code → msgid): then one of them is chosen for each row
    of the evidence, and `apply` does what the choices mean (`choice_of`).
    """

    name: str
    verb: TaskVerb
    apply: Apply | None = None
    version: VersionOf | None = None
    on_reject: Apply | None = None
    grants: frozenset[str] = frozenset()
    is_divisible: bool = False
    resolutions: Mapping[str, str] = field(default_factory=dict)


_kinds: dict[str, TaskKind] = {}


def install_task_kinds(table: Mapping[str, TaskKind]) -> None:
    """Take the table of kinds; replaces an earlier one."""
    _kinds.clear()
    _kinds.update(table)


def find_task_kind(name: str) -> TaskKind:
    """The kind `name`; a `KeyError` is a programming error (an unknown or uninstalled kind)."""
    return _kinds[name]


def task_kind_names() -> dict[str, str]:
    """The names (msgids) of all installed kinds."""
    return {code: kind.name for code, kind in _kinds.items()}
