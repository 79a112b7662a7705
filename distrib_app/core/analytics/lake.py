"""The lake: the sales journal as Parquet, append-only, in commit order.

A posting gets its `lake_seq` only after it has committed, so a transaction that commits late is never
skipped (a watermark over ids would lose it). One process at a time syncs (a lock); the file list lives in
the database, so a file that was written but never listed is not part of the lake.
"""

import fcntl
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import bindparam, func, select, text, update
from sqlmodel import Session, col

from ..journal.models import JournalLeg, JournalPosting
from ..kernel.access import SYSTEM
from ..kernel.clock import month_start
from ..kernel.db import Database
from .models import LakeFile

_LOCK_KEY = 7_264_002
COMPACT_ABOVE_FILES = 24
READ_ROWS = 100_000

SCHEMA = pa.schema(
    [
        ("leg_id", pa.int64()),
        ("seq", pa.int32()),
        ("step", pa.dictionary(pa.int8(), pa.string())),
        ("booked_on", pa.date32()),
        ("seller_id", pa.int32()),
        ("buyer_id", pa.int32()),
        ("seller_path", pa.dictionary(pa.int32(), pa.string())),
        ("buyer_path", pa.dictionary(pa.int32(), pa.string())),
        ("region_id", pa.int32()),
        ("sku_id", pa.int32()),
        ("qty", pa.int64()),
        ("amount", pa.int64()),
        ("tax_amount", pa.int64()),
        ("order_id", pa.int64()),
    ]
)
_COLUMNS: list[Any] = [
    col(JournalLeg.id),
    col(JournalPosting.lake_seq),
    col(JournalLeg.step),
    col(JournalLeg.booked_on),
    col(JournalLeg.seller_id),
    col(JournalLeg.buyer_id),
    col(JournalLeg.seller_path),
    col(JournalLeg.buyer_path),
    col(JournalLeg.region_id),
    col(JournalLeg.sku_id),
    col(JournalLeg.qty),
    col(JournalLeg.amount),
    col(JournalLeg.tax_amount),
    col(JournalLeg.order_id),
]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did: postings and rows that are in the lake now and were not before."""

    postings: int
    rows: int
    files: int


def sync_lake(database: Database, folder: Path, *, now: datetime) -> SyncReport:
    """Bring every committed posting into the lake; safe to call from several processes at once.

    Three short steps, so that no writer waits for Parquet: number the new postings, write their rows to
    files, list the files. A death between two steps repeats the later ones at the next call.
    """
    if not _has_work(database):
        return SyncReport(0, 0, 0)
    with lake_lock(database, folder):
        postings = _number_postings(database)
        with database.read(SYSTEM) as session:
            done = _listed_seq(session)
            tables = _tables_by_month(session, after=done)
            last = _last_seq(session)
        files = [_write_file(folder, month, table, now) for month, table in tables]
        with database.write(SYSTEM) as session:
            session.add_all(files)
            if not files and last > done:  # postings without rows still count as seen
                session.add(_empty_marker(done + 1, last, now))
    return SyncReport(postings, sum(file.row_count for file in files), len(files))


def _has_work(database: Database) -> bool:
    with database.read(SYSTEM) as session:
        waiting = session.execute(
            select(col(JournalPosting.id)).where(col(JournalPosting.lake_seq).is_(None)).limit(1)
        ).first()
        return waiting is not None or _last_seq(session) > _listed_seq(session)


def _number_postings(database: Database) -> int:
    with database.write(SYSTEM) as session:
        ids = session.scalars(
            select(col(JournalPosting.id))
            .where(col(JournalPosting.lake_seq).is_(None))
            .order_by(col(JournalPosting.id))
        ).all()
        if not ids:
            return 0
        first = _last_seq(session) + 1
        session.connection().execute(
            update(JournalPosting.__table__)  # type: ignore[attr-defined]
            .where(text("id = :posting"))
            .values(lake_seq=bindparam("seq")),
            [{"posting": posting, "seq": first + index} for index, posting in enumerate(ids)],
        )
        return len(ids)


def _last_seq(session: Session) -> int:
    return int(session.execute(select(func.coalesce(func.max(col(JournalPosting.lake_seq)), 0))).scalar_one())


def _listed_seq(session: Session) -> int:
    return int(session.execute(select(func.coalesce(func.max(col(LakeFile.last_seq)), 0))).scalar_one())


def _tables_by_month(session: Session, *, after: int) -> Iterator[tuple[date, pa.Table]]:
    rows = session.execute(
        select(*_COLUMNS)
        .join(JournalPosting, col(JournalPosting.id) == col(JournalLeg.posting_id))
        .where(col(JournalPosting.lake_seq) > after)
        .order_by(col(JournalPosting.lake_seq), col(JournalLeg.id))
    )
    by_month: dict[date, list[pa.Table]] = defaultdict(list)
    for part in rows.partitions(READ_ROWS):
        of_month: dict[date, list[Sequence[Any]]] = defaultdict(list)
        for row in part:
            of_month[month_start(row[3])].append(row)
        for month, month_rows in of_month.items():
            by_month[month].append(_table(month_rows))
    for month in sorted(by_month):
        yield month, pa.concat_tables(by_month[month]).unify_dictionaries()


def _table(rows: Sequence[Sequence[Any]]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.Table.from_arrays(
        [pa.array(values, type=field.type) for values, field in zip(columns, SCHEMA, strict=True)],
        schema=SCHEMA,
    )


def _write_file(folder: Path, month: date, table: pa.Table, now: datetime) -> LakeFile:
    import pyarrow.compute as pc  # noqa: PLC0415 - builds its function registry on import

    first, last = pc.min(table["seq"]).as_py(), pc.max(table["seq"]).as_py()
    relative = f"sales/month={month:%Y-%m}/{first:09d}-{last:09d}-{secrets.token_hex(4)}.parquet"
    path = folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    pq.write_table(table, part, compression="zstd", row_group_size=250_000)
    part.rename(path)
    return LakeFile(
        path=relative,
        month=month,
        first_seq=first,
        last_seq=last,
        row_count=table.num_rows,
        amount=sum(int(pc.sum(chunk).as_py() or 0) for chunk in table["amount"].chunks),
        written_at=now,
    )


def _empty_marker(first: int, last: int, now: datetime) -> LakeFile:
    return LakeFile(
        path=f"empty/{first:09d}-{last:09d}",
        month=month_start(now.date()),
        first_seq=first,
        last_seq=last,
        row_count=0,
        amount=0,
        written_at=now,
    )


def compact_lake(database: Database, folder: Path, *, now: datetime) -> int:
    """Merge the files of every month that has too many; returns how many files were merged away.

    The list is switched in one transaction; readers that hold the old list may still read the old files,
    which the next compaction removes.
    """
    merged = 0
    with lake_lock(database, folder):
        _remove_unlisted(database, folder)
        with database.read(SYSTEM) as session:
            files = session.scalars(select(LakeFile).order_by(col(LakeFile.first_seq))).all()
        by_month: dict[date, list[LakeFile]] = defaultdict(list)
        for file in files:
            if file.row_count:
                by_month[file.month].append(file)
        for month, parts in by_month.items():
            if len(parts) > COMPACT_ABOVE_FILES:
                table = pa.concat_tables([pq.read_table(folder / part.path, schema=SCHEMA) for part in parts])
                whole = _write_file(folder, month, table.unify_dictionaries(), now)
                with database.write(SYSTEM) as session:
                    for part in parts:
                        session.delete(session.get_one(LakeFile, part.id))
                    session.add(whole)
                merged += len(parts)
    return merged


def _remove_unlisted(database: Database, folder: Path) -> None:
    with database.read(SYSTEM) as session:
        listed = set(session.scalars(select(col(LakeFile.path))).all())
    for path in folder.glob("sales/*/*"):
        if str(path.relative_to(folder)) not in listed:
            path.unlink(missing_ok=True)


@contextmanager
def lake_lock(database: Database, folder: Path) -> Iterator[None]:
    """One syncing process at a time: a lock file on one machine, an advisory lock with PostgreSQL."""
    folder.mkdir(parents=True, exist_ok=True)
    if database.is_sqlite:
        with (folder / ".lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        return
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})


def write_lake_batches(
    database: Database, folder: Path, batches: Iterable[Mapping[str, Any]], *, now: datetime
) -> int:
    """Write generated column batches (one month each) straight into the lake; for benchmarks only."""
    files = []
    with lake_lock(database, folder):
        for batch in batches:
            table = pa.Table.from_pydict(dict(batch), schema=SCHEMA)
            files.append(_write_file(folder, month_start(table["booked_on"][0].as_py()), table, now))
        with database.write(SYSTEM) as session:
            session.add_all(files)
    return sum(file.row_count for file in files)
