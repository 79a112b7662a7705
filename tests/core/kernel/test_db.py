"""Reading and writing sessions on both databases: who waits, who cannot write, what a failure leaves."""

import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import event, inspect
from sqlalchemy.exc import DatabaseError, IntegrityError, InternalError, OperationalError
from sqlmodel import Session, col, func, select, update

from distrib_app.core.channels import Region, Tier
from distrib_app.core.kernel.access import SYSTEM, User
from distrib_app.core.kernel.db import (
    ATTEMPTS,
    Database,
    bulk_insert,
    check_version,
    get_by,
    is_storage_failure,
    next_id,
    row_id,
    stored_instant,
    sync_sequence,
)
from distrib_app.core.kernel.errors import NotFoundError, StaleError, StorageError
from distrib_app.core.kernel.migrate import upgrade
from tests.conftest import _execute, _named

from .processes import together

COLUMNS = ("id", "username", "name", "password_hash", "language", "zone", "is_disabled", "is_demo")
USERS = User.__table__


def tier_name(database: Database) -> tuple[str, int]:
    """The name and version of the brand tier."""
    with database.read(SYSTEM) as session:
        tier = get_by(session, Tier, "tier", code="brand")
        return tier.name_en, tier.version


def rename(database: Database, name: str, version: int | None) -> None:
    """What an editor who saw `version` does."""
    with database.write(SYSTEM) as session:
        tier = get_by(session, Tier, "tier", code="brand")
        check_version(tier, version, "brand")
        tier.name_en = name


def user(name: str, now: datetime) -> User:
    """A user without a password."""
    return User(username=name, name=name, password_hash="-", created_at=now)


def count_users(database: Database) -> int:
    """Rows of users."""
    with database.read(SYSTEM) as session:
        return session.exec(select(func.count(User.id))).one()


def test_a_reading_session_cannot_write(house: Database, now: datetime) -> None:
    for _ in range(2):  # also with a connection that wrote before
        with house.read(SYSTEM) as session:
            session.add(user("mouse", now))
            with pytest.raises((OperationalError, InternalError), match=r"(?i)read-?only"):
                session.flush()
        with pytest.raises((OperationalError, InternalError)), house.read(SYSTEM) as session:
            session.exec(update(Tier).values(name_en="x"))
        rename(house, "Maker", None)
    assert count_users(house) == 0
    assert tier_name(house) == ("Maker", 3)


def test_rows_stay_readable_when_the_session_is_closed(house: Database) -> None:
    with house.read(SYSTEM) as session:
        region = get_by(session, Region, "region", code="440100")
    assert (region.name_en, region.path) == ("Guangzhou", "CN/440000/440100/")


def test_a_reader_is_not_blocked_by_a_writer(house: Database) -> None:
    before = tier_name(house)
    started = time.monotonic()
    with house.write(SYSTEM) as session:
        get_by(session, Tier, "tier", code="brand").name_en = "Changed"
        session.flush()
        assert tier_name(house) == before
    assert time.monotonic() - started < 5
    assert tier_name(house)[0] == "Changed"


def test_writers_of_sqlite_take_turns_from_the_start(sqlite: Database) -> None:
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        inside.wait(10)
        with sqlite.write(SYSTEM):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with sqlite.write(SYSTEM):
        inside.set()
        time.sleep(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, StaleError])
def test_any_error_takes_everything_back(house: Database, now: datetime, error: type[BaseException]) -> None:
    facts = {"subject": "x"} if error is StaleError else {}

    def spoil() -> None:
        with house.write(SYSTEM) as session:
            session.add(user("first", now))
            session.flush()
            raise error(**facts)

    with pytest.raises(error):
        spoil()
    assert count_users(house) == 0
    with house.write(SYSTEM) as session:
        session.add(user("second", now))
    assert count_users(house) == 1


def test_an_editor_who_saw_an_old_version_is_refused(house: Database) -> None:
    seen = tier_name(house)[1]
    rename(house, "First", seen)
    with pytest.raises(StaleError):
        rename(house, "Second", seen)
    assert tier_name(house) == ("First", seen + 1)
    rename(house, "Third", None)
    assert tier_name(house) == ("Third", seen + 2)


def test_of_two_editors_at_once_one_is_refused(house: Database) -> None:
    """Both have read the row in their own transaction before either locks it."""
    seen = tier_name(house)[1]
    read = threading.Barrier(2, timeout=10)
    answers: list[str] = []

    def edit(name: str) -> None:
        try:
            with house.write(SYSTEM) as session:
                tier = get_by(session, Tier, "tier", code="brand")
                if not house.is_sqlite:  # SQLite lets the second writer in only after the first
                    read.wait()
                check_version(tier, seen, "brand")
                tier.name_en = name
            answers.append(name)
        except StaleError:
            answers.append("stale")

    threads = [threading.Thread(target=edit, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 2
    assert answers.count("stale") == 1
    winner = next(answer for answer in answers if answer != "stale")
    assert tier_name(house) == (winner, seen + 1)


def test_a_full_sqlite_file_is_a_sentence_and_leaves_nothing(sqlite: Database, now: datetime) -> None:
    """507: nothing was saved, and the database goes on when there is room again."""
    room = [0]

    @event.listens_for(sqlite.engine, "connect")
    def limit(connection: object, _record: object) -> None:
        cursor = connection.cursor()
        if room[0] == 0:
            room[0] = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count={room[0]}")

    def fill() -> None:
        with sqlite.write(SYSTEM) as session:
            session.add_all(user(f"user{index}", now) for index in range(2000))

    with pytest.raises(StorageError) as caught:
        fill()
    assert caught.value.status == 507
    assert str(caught.value) == (
        "The database could not take the change: database or disk is full. Nothing was saved."
    )
    assert count_users(sqlite) == 0
    room[0] += 1000
    sqlite.dispose()
    fill()
    assert count_users(sqlite) == 2000


def test_a_value_that_says_full_is_no_full_disk(house: Database) -> None:
    with house.write(SYSTEM) as session:
        session.add(Tier(code="full-disk-locked", name="x", name_en="x", rank=9))
    with pytest.raises(IntegrityError) as caught, house.write(SYSTEM) as session:
        session.add(Tier(code="full-disk-locked", name="x", name_en="x", rank=9))
    assert not is_storage_failure(caught.value)
    assert not is_storage_failure(DatabaseError("", None, ValueError("division by zero")))
    assert is_storage_failure(OperationalError("", None, ValueError("could not extend file: No space left")))


def test_two_that_wait_for_each_other_both_end_well(postgres: Database) -> None:
    both = threading.Barrier(2)
    attempts: list[str] = []

    def rename(first: str, second: str) -> None:
        tries = 0

        def work(session: Session) -> None:
            nonlocal tries
            tries += 1
            attempts.append(first)
            session.execute(update(Tier).where(col(Tier.code) == first).values(name_en=f"{first} first"))
            if tries == 1:
                both.wait(10)  # each holds its first row now and wants the other's
            session.execute(
                update(Tier).where(col(Tier.code) == second).values(version=col(Tier.version) + 1)
            )

        postgres.transact(SYSTEM, work)

    threads = [
        threading.Thread(target=rename, args=pair) for pair in (("brand", "outlet"), ("outlet", "brand"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(set(attempts)) == ["brand", "outlet"]
    assert len(attempts) == 3  # one of them began anew
    assert tier_name(postgres)[0] == "brand first"


def test_a_deadlock_is_no_broken_disk(postgres: Database) -> None:
    said = "deadlock detected\nDETAIL:  Process 1 waits for ShareLock; blocked by process 2."

    class Crossed(Exception):
        sqlstate = "40P01"

    assert not is_storage_failure(OperationalError("UPDATE", {}, Crossed(said)))
    calls: list[int] = []

    def always(session: Session) -> None:
        calls.append(1)
        raise OperationalError("UPDATE", {}, Crossed(said))

    with pytest.raises(OperationalError):
        postgres.transact(SYSTEM, always)
    assert len(calls) == ATTEMPTS

    def broken(session: Session) -> None:
        calls.append(1)
        raise IntegrityError("INSERT", {}, Exception("duplicate key"))

    with pytest.raises(IntegrityError):
        postgres.transact(SYSTEM, broken)
    assert len(calls) == ATTEMPTS + 1


def test_foreign_keys_hold_on_both(house: Database) -> None:
    with pytest.raises(IntegrityError), house.write(SYSTEM) as session:
        session.add(
            Region(code="X", name="x", name_en="x", short_name="x", level="city", parent_id=99_999, path="X/")
        )


def test_instants_come_back_aware_and_equal(house: Database) -> None:
    given = datetime(2026, 10, 15, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=8)))
    with house.write(SYSTEM) as session:
        session.add(user("clock", given))
    with house.read(SYSTEM) as session:
        back = get_by(session, User, "user", username="clock").created_at
        hit = session.exec(select(User.username).where(col(User.created_at) == given)).all()
        later = session.exec(select(User.username).where(col(User.created_at) > given)).all()
    assert back == given
    assert back.utcoffset() == timedelta(0)
    assert (hit, later) == (["clock"], [])
    assert stored_instant(given) == "2026-10-15 04:00:00.000001"


def rows(first: int, count: int, now: datetime) -> list[tuple[object, ...]]:
    """Rows as they are stored."""
    return [(first + n, f"bulk{n}", f"名 {n}\t\\", "-", "en", "UTC", False, False, now) for n in range(count)]


def test_bulk_rows_are_those_the_orm_reads(house: Database, now: datetime) -> None:
    columns = (*COLUMNS, "created_at", "version")
    with house.write(SYSTEM) as session:
        session.add(user("before", now))
        first = next_id(session, USERS)  # sees rows of this very transaction
        written = bulk_insert(session, USERS, columns, ((*row, 1) for row in rows(first, 20_500, now)))
        sync_sequence(session, USERS)
        session.add(user("after", now))
    assert (first, written) == (2, 20_500)
    with house.read(SYSTEM) as session:
        last = get_by(session, User, "user", username="bulk20499")
        assert (last.id, last.name, last.created_at, last.is_demo) == (20_501, "名 20499\t\\", now, False)
        assert get_by(session, User, "user", username="after").id == 20_502
        assert session.exec(select(func.count(User.id)).where(User.created_at == now)).one() == 20_502


def test_a_broken_bulk_leaves_nothing(house: Database, now: datetime) -> None:
    columns = (*COLUMNS, "created_at", "version")
    twice = [(*row, 1) for row in rows(1, 3, now)] + [(*rows(1, 1, now)[0], 1)]
    with pytest.raises(DatabaseError), house.write(SYSTEM) as session:
        bulk_insert(session, USERS, columns, twice)
    assert count_users(house) == 0


def test_a_row_is_found_by_its_key_or_not(house: Database) -> None:
    with house.read(SYSTEM) as session:
        assert get_by(session, Tier, "tier", code="city").rank == 2
        with pytest.raises(NotFoundError) as caught:
            get_by(session, Tier, "tier", code="moon")
        assert str(caught.value) == "tier moon was not found."
        assert row_id(get_by(session, Tier, "tier", code="brand")) == 1
    with pytest.raises(AssertionError, match="Tier has no id yet"):
        row_id(Tier(code="x", name="", name_en="", rank=0))


def test_a_session_knows_its_actor_and_its_database(sqlite: Database) -> None:
    with sqlite.write(SYSTEM) as session:
        assert session.info == {"actor": SYSTEM, "database": sqlite}
    with sqlite.read() as session:
        assert session.info == {"actor": None}
        assert isinstance(session, Session)


def is_whole(database: Database) -> bool:
    """Whether the schema and the first rows are there exactly once."""
    tables = set(inspect(database.engine).get_table_names())
    with database.read(SYSTEM) as session:
        regions = session.exec(select(func.count(Region.id))).one()
        codes = session.exec(select(func.count(func.distinct(Region.code)))).one()
        tiers = session.exec(select(func.count(Tier.id))).one()
    return {"alembic_version", "region", "ledger_entry"} <= tables and regions == codes > 3000 and tiers == 6


def test_two_processes_start_empty_databases_together(tmp_path: Path, postgres_url: str) -> None:
    name = f"fresh_{datetime.now(UTC):%H%M%S%f}"
    _execute(postgres_url, f"CREATE DATABASE {name}")
    urls = [_named(postgres_url, name), f"sqlite:///{tmp_path / 'deep' / 'new.db'}"]
    assert together("starter", *urls, wait=3.0) == [["up", "up"], ["up", "up"]]
    for url in urls:
        database = Database(url)
        assert is_whole(database)
        upgrade(database)  # nothing left to do
        database.dispose()
    _execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")
