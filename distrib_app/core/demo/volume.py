"""Rows straight into the lake, for benchmarks at a size that needs no records.

The trade of a demo network is drawn again and again: every month keeps its season, mix and partners,
only order numbers and leg ids are new. The records don't hold these rows, so `check-invariants` says so.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select
from sqlmodel import col

from ..analytics import LakeFile, write_lake_batches
from ..kernel.access import SYSTEM
from ..kernel.db import Database
from .imports import Progress, quiet

BATCH_ROWS = 1_000_000
ORDER_LINES = 5


def generate_volume(
    database: Database, folder: Path, *, seed: int, lines: int, now: datetime, progress: Progress = quiet
) -> int:
    """Add `lines` rows to the lake beside those of the demo network already in it; returns their number."""
    with database.read(SYSTEM) as session:
        files = session.scalars(
            select(LakeFile).where(col(LakeFile.row_count) > 0).order_by(col(LakeFile.month))
        ).all()
    sources = [(file.month, folder.joinpath(file.path), file.row_count) for file in files]
    last = max(file.last_seq for file in files)
    batches = _batches(sources, lines=lines, seed=seed, seq=last + 1, progress=progress)
    return write_lake_batches(database, folder, batches, now=now)


def _batches(
    sources: list[tuple[date, Path, int]], *, lines: int, seed: int, seq: int, progress: Progress
) -> Iterator[Mapping[str, Any]]:
    """Batches of one month each, in proportion to the month's own rows."""
    random = np.random.default_rng(seed)
    whole = sum(count for _, _, count in sources)
    done = 0
    for index, (_, path, count) in enumerate(sources):
        table = pq.read_table(path)
        left = lines - done if index == len(sources) - 1 else lines * count // whole
        while left > 0:
            size = min(left, BATCH_ROWS)
            yield _drawn(table, random.integers(0, table.num_rows, size), first=10**9 + done, seq=seq)
            done, left = done + size, left - size
            progress("Writing the lake", done, lines)


def _drawn(table: pa.Table, rows: Any, *, first: int, seq: int) -> dict[str, Any]:
    drawn = table.take(pa.array(rows))
    size = len(rows)
    columns = {name: drawn[name] for name in drawn.column_names}
    return columns | {
        "leg_id": pa.array(np.arange(first, first + size, dtype=np.int64)),
        "seq": pa.array(np.full(size, seq, dtype=np.int32)),
        "order_id": pa.array(np.arange(first, first + size, dtype=np.int64) // ORDER_LINES),
    }
