"""The race of `benchmarks/race.py`, short: four processes, one of them killed every second."""

from pathlib import Path

from benchmarks.race import Race, read_notes, run
from benchmarks.race_actions import stock_up
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from tests.core.orders.trade import build_trade


def test_four_processes_and_their_deaths_leave_clean_books(postgres: Database, tmp_path: Path) -> None:
    with postgres.write(SYSTEM) as session:
        build_trade(session)
    stock_up(postgres)
    postgres.dispose()  # the race counts the connections that its processes leave
    race = Race(postgres.url, tmp_path, processes=4, seconds=6, kill_every=1)
    found = run(race)
    assert found["errors"] == []
    assert not any(found["broken"].values()), found["broken"]
    assert found["is_clean"]
    assert found["killed"] >= 2
    assert found["orders_placed"] > 0
    assert found["rows"]["sales_order"] == found["keys_asked_again"]


def test_what_a_killed_process_wrote_is_read_as_far_as_it_came(tmp_path: Path) -> None:
    notes = '{"was": "open", "verb": "place", "name": "R1-1"}\n{"was": "done", "result": ["SO-1"]}\n'
    (tmp_path / "notes-0001.jsonl").write_text(notes + '{"was": "open", "verb": "pl')
    (tmp_path / "notes-0002.jsonl").write_text('{"was": "open", "verb": "receive", "name": "R2-1"}\n')
    assert read_notes(tmp_path) == [
        {"was": "done", "verb": "place", "name": "R1-1", "result": ["SO-1"]},
        {"was": "open", "verb": "receive", "name": "R2-1"},
    ]
