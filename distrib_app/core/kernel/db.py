"""Rows: one engine, reading and writing sessions, bulk inserts, the common columns of tables.

A writing session takes SQLite's write lock at once (`BEGIN IMMEDIATE`), a reading one never does and
cannot write on either database. Sessions carry their actor in `session.info`; `access.scope` filters by it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Engine,
    Integer,
    MetaData,
    Table,
    create_engine,
    event,
    func,
    make_url,
)
from sqlalchemy import select as select_columns
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import object_session
from sqlmodel import Field, Session, SQLModel, select
from sqlmodel.sql.sqltypes import UTCDateTime

from .errors import NotFoundError, StaleError, StorageError

Row = TypeVar("Row", bound=SQLModel)
Result = TypeVar("Result")

# Names for every constraint, so that migrations are the same on both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
# BIGINT ids on PostgreSQL; SQLite autoincrements only INTEGER primary keys.
BigId = BigInteger().with_variant(Integer(), "sqlite")
BUSY_SECONDS = 60
_SQLITE = {"timeout": BUSY_SECONDS, "check_same_thread": False, "cached_statements": 512}
# how often a transaction is tried that others cross
ATTEMPTS = 4


def metadata() -> MetaData:
    """The metadata of all tables (import `core.tables` first)."""
    return SQLModel.metadata


class Versioned(SQLModel):
    """Columns of an editable row; `check_version` refuses a lost update."""

    version: int = Field(default=1, nullable=False)


def check_version(row: Versioned, expected: int | None, subject: str) -> None:
    """Lock the row, refuse when the editor saw another version, otherwise count one up.

    Call it before changing the row: it reads the row anew, so that two editors at once cannot both pass.
    """
    session = object_session(row)
    if session is not None:
        session.refresh(row, with_for_update=True)
    if expected is not None and row.version != expected:
        raise StaleError(subject=subject)
    row.version += 1


def make_engine(url: str) -> Engine:
    """An engine for `url` (SQLite file or PostgreSQL) with the house's transaction rules installed."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, connect_args=_SQLITE)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(parsed, pool_size=10, max_overflow=20, pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writing = connection.get_execution_options().get("writing", False)
    if connection.info.get("writing") is not writing:
        # only where it changes: SQLite prepares every statement of the connection anew after it
        connection.info["writing"] = None
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
        connection.info["writing"] = writing
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


class Database:
    """The one place that opens sessions: `read()` and `write()`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self.numbers: dict[tuple[str, date], range] = {}  # taken in blocks, see `numbers`
        self._writing = self.engine.execution_options(writing=True)
        # a reading session sees one state of the rows on either database: rows, totals and count agree
        self._reading = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
        )

    @property
    def is_sqlite(self) -> bool:
        """Whether rows live in a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self, actor: object | None = None) -> Iterator[Session]:
        """A read-only session; nothing is kept of it, rows read stay readable."""
        with Session(self._reading, expire_on_commit=False) as session:
            session.info["actor"] = actor
            yield session
            if not self.is_sqlite and session.is_active:
                session.expunge_all()  # nothing to write
                session.commit()  # after ROLLBACK the driver forgets every statement it has prepared

    @contextmanager
    def write(self, actor: object | None = None) -> Iterator[Session]:
        """A writing session: commits once at the end, rolls back on any error."""
        with Session(self._writing, expire_on_commit=False) as session:
            session.info["actor"] = actor
            session.info["database"] = self
            try:
                if self.is_sqlite:
                    session.connection()  # take the write lock now, not at the first flush
                yield session
                session.commit()
            except DatabaseError as error:
                session.rollback()
                if is_storage_failure(error):
                    raise StorageError(cause=str(error.orig).splitlines()[0]) from error
                raise
            except BaseException:
                session.rollback()
                raise

    def transact(self, actor: object | None, work: Callable[[Session], Result]) -> Result:
        """What `work(session)` returns, in a writing session; done again where another one crossed it.

        PostgreSQL ends one of two transactions that wait for each other (or that cannot both be serial);
        nothing of it stays, so `work` begins anew, up to `ATTEMPTS` times in all. It must do nothing that a
        rollback doesn't undo.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                with self.write(actor) as session:
                    return work(session)
            except DatabaseError as error:
                if not is_crossed(error):
                    raise
        with self.write(actor) as session:
            return work(session)

    def dispose(self) -> None:
        """Close all pooled connections and forget numbers taken ahead."""
        self.engine.dispose()
        self.numbers.clear()


def is_crossed(error: DatabaseError) -> bool:
    """Whether the transaction was given up for another one's sake: a deadlock, or not serialisable."""
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}


def is_storage_failure(error: DatabaseError) -> bool:
    """Whether the database itself could not take the write (full, read-only, locked too long)."""
    if isinstance(error, (IntegrityError, DataError, ProgrammingError)) or is_crossed(error):
        return False  # these quote values of the row, or who was blocked: they may well hold such a word
    text = str(error.orig).lower()
    return bool(re.search(r"full|disk|no space|read-?only|locked|could not extend|i/o error", text))


def bulk_insert(session: Session, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert many rows of *stored* values (ints, strings, ISO days, aware instants) and return their count.

    The fastest way of each driver inside the session's own transaction: `executemany` on SQLite, `COPY` on
    PostgreSQL. Column types don't convert here; callers give what the column stores.
    """
    session.flush()
    connection = session.connection()
    raw = connection.connection.driver_connection
    names = ", ".join(f'"{name}"' for name in columns)
    iterator = iter(rows)
    count = 0
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        cursor = raw.cursor()  # type: ignore[union-attr]
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'
        instants = [at for at, name in enumerate(columns) if isinstance(table.c[name].type, UTCDateTime)]
        while batch := list(islice(iterator, 20_000)):
            try:
                cursor.executemany(statement, _with_instants(batch, instants) if instants else batch)
            except Exception as error:
                raise OperationalError(statement, None, error) from error
            count += len(batch)
        return count
    statement = f'COPY "{table.name}" ({names}) FROM STDIN'
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[union-attr]
            for row in iterator:
                copy.write_row(row)
                count += 1
    except connection.dialect.loaded_dbapi.Error as error:
        raise OperationalError(statement, None, error) from error
    return count


def _with_instants(batch: Iterable[Sequence[Any]], places: Sequence[int]) -> Iterator[Sequence[Any]]:
    """Rows with the instants at these places as SQLite stores them."""
    for row in batch:
        stored = list(row)
        for place in places:
            if isinstance(stored[place], datetime):
                stored[place] = stored_instant(stored[place])
        yield stored


def stored_instant(instant: datetime) -> str:
    """How SQLite stores an aware instant: UTC without an offset, microseconds always written."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def next_id(session: Session, table: Table) -> int:
    """The id a bulk insert may start with; only under the write lock of an import."""
    return int(session.execute(select_columns(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1


def sync_sequence(session: Session, table: Table) -> None:
    """After a bulk insert with explicit ids: move PostgreSQL's sequence behind the last one."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), "
            f'(SELECT COALESCE(MAX(id), 1) FROM "{table.name}"))'
        )


def get_by(session: Session, model: type[Row], kind: str, **where: object) -> Row:
    """The one row of `model` matching `where`, within the session's scope; `NotFoundError` otherwise."""
    row = session.exec(select(model).filter_by(**where)).one_or_none()
    if row is None:
        raise NotFoundError(kind=kind, key=next(iter(where.values())))
    return row


def row_id(row: Any) -> int:
    """The id of a row that has been flushed."""
    assert row.id is not None, f"{type(row).__name__} has no id yet"
    return int(row.id)
