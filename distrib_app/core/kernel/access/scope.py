"""Which rows an actor sees: opaque prefixes, clauses, and the listener that adds them to every statement.

`channels.resolve_actor` fills the prefixes from memberships, tier and territory. A scoped class says what
makes a row visible (`scope_clause`); `do_orm_execute` adds that clause to every select, update and delete,
so a query cannot forget it. What is out of scope does not exist.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import ColumnElement, event, false, or_, true
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlmodel import Session, SQLModel

from ..errors import UnreachedTableError
from ..prefix import begins_with
from .permissions import Level
from .reach import survey


@dataclass(frozen=True, slots=True)
class Scope:
    """How far one actor sees into one resource: the union over its memberships.

    `paths` are the current tree prefixes (master data), `past_paths` every prefix ever held (documents keep
    the parties' path of their day); `party_ids` are the actor's own partners; `territory` holds
    (region path, product line path) grants and opens figures only.
    """

    level: Level = Level.NONE
    user_id: int | None = None
    party_ids: tuple[int, ...] = ()
    paths: tuple[str, ...] = ()
    past_paths: tuple[str, ...] = ()
    territory: tuple[tuple[str, str], ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether nothing is hidden."""
        return self.level is Level.ALL


NO_SCOPE = Scope()
ALL_SCOPE = Scope(Level.ALL)


def starts_with(column: Any, prefixes: Sequence[str]) -> ColumnElement[bool]:
    """Whether a path column lies at or below any of `prefixes` (each ends with `/`)."""
    if not prefixes:
        return false()
    return or_(*(begins_with(column, prefix) for prefix in prefixes))


def master_clause(scope: Scope, *, path: Any, party_id: Any) -> ColumnElement[bool]:
    """Visibility of master data by the current tree path."""
    if scope.is_all:
        return true()
    clauses: list[ColumnElement[bool]] = []
    if scope.party_ids:
        clauses.append(party_id.in_(scope.party_ids))
    if scope.paths:
        clauses.append(starts_with(path, scope.paths))
    return or_(*clauses) if clauses else false()


def document_clause(
    scope: Scope, *, parties: Sequence[Any], paths: Sequence[Any], created_by: Any = None
) -> ColumnElement[bool]:
    """Visibility of a document: to its parties, and to those above a party on the frozen path."""
    if scope.is_all:
        return true()
    clauses: list[ColumnElement[bool]] = []
    if scope.party_ids:
        clauses += [party.in_(scope.party_ids) for party in parties]
    if scope.past_paths:
        clauses += [starts_with(path, scope.past_paths) for path in paths]
    if scope.level is Level.OWN and created_by is not None:  # whoever changes companies leaves its papers
        clauses.append(created_by == scope.user_id)
    return or_(*clauses) if clauses else false()


class Scoped(Protocol):
    """A table whose rows are visible by scope."""

    __scope_resource__: str

    @classmethod
    def scope_clause(cls, scope: Scope) -> ColumnElement[bool]:
        """What makes a row visible to `scope`."""
        ...


Model = TypeVar("Model", bound=type[SQLModel])
_scoped: list[type[SQLModel]] = []


def scoped(model: Model) -> Model:
    """Class decorator: every statement on this table is filtered by the session's actor."""
    _scoped.append(model)
    return model


def scoped_models() -> tuple[type[SQLModel], ...]:
    """All scoped tables (for tests and the scope matrix)."""
    return tuple(_scoped)


class MissingActorError(RuntimeError):
    """A statement ran in a session that carries no actor: a programming error, never an open door."""


def clause_for(model: type[SQLModel], actor: Any) -> ColumnElement[bool] | None:
    """The clause that limits `model` for `actor`; None when the actor is the system."""
    if actor.is_system:
        return None
    return _clause(model, actor.scope(cast(Scoped, model).__scope_resource__))


@lru_cache(maxsize=4096)
def _clause(model: type[SQLModel], scope: Scope) -> ColumnElement[bool]:
    """Building a clause costs as much as a small statement, and every statement of an actor has the same."""
    return cast(Scoped, model).scope_clause(scope)


class _ScopeCriteria(LoaderCriteriaOption):
    """`with_loader_criteria` whose clause follows its table into every alias.

    SQLAlchemy leaves the clause on the base table where an alias is joined with an ON clause of its own, so
    that such an alias would show everything. The clause stays part of the statement's cache key, its values
    stay bound parameters.
    """

    _traverse_internals = LoaderCriteriaOption._traverse_internals

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        clause = super()._resolve_where_criteria(ext_info)
        if ext_info.is_aliased_class:
            return cast(ColumnElement[bool], ext_info._adapter.traverse(clause))
        return clause


@event.listens_for(OrmSession, "do_orm_execute")
def _apply_scope(state: ORMExecuteState) -> None:
    if not (state.is_select or state.is_update or state.is_delete) or state.is_column_load:
        return
    session = state.session
    if session.info.get("unscoped"):
        return
    actor = session.info.get("actor")
    if actor is None:
        raise MissingActorError("a session without an actor ran a statement")
    if actor.is_system:
        return
    named, unreached = survey(state.statement)
    options = []
    for model in _scoped:
        table = cast(Any, model).__tablename__
        if table in unreached:
            raise UnreachedTableError(f"name the entity of {table} among the columns or with select_from")
        if table not in named:
            continue  # an option costs more than looking for its table
        clause = clause_for(model, actor)
        if clause is not None and not actor.scope(cast(Scoped, model).__scope_resource__).is_all:
            options.append(_ScopeCriteria(model, clause, include_aliases=True))
    if options:
        state.statement = state.statement.options(*options)


@contextmanager
def unscoped(session: Session, why: str) -> Iterator[None]:
    """See beyond the actor for one decision (brand stock, uniqueness, credit); says why.

    The rows read here must decide, not be handed out. `tests/test_architecture.py` lists the users.
    """
    if not why:
        raise ValueError("unscoped needs a reason")
    before = session.info.get("unscoped", 0)
    session.info["unscoped"] = before + 1
    try:
        yield
    finally:
        session.info["unscoped"] = before
