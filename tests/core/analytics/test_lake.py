"""The lake: commit order, exactness, repetition, compaction."""

import threading
from pathlib import Path

import pytest
from sqlmodel import select

from distrib_app.core.analytics import LakeFile, LakeStore, LakeVersion, compact_lake, sync_lake
from distrib_app.core.analytics.questions import Cut, totals
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database

from .conftest import World


def lake_total(world: World) -> int:
    store = LakeStore(world.database, world.folder)
    store.refresh()
    return totals(Cut(store)).net_sales


def test_a_sync_is_exact_and_a_second_one_changes_nothing(world: World) -> None:
    world.sell("BR", "P1", "A", "2026-09-30", 3, "0.012345")
    world.sell(
        "BR", "P1", "A", "2026-10-01", 1, "9007199254.740993"
    )  # 2^53 + 1 millionths: a float would lose it
    world.sell("BR", "P1", "A", "2026-10-02", -1, "-0.000001")
    report = sync_lake(world.database, world.folder, now=world.now)
    assert (report.postings, report.rows, report.files) == (3, 3, 2)
    assert lake_total(world) == 12_345 + 9_007_199_254_740_993 - 1
    assert sync_lake(world.database, world.folder, now=world.now).files == 0
    assert lake_total(world) == 12_345 + 9_007_199_254_740_993 - 1


def test_two_overlapping_open_transactions_lose_nothing(postgres: Database, tmp_path: Path, now) -> None:  # type: ignore[no-untyped-def]
    """The earlier id commits after a sync saw the later one: a watermark over ids would lose it."""
    from distrib_app.core.journal import post_legs

    from .conftest import build_world

    world = build_world(postgres, tmp_path / "lake", now)
    world.sell("BR", "P1", "A", "2026-10-01", 1, "1")
    first_open, second_done = threading.Event(), threading.Event()

    def slow() -> None:
        with postgres.write(SYSTEM) as session:
            post_legs(session, key="slow", source="test", legs=[_leg(world, 10_000_000)], now=now)
            first_open.set()
            second_done.wait(20)

    thread = threading.Thread(target=slow)
    thread.start()
    assert first_open.wait(20)
    world.sell("BR", "P1", "A", "2026-10-01", 1, "100")
    world.sync()
    assert lake_total(world) == 101_000_000
    second_done.set()
    thread.join()
    world.sync()
    assert lake_total(world) == 111_000_000
    with postgres.read(SYSTEM) as session:
        assert sum(session.exec(select(LakeFile.row_count)).all()) == 3


def _leg(world: World, amount: int):  # type: ignore[no-untyped-def]
    from datetime import date

    from distrib_app.core.journal import LegDraft

    return LegDraft(
        step="sell_in",
        booked_on=date(2026, 10, 1),
        seller_id=world.ids["BR"],
        buyer_id=world.ids["P1"],
        seller_path=world.paths["BR"],
        buyer_path=world.paths["P1"],
        region_id=world.regions["P1"],
        sku_id=world.skus["A"],
        qty=1,
        price_micros=0,
        amount=amount,
        tax_amount=0,
        order_id=99,
        document="X",
        line_no=1,
    )


def test_an_unlisted_file_is_not_part_of_the_lake(world: World) -> None:
    """A process that died between writing and listing leaves a file nobody reads; the rows come again."""
    world.sell("BR", "P1", "A", "2026-10-01", 1, "5")
    world.sync()
    listed = next(world.folder.glob("sales/*/*.parquet"))
    listed.with_name("000000001-000000001-dead.parquet").write_bytes(listed.read_bytes())
    assert lake_total(world) == 5_000_000


def test_compaction_keeps_every_row(world: World) -> None:
    for index in range(26):
        world.sell("BR", "P1", "A", "2026-10-01", 1, str(index + 1))
        world.sync()
    store = LakeStore(world.database, world.folder)
    store.refresh()
    assert compact_lake(world.database, world.folder, now=world.now) == 26
    world.sell("BR", "P1", "A", "2026-10-02", 1, "1000")
    world.sync()
    store.refresh()
    assert totals(Cut(store)).sales == (351 + 1000) * 1_000_000, "a cache from before the compaction goes on"
    assert lake_total(world) == (351 + 1000) * 1_000_000
    with world.database.read(SYSTEM) as session:
        assert len(session.exec(select(LakeFile)).all()) == 2


def test_a_posting_without_rows_does_not_stop_the_lake(world: World) -> None:
    from distrib_app.core.journal import post_legs

    with world.database.write(SYSTEM) as session:
        post_legs(session, key="empty", source="test", legs=[], now=world.now)
    world.sync()
    world.sell("BR", "P1", "A", "2026-10-01", 1, "7")
    world.sync()
    assert lake_total(world) == 7_000_000


@pytest.mark.parametrize("workers", [4])
def test_parallel_syncs_take_turns(world: World, workers: int) -> None:
    for index in range(8):
        world.sell("BR", "P1", "A", "2026-10-01", 1, str(index + 1))
    threads = [threading.Thread(target=world.sync) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lake_total(world) == 36_000_000


def test_an_answer_is_kept_for_its_version_only(sqlite: Database, tmp_path: Path) -> None:
    store = LakeStore(sqlite, tmp_path)
    asked: list[int] = []

    def answer() -> int:
        asked.append(len(asked))
        return asked[-1]

    first, later = LakeVersion(1, None, None, None), LakeVersion(2, None, None, None)
    assert [store.remember(first, ("total",), answer) for _ in range(3)] == [0, 0, 0]
    assert store.remember(first, ("areas",), answer) == 1
    assert store.remember(later, ("total",), answer) == 2
