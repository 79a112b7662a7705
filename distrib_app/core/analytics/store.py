"""The lake as this process reads it: a DuckDB table filled from the listed files.

The cache follows the file list by sequence number, so a refresh reads only what is new.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import duckdb
import pandas as pd
from sqlalchemy import func, select
from sqlmodel import Session, col

from ..catalog.models import Category, Product, Sku
from ..channels.models import Network, Region
from ..journal.models import JournalPosting
from ..kernel.access import SYSTEM
from ..kernel.db import Database
from .models import LakeFile

_CREATE = """
CREATE TABLE sales (seq INTEGER, step VARCHAR, booked_on DATE, seller_id INTEGER, buyer_id INTEGER,
                    region_id INTEGER, sku_id INTEGER, qty BIGINT, amount BIGINT, order_id BIGINT)
"""
_INSERT = """
INSERT INTO sales SELECT seq, step, booked_on, seller_id, buyer_id, region_id, sku_id, qty, amount, order_id
FROM read_parquet($files) WHERE seq > $after
"""
# the one relation that `questions` ask
_JOIN = """
CREATE OR REPLACE VIEW sales_row AS
SELECT sales.*, date_trunc('month', booked_on)::DATE AS month,
       dim_region.* EXCLUDE (region_id), dim_sku.* EXCLUDE (sku_id)
FROM sales JOIN dim_region USING (region_id) JOIN dim_sku USING (sku_id)
"""


@dataclass(frozen=True, slots=True)
class LakeVersion:
    """What a figure was computed from: the last posting in it, when that was booked, and the days covered."""

    seq: int
    as_of: datetime | None
    first_day: date | None
    last_day: date | None


Answer = TypeVar("Answer")
MAX_ANSWERS = 4096


class LakeStore:
    """The cached lake of one process; thread-safe."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._lock = threading.Lock()
        self._duck = duckdb.connect(":memory:")
        self._duck.execute(_CREATE)
        self._seq = 0
        self._dimensions: tuple[Any, ...] = ()
        self._answers: OrderedDict[tuple[Any, ...], Future[Any]] = OrderedDict()
        self._version = LakeVersion(0, None, None, None)

    def refresh(self) -> LakeVersion:
        """Take in what the file list says is new; cheap when nothing is."""
        with self._lock, self._database.read(SYSTEM) as session:
            listed = int(
                session.execute(select(func.coalesce(func.max(col(LakeFile.last_seq)), 0))).scalar_one()
            )
            if listed > self._seq:
                self._load(session, listed)
            dimensions = _dimension_key(session)
            if dimensions != self._dimensions:
                self._load_dimensions(session)
                self._dimensions = dimensions
            return self._version

    def _load(self, session: Session, listed: int) -> None:
        paths = session.scalars(
            select(col(LakeFile.path)).where(col(LakeFile.last_seq) > self._seq, col(LakeFile.row_count) > 0)
        ).all()
        if paths:
            files = [str(self._folder / path) for path in paths]
            self._duck.execute(_INSERT, {"files": files, "after": self._seq})
        first, last = self._duck.execute("SELECT min(booked_on), max(booked_on) FROM sales").fetchall()[0]
        as_of = session.execute(
            select(func.max(col(JournalPosting.posted_at))).where(col(JournalPosting.lake_seq) <= listed)
        ).scalar_one()
        self._seq = listed
        self._version = LakeVersion(listed, as_of, first, last)

    def _load_dimensions(self, session: Session) -> None:
        network = session.get(Network, 1)
        level = network.area_level if network else ""
        self._register("dim_region", _region_frame(session, level))
        self._register("dim_sku", _sku_frame(session))
        self._duck.cursor().execute(_JOIN)

    def _register(self, name: str, frame: pd.DataFrame) -> None:
        cursor = self._duck.cursor()
        cursor.register("incoming", frame)
        cursor.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
        cursor.unregister("incoming")

    def ask(self, question: str, values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The records a statement on `sales_row` answers, on a cursor of its own; sums are exact integers."""
        cursor = self._duck.cursor().execute(question, dict(values))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def remember(
        self, version: LakeVersion, question: tuple[Hashable, ...], ask: Callable[[], Answer]
    ) -> Answer:
        """What `ask` answers, kept for the next one who asks the same of the same version.

        Of many who ask at once one computes, the others wait for it. Only figures are kept here, before
        anybody's scope or disclosure is applied to them.
        """
        key = (version.seq, self._dimensions, question)
        with self._lock:
            found = self._answers.get(key)
            answer = found or Future()
            self._answers[key] = answer
            self._answers.move_to_end(key)
            while len(self._answers) > MAX_ANSWERS:
                self._answers.popitem(last=False)
        if found is None:
            self._compute(key, answer, ask)
        return cast(Answer, answer.result())

    def _compute(self, key: tuple[Any, ...], answer: Future[Any], ask: Callable[[], Any]) -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:
            with self._lock:
                self._answers.pop(key, None)  # the next one tries again
            answer.set_exception(error)

    def month_sums(self) -> dict[str, tuple[int, int, int]]:
        """Rows, quantity and amount per month as the Parquet files hold them (not the cache)."""
        with self._database.read(SYSTEM) as session:
            paths = session.scalars(select(col(LakeFile.path)).where(col(LakeFile.row_count) > 0)).all()
        if not paths:
            return {}
        rows = self._duck.cursor().execute(
            "SELECT strftime(booked_on, '%Y-%m'), COUNT(*), SUM(qty)::BIGINT, SUM(amount)::HUGEINT "
            "FROM read_parquet($files) GROUP BY 1",
            {"files": [str(self._folder / path) for path in paths]},
        )
        return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in rows.fetchall()}


@lru_cache(maxsize=8)
def get_store(database: Database, folder: Path) -> LakeStore:
    """The store of this process for a database and a lake folder."""
    return LakeStore(database, folder)


def _dimension_key(session: Session) -> tuple[Any, ...]:
    skus = session.execute(
        select(func.count(col(Sku.id)), func.coalesce(func.sum(col(Sku.version)), 0))
    ).one()
    products = session.execute(
        select(func.count(col(Product.id)), func.coalesce(func.sum(col(Product.version)), 0))
    ).one()
    regions = session.execute(select(func.count(col(Region.id)))).scalar_one()
    network = session.execute(select(col(Network.area_level))).first()
    return (*skus, *products, regions, network[0] if network else "")


def _region_frame(session: Session, area_level: str) -> pd.DataFrame:
    rows = session.execute(select(col(Region.id), col(Region.path), col(Region.level))).all()
    area_of_path = {path: region_id for region_id, path, level in rows if level == area_level}
    by_path = {path: region_id for region_id, path, _ in rows}
    records = []
    for region_id, path, _ in rows:
        chain = _ancestors(path)
        area = next((area_of_path[step] for step in chain if step in area_of_path), region_id)
        position = next((i for i, step in enumerate(chain) if step in area_of_path), len(chain) - 1)
        below = chain[min(position + 1, len(chain) - 1)]
        records.append((region_id, area, by_path[below], path))
    frame = pd.DataFrame(records, columns=["region_id", "area_id", "place_id", "region_path"])
    return frame.astype(dict.fromkeys(["region_id", "area_id", "place_id"], "int32"))


def _ancestors(path: str) -> list[str]:
    parts = path.removesuffix("/").split("/")
    return ["/".join(parts[: i + 1]) + "/" for i in range(len(parts))]


def _sku_frame(session: Session) -> pd.DataFrame:
    parents = dict(session.execute(select(col(Category.id), col(Category.parent_id))).tuples().all())
    rows = session.execute(
        select(col(Sku.id), col(Product.category_id)).join(Product, col(Product.id) == col(Sku.product_id))
    ).all()
    return pd.DataFrame(
        [(sku_id, _top(category_id, parents)) for sku_id, category_id in rows],
        columns=["sku_id", "category_id"],
    ).astype("int32")


def _top(category_id: int, parents: dict[Any, Any]) -> int:
    while parents.get(category_id) is not None:
        category_id = parents[category_id]
    return category_id
