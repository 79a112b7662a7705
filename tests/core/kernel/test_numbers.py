"""Document numbers: per kind and day, unique under threads and processes, nobody waits for anybody."""

import threading
from datetime import date

import pytest
from sqlmodel import select

from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.kernel.numbers import NumberSeries, next_number

from .processes import together

DAY = date(2026, 10, 15)


def take(database: Database, kind: str = "SO", day: date = DAY) -> str:
    """One number in a transaction of its own."""
    with database.write(SYSTEM) as session:
        return next_number(session, kind, day)


def test_numbers_count_per_kind_and_day(house: Database) -> None:
    assert [
        take(house),
        take(house),
        take(house, "IN"),
        take(house, day=date(2026, 10, 16)),
        take(house),
    ] == [
        "SO-20261015-0001",
        "SO-20261015-0002",
        "IN-20261015-0001",
        "SO-20261016-0001",
        "SO-20261015-0003",
    ]


def test_numbers_of_one_transaction_follow_each_other(house: Database) -> None:
    with house.write(SYSTEM) as session:
        assert [next_number(session, "SO", DAY)[-4:] for _ in range(3)] == ["0001", "0002", "0003"]


def test_two_open_transactions_of_postgresql_do_not_wait(postgres: Database) -> None:
    with postgres.write(SYSTEM) as first:
        one = next_number(first, "SO", DAY)
        with postgres.write(SYSTEM) as second:
            second.connection().exec_driver_sql("SET LOCAL lock_timeout = '2s'")  # fail instead of hang
            two = next_number(second, "SO", DAY)
            three = next_number(first, "SO", DAY)
    assert [one[-4:], two[-4:], three[-4:]] == ["0001", "0002", "0003"]


def fail(database: Database) -> None:
    """A document that takes a number and comes to nothing."""
    with database.write(SYSTEM) as session:
        next_number(session, "SO", DAY)
        raise InvalidError(field="document", reason="lost")


def test_a_failed_document_leaves_a_gap_at_most(house: Database) -> None:
    with pytest.raises(InvalidError):
        fail(house)
    assert take(house) == ("SO-20261015-0001" if house.is_sqlite else "SO-20261015-0002")


def test_threads_get_numbers_of_their_own(house: Database) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.extend(take(house) for _ in range(10))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == [f"SO-20261015-{count:04d}" for count in range(1, 41)]


def test_a_process_on_postgresql_takes_numbers_ahead(postgres: Database) -> None:
    """Twenty at a time per kind and day; what a process has not used when it ends is a gap."""
    other = Database(postgres.engine.url.render_as_string(hide_password=False))
    assert [take(postgres), take(other), take(postgres)] == [
        "SO-20261015-0001",
        "SO-20261015-0021",
        "SO-20261015-0002",
    ]
    assert take(postgres, "IN") == "IN-20261015-0001"
    with postgres.read(SYSTEM) as session:
        last = {row.kind: row.last for row in session.exec(select(NumberSeries))}
    assert last == {"SO": 40, "IN": 20}
    rest = [take(postgres)[-4:] for _ in range(19)]
    assert rest == [f"{count:04d}" for count in [*range(3, 21), 41]]
    other.dispose()
    assert take(other) == "SO-20261015-0061"
    other.dispose()


def test_processes_get_numbers_of_their_own(sqlite: Database, postgres: Database) -> None:
    databases = (sqlite, postgres)
    urls = [database.engine.url.render_as_string(hide_password=False) for database in databases]
    first, second = together("counter", "50", *urls, wait=1.5)
    expected = [f"SO-20261015-{count:04d}" for count in range(1, 101)]
    assert sorted(first[:50] + second[:50]) == expected
    assert first[:50] == sorted(first[:50])
    # three blocks of twenty each, of which the last is not used up
    counts = [[int(number[-4:]) for number in said[50:]] for said in (first, second)]
    starts = [[taken[0], taken[20], taken[40]] for taken in counts]
    assert sorted(starts[0] + starts[1]) == [1, 21, 41, 61, 81, 101]
    for taken, (one, two, three) in zip(counts, starts, strict=True):
        assert taken == [*range(one, one + 20), *range(two, two + 20), *range(three, three + 10)]
    assert [take(database) for database in databases] == ["SO-20261015-0101", "SO-20261015-0121"]
