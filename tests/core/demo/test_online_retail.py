"""Import of Online Retail: what is booked, what is rejected and why, and that nothing is ever half there."""

import csv
import lzma
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import col, func, select

from distrib_app.core.catalog.models import Category, Product, Sku
from distrib_app.core.channels import (
    NetworkPlan,
    Partner,
    PartnerPath,
    Region,
    SecondNetworkError,
    found_network,
    get_network,
)
from distrib_app.core.demo import import_online_retail
from distrib_app.core.demo.errors import (
    BadCustomerError,
    BadDateError,
    BadNumberError,
    BadPriceError,
    BadQuantityError,
    BadTextError,
    BrokenRowError,
    HalfWrittenFileError,
    MixedDocumentError,
    NothingToImportError,
    SourceError,
    UnreadableFileError,
    UnwritableFileError,
    WrongColumnsError,
    WrongEncodingError,
)
from distrib_app.core.demo.imports import ImportReport, Progress, parse_csv
from distrib_app.core.demo.online_retail import COLUMNS, load_lines
from distrib_app.core.demo.recording import WRITING_JOURNAL
from distrib_app.core.journal import JournalLeg, JournalPosting
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import StorageError
from distrib_app.core.orders.models import OrderLine, OrderStatus, ReturnLine, SalesOrder, SalesReturn

from .database_rows import all_rows, silent

ROOT = Path(__file__).parents[3]
FIXTURE = ROOT / "tests" / "fixtures" / "online_retail.csv"
FULL = "online_retail_ii/online_retail_II.csv.xz"

Importer = Callable[..., ImportReport]


@pytest.fixture
def run(tmp_path: Path, now: datetime) -> Importer:
    """Import a file; rejects go to `rejects.csv`."""

    def do(database: Database, path: Path = FIXTURE, progress: Progress = silent) -> ImportReport:
        return import_online_retail(
            database, path=path, rejects_path=tmp_path / "rejects.csv", now=now, progress=progress
        )

    return do


@dataclass(frozen=True)
class Expected:
    """The oracle: the decisions for the import, in plain Python over the CSV."""

    rows: list[dict[str, str]]

    def reason(self, index: int) -> str:
        row = self.rows[index]
        qty, price = int(row["Quantity"]), Decimal(row["Price"])
        is_return = row["Invoice"].startswith("C")
        checks = [
            ("duplicate", row in self.rows[:index]),
            ("bad debt", row["Invoice"].startswith("A")),
            ("return without customer", is_return and not row["Customer ID"]),
            ("negative quantity", not is_return and qty <= 0),
            ("zero price", price <= 0),
            ("no customer", not row["Customer ID"]),
            ("return not negative", is_return and qty >= 0),
        ]
        return next((name for name, holds in checks if holds), "")

    def booked(self) -> list[tuple[str, str, int, int, int]]:
        """Number, SKU, quantity, millionths of price and amount of every imported line, in file order."""
        found = []
        for index, row in enumerate(self.rows):
            if not self.reason(index):
                qty, price = int(row["Quantity"]), int(Decimal(row["Price"]) * 1_000_000)
                found.append((row["Invoice"], row["StockCode"].strip().upper(), qty, price, qty * price))
        return found


def oracle(path: Path = FIXTURE) -> Expected:
    with path.open(encoding="utf-8", newline="") as handle:
        return Expected(list(csv.DictReader(handle)))


def test_report_of_the_fixture(sqlite: Database, run: Importer) -> None:
    report = run(sqlite)
    assert report.source == "online_retail"
    assert report.currency == "GBP"
    assert not report.already_imported
    assert report.counts == {
        "lines": 40, "imported": 30, "sales_lines": 27, "return_lines": 3, "rejected": 7,
        "rejected_bad_debt": 1, "rejected_return_without_customer": 1, "rejected_negative_quantity": 1,
        "rejected_zero_price": 2, "rejected_no_customer": 2, "rejected_return_not_negative": 0,
        "duplicates": 3, "duplicates_overlap": 2, "duplicates_elsewhere": 1,
        "orders": 13, "returns": 2, "buying_customers": 12, "partners": 14,
        "skus": 26, "skus_sold": 24, "service_skus": 2,
    }  # fmt: skip
    booked = oracle().booked()
    sales = sum(amount for *_, amount in booked if amount > 0)
    returns = sum(amount for *_, amount in booked if amount < 0)
    assert Decimal(report.amounts["sales"]) == round(Decimal(sales) / 1_000_000, 2)
    assert Decimal(report.amounts["returns"]) == Decimal(returns) / 1_000_000 == Decimal("-20.40")
    assert report.amounts["rejected_no_customer"] == "82.56"
    assert report.amounts["rejected_bad_debt"] == "-53594.36"


def test_every_imported_line_is_booked_exactly(database: Database, run: Importer) -> None:
    run(database)
    with database.read(SYSTEM) as session:
        legs = session.exec(
            select(JournalLeg, Sku.code)
            .join(Sku, col(Sku.id) == JournalLeg.sku_id)
            .order_by(col(JournalLeg.id))
        ).all()
        got = [(leg.document, code, leg.qty, leg.price_micros, leg.amount) for leg, code in legs]
        assert got == oracle().booked()
        assert {leg.step for leg, _ in legs} == {"sell_in"}
        ordinals = Counter[str]()
        for leg, _ in legs:
            ordinals[leg.document] += 1
            assert leg.line_no == ordinals[leg.document]
        postings = session.exec(select(JournalPosting)).all()
        assert [posting.source for posting in postings] == ["online_retail"]


def test_orders_and_returns(database: Database, run: Importer) -> None:
    run(database)
    with database.read(SYSTEM) as session:
        orders = {order.number: order for order in session.exec(select(SalesOrder))}
        assert {order.status for order in orders.values()} == {OrderStatus.RECORDED}
        # winter: Greenwich time; the last line of 544926 was typed a minute later; summer: one hour ahead
        assert orders["544926"].placed_at == datetime(2011, 2, 24, 17, 50, tzinfo=UTC)
        assert orders["555161"].placed_at == datetime(2011, 6, 1, 8, 26, tzinfo=UTC)
        lines = session.exec(
            select(OrderLine)
            .where(OrderLine.order_id == orders["492521"].id)
            .order_by(col(OrderLine.line_no))
        ).all()
        assert [(line.line_no, line.qty, line.unit_price) for line in lines] == [
            (1, 2, Decimal("5.95")),
            (2, 3, Decimal("5.95")),
            (3, 2, Decimal("5.95")),
            (4, 2, Decimal("5.95")),
        ]
        assert {line.net_amount for line in lines} == {line.gross_amount for line in lines} == {None}
        tiny = session.exec(select(OrderLine).where(OrderLine.order_id == orders["494914"].id)).one()
        assert tiny.unit_price == Decimal("0.001")
        assert session.exec(select(func.count()).select_from(OrderLine)).one() == 27

        came_back = session.exec(select(SalesReturn).where(SalesReturn.number == "C489503")).one()
        assert (came_back.order_id, came_back.returned_on) == (None, date(2009, 12, 1))
        assert came_back.returned_at == datetime(2009, 12, 1, 11, 4, tzinfo=UTC)
        back = session.exec(select(ReturnLine).where(ReturnLine.return_id == came_back.id)).all()
        assert sorted((line.line_no, line.qty, line.unit_price) for line in back) == [
            (1, 2, Decimal("4.25")),
            (2, 1, Decimal("4.95")),
        ]
        legs = session.exec(select(JournalLeg).where(JournalLeg.document == "C489503")).all()
        assert sorted((leg.qty, leg.amount, leg.order_id) for leg in legs) == [
            (-2, -8_500_000, None),
            (-1, -4_950_000, None),
        ]
        sold = session.exec(select(JournalLeg).where(JournalLeg.document == "555161")).all()
        assert {leg.order_id for leg in sold} == {orders["555161"].id}
        assert {leg.booked_on for leg in sold} == {date(2011, 6, 1)}


def test_network_catalogue_and_regions(database: Database, run: Importer) -> None:
    run(database)
    with database.read(SYSTEM) as session:
        network = get_network(session)
        assert (network.source, network.currency, network.zone) == ("online_retail", "GBP", "Europe/London")
        assert (network.area_level, network.founded_on) == ("country", date(2009, 12, 1))
        brand = session.get_one(Partner, network.brand_id)
        assert brand.created_at == datetime(2009, 12, 1, tzinfo=UTC)
        partners = session.exec(
            select(Partner, Region, PartnerPath)
            .join(Region, col(Region.id) == Partner.region_id)
            .join(PartnerPath, col(PartnerPath.partner_id) == Partner.id)
            .where(Partner.id != brand.id)
        ).all()
        assert len(partners) == 14
        for partner, _, path in partners:
            assert (partner.kind, partner.parent_id, partner.path) == (
                "outlet",
                brand.id,
                f"{brand.path}{partner.id}/",
            )
            assert (path.path, path.valid_from, path.valid_to) == (partner.path, date(2009, 12, 1), None)
            assert partner.created_at == datetime(2009, 12, 1, tzinfo=UTC)
        homes = {partner.code: region.name for partner, region, _ in partners}
        assert homes["OR12423"] == "Belgium"  # Denmark in 2010, Belgium in 2011
        assert homes["OR17641"] == "United Kingdom"  # a customer of whom only a return is known
        kingdom = session.exec(select(Region).where(Region.name == "United Kingdom")).one()
        assert (kingdom.path, kingdom.level) == ("OR/OR-UNITED-KINGDOM/", "country")
        danish = session.exec(select(JournalLeg).where(JournalLeg.document == "520737")).first()
        assert danish is not None
        assert session.get_one(Region, danish.region_id).name == "Denmark"

        skus = {sku.code: sku for sku in session.exec(select(Sku))}
        assert {code for code, sku in skus.items() if sku.kind == "service"} == {"POST", "M"}
        assert not skus["POST"].is_orderable
        assert skus["PADS"].kind == "goods"
        assert skus["21533"].name == "RETROSPOT LARGE MILK JUG"  # the latest name, also of what came back
        assert skus["22632"].name == "HAND WARMER RED POLKA DOT"
        product = session.get_one(Product, skus["22350"].product_id)
        assert (product.code, product.name) == ("22350", "CAT BOWL")
        assert session.get_one(Category, product.category_id).code == "UNCATEGORISED"


def test_ids_go_on_after_an_import(database: Database, run: Importer, now: datetime) -> None:
    """Explicit ids leave the sequences usable."""
    run(database)
    with database.write(SYSTEM) as session:
        one = session.exec(select(Partner).where(Partner.code == "OR12423")).one()
        session.add(
            Partner(
                code="NEW",
                name="New",
                kind="outlet",
                tier_id=one.tier_id,
                parent_id=one.parent_id,
                path="/new/",
                region_id=one.region_id,
                created_at=now,
            )
        )
    with database.read(SYSTEM) as session:
        assert session.exec(select(func.count()).select_from(Partner)).one() == 16


def test_rejected_lines_are_listed_with_row_and_reason(
    sqlite: Database, run: Importer, tmp_path: Path
) -> None:
    run(sqlite)
    content = (tmp_path / "rejects.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    listed = list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))
    expected = oracle()
    assert listed == [
        {**row, "row": str(index + 2), "reason": reason}
        for index, row in enumerate(expected.rows)
        if (reason := expected.reason(index))
    ]
    assert [row for row in listed if "£80.00" in row["Description"]]
    assert sorted(path.name for path in tmp_path.iterdir() if "rejects" in path.name) == ["rejects.csv"]


def test_second_run_changes_nothing(database: Database, run: Importer, tmp_path: Path) -> None:
    first = run(database)
    before = all_rows(database)
    again = run(database)
    packed = tmp_path / "same.csv.xz"
    packed.write_bytes(lzma.compress(FIXTURE.read_bytes()))
    compressed = run(database, packed)
    assert again.already_imported
    assert compressed.already_imported
    assert again.counts == first.counts == compressed.counts
    assert all_rows(database) == before


def test_longer_file_adds_only_new_invoices(sqlite: Database, run: Importer, tmp_path: Path) -> None:
    lines = FIXTURE.read_text(encoding="utf-8").splitlines(keepends=True)
    part = tmp_path / "part.csv"
    part.write_text("".join(lines[:35]), encoding="utf-8")
    run(sqlite, part)
    report = run(sqlite)
    assert not report.already_imported
    with sqlite.read(SYSTEM) as session:
        amounts = session.exec(select(JournalLeg.amount)).all()
        assert sorted(amounts) == sorted(amount for *_, amount in oracle().booked())
        assert session.exec(select(func.count()).select_from(SalesOrder)).one() == 13
        assert session.exec(select(func.count()).select_from(JournalPosting)).one() == 2
        numbers = session.exec(select(Partner.code)).all()
        assert len(numbers) == len(set(numbers)) == 15
    before = all_rows(sqlite)
    assert run(sqlite, part).already_imported
    assert all_rows(sqlite) == before


def test_second_network_is_refused(sqlite: Database, run: Importer, now: datetime, tmp_path: Path) -> None:
    plan = NetworkPlan("HQ", "华光", "Huaguang", "CN", "CNY", "Asia/Shanghai", "province", "demo", now.date())
    with sqlite.write(SYSTEM) as session:
        found_network(session, SYSTEM, plan=plan, now=now)
    before = all_rows(sqlite)
    with pytest.raises(SecondNetworkError, match="华光"):
        run(sqlite)
    assert all_rows(sqlite) == before
    assert not (tmp_path / "rejects.csv").exists()


GOOD = "489440,22350,CAT BOWL ,8,12/1/2009 9:43,2.55,18087.0,United Kingdom"
HEADER = ",".join(COLUMNS)
BAD_CELLS = [
    (0, "X-1", BadNumberError),
    (0, "", BadNumberError),
    (1, " ", BadTextError),
    (2, "x" * 201, BadTextError),
    (2, "a\0b", BadTextError),
    (3, "eight", BadQuantityError),
    (3, "1.5", BadQuantityError),
    (3, "1000000", BadQuantityError),
    (4, "2/30/2010 9:43", BadDateError),
    (4, "13/1/2010 9:43", BadDateError),
    (4, "12/1/2009 25:00", BadDateError),
    (4, "12/1/0209 9:43", BadDateError),
    (4, "12/1/2049 9:43", BadDateError),
    (5, "1e3", BadPriceError),
    (5, "0.0000001", BadPriceError),
    (5, "NaN", BadPriceError),
    (5, "£2", BadPriceError),
    (5, "", BadPriceError),
    (6, "ABC", BadCustomerError),
    (7, "", BadTextError),
    (7, "x" * 37, BadTextError),
]


@pytest.mark.parametrize(("position", "value", "error"), BAD_CELLS)
def test_bad_cell_names_row_and_column(
    *, sqlite: Database, run: Importer, tmp_path: Path, position: int, value: str, error: type[SourceError]
) -> None:
    cells = GOOD.split(",")
    cells[position] = value
    path = tmp_path / "bad.csv"
    path.write_text("\n".join([HEADER, GOOD, GOOD, ",".join(cells), ""]), encoding="utf-8")
    before = all_rows(sqlite)
    with pytest.raises(error) as raised:
        run(sqlite, path)
    assert raised.value.facts | {"value": ""} == {
        "file": "bad.csv", "row": 4, "column": COLUMNS[position], "value": "",
    }  # fmt: skip
    assert "Nothing was imported." in str(raised.value)
    assert all_rows(sqlite) == before
    assert not (tmp_path / "rejects.csv").exists()


def packed_half() -> bytes:
    return lzma.compress(FIXTURE.read_bytes())[:-100]


def packed_damaged() -> bytes:
    packed = bytearray(lzma.compress(FIXTURE.read_bytes()))
    packed[len(packed) // 2] ^= 0xFF
    return bytes(packed)


def text(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\n".join([*lines, ""]).encode(encoding)


MIXED = {"row": 3, "column": "Customer ID", "value": "'18088'"}
FRENCH = {"row": 3, "column": "Country", "value": "'France'"}
BAD_FILES: dict[str, tuple[bytes, type[SourceError], dict[str, object]]] = {
    "missing column": (text("Invoice,StockCode", "1,2"), WrongColumnsError, {"unknown": "–"}),
    "unknown column": (text(f"{HEADER},Extra", f"{GOOD},1"), WrongColumnsError, {"unknown": "Extra"}),
    "column twice": (text(f"{HEADER},Price", f"{GOOD},1"), WrongColumnsError, {"unknown": "Price"}),
    "empty": (b"", WrongColumnsError, {"missing": ", ".join(COLUMNS)}),
    "only a header": (text(HEADER), NothingToImportError, {}),
    "no valid line": (text(HEADER, GOOD.replace("2.55", "0.0")), NothingToImportError, {}),
    "latin-1": (
        text(HEADER, GOOD, GOOD.replace("CAT", "£"), encoding="latin-1"), WrongEncodingError, {"row": 3}
    ),
    "utf-16": (text(HEADER, GOOD, encoding="utf-16"), WrongEncodingError, {"row": 1}),
    "broken off": (
        text(HEADER, GOOD, GOOD[:30]).strip(), BrokenRowError, {"row": 3, "expected": 8, "found": 5}
    ),
    "truncated xz": (packed_half(), HalfWrittenFileError, {}),
    "damaged xz": (packed_damaged(), UnreadableFileError, {}),
    "two customers": (text(HEADER, GOOD, GOOD.replace("18087", "18088")), MixedDocumentError, MIXED),
    "two countries": (
        text(HEADER, GOOD, GOOD.replace("United Kingdom", "France")), MixedDocumentError, FRENCH
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "error", "facts"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_file_is_refused_whole(
    *,
    sqlite: Database,
    run: Importer,
    tmp_path: Path,
    content: bytes,
    error: type[SourceError],
    facts: dict[str, object],
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    before = all_rows(sqlite)
    with pytest.raises(error) as raised:
        run(sqlite, path)
    assert raised.value.facts["file"] == "bad.csv"
    assert raised.value.facts | facts == raised.value.facts
    assert all_rows(sqlite) == before


def test_missing_file_and_folder_for_rejects(sqlite: Database, tmp_path: Path, now: datetime) -> None:
    before = all_rows(sqlite)
    with pytest.raises(UnreadableFileError):
        import_online_retail(
            sqlite, path=tmp_path / "none.csv", rejects_path=tmp_path / "r.csv", now=now, progress=silent
        )
    for rejects in (tmp_path / "no folder" / "r.csv", tmp_path):
        with pytest.raises(UnwritableFileError):
            import_online_retail(sqlite, path=FIXTURE, rejects_path=rejects, now=now, progress=silent)
    assert all_rows(sqlite) == before


def test_columns_in_another_order_and_iso_dates(sqlite: Database, run: Importer, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(
        b"\xef\xbb\xbfPrice,Invoice,StockCode,Description,Quantity,InvoiceDate,Customer ID,Country\r\n"
        b'2.55,489440,22350,"CAT ""BOWL""",8,2009-12-01 09:43:00,18087,United Kingdom\r\n'
    )
    assert run(sqlite, path).amounts["sales"] == "20.40"
    with sqlite.read(SYSTEM) as session:
        assert session.exec(select(SalesOrder.placed_at)).one() == datetime(2009, 12, 1, 9, 43, tzinfo=UTC)
        assert session.exec(select(Sku.name)).one() == 'CAT "BOWL"'


def test_reader_during_the_write_sees_nothing_and_does_not_wait(database: Database, run: Importer) -> None:
    seen: list[tuple[int, int, float]] = []

    def read() -> None:
        started = time.monotonic()
        with database.read(SYSTEM) as session:
            partners = session.exec(select(func.count()).select_from(Partner)).one()
            orders = session.exec(select(func.count()).select_from(SalesOrder)).one()
        seen.append((partners, orders, time.monotonic() - started))

    def watch(stage: str, done: int, total: int) -> None:
        if stage == WRITING_JOURNAL and done == total:
            reader = threading.Thread(target=read)
            reader.start()
            reader.join(timeout=5)

    run(database, progress=watch)
    assert [(partners, orders) for partners, orders, _ in seen] == [(0, 0)]
    assert seen[0][2] < 1
    with database.read(SYSTEM) as session:
        assert session.exec(select(func.count()).select_from(Partner)).one() == 15


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import distrib_app.core.tables
from distrib_app.core.demo import import_online_retail
from distrib_app.core.demo.recording import WRITING_JOURNAL
from distrib_app.core.kernel.db import Database

def die(stage, done, total):
    if stage == WRITING_JOURNAL and done == total:
        os.kill(os.getpid(), signal.SIGKILL)

import_online_retail(
    Database(sys.argv[1]), path=Path(sys.argv[2]), rejects_path=Path(sys.argv[3]),
    now=datetime(2026, 10, 15, 4, tzinfo=UTC), progress=die,
)
"""


def test_killed_half_way_leaves_the_database_as_before(
    sqlite: Database, run: Importer, tmp_path: Path
) -> None:
    before = all_rows(sqlite)
    sqlite.dispose()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, sqlite.url, str(FIXTURE), str(tmp_path / "rejects.csv")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    assert all_rows(sqlite) == before
    assert not (tmp_path / "rejects.csv").exists()
    assert not run(sqlite).already_imported
    assert len(all_rows(sqlite)["journal_leg"]) == 30


def test_full_database_is_refused_with_a_sentence(sqlite: Database, run: Importer, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(text(HEADER, *(GOOD.replace("489440", str(500_000 + index)) for index in range(2_000))))
    before = all_rows(sqlite)
    sqlite.dispose()

    @event.listens_for(sqlite.engine, "connect")
    def limit(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count={pages + 20}")
        cursor.close()

    with pytest.raises(StorageError, match="full"):
        run(sqlite, path)
    assert all_rows(sqlite) == before
    assert not (tmp_path / "rejects.csv").exists()


def test_full_server_is_refused_with_a_sentence(postgres: Database, run: Importer) -> None:
    with postgres.write(SYSTEM) as session:
        session.connection().exec_driver_sql(
            """
            CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device'; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON journal_leg EXECUTE FUNCTION no_room();
            """
        )
    before = all_rows(postgres)
    with pytest.raises(StorageError, match="No space left"):
        run(postgres)
    assert all_rows(postgres) == before


line_cells = st.tuples(
    st.sampled_from(["100001", "100002", "C100003", "A100004"]),
    st.sampled_from(["22350", "post"]),
    st.integers(-3, 3).map(str),
    st.sampled_from(["0", "0.0", "2.55", "-1.5", "0.000001"]),
    st.sampled_from(["", "18087.0"]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(line_cells, min_size=1, max_size=12))
def test_reasons_agree_with_the_oracle(cells: list[tuple[str, ...]]) -> None:
    rows = [
        dict(zip(COLUMNS, (number, sku, "CAT", qty, "12/1/2009 9:43", price, customer, "EIRE"), strict=True))
        for number, sku, qty, price, customer in cells
    ]
    content = text(HEADER, *(",".join(row.values()) for row in rows))
    table = parse_csv(content, file="x.csv", columns=COLUMNS)
    with duckdb.connect() as engine:
        load_lines(engine, table, file="x.csv", now=datetime(2026, 1, 1, tzinfo=UTC))
        got = engine.execute(
            "SELECT replace(coalesce(reason, ''), '_', ' ') FROM line ORDER BY row"
        ).fetchall()
    expected = Expected(rows)
    assert [reason for (reason,) in got] == [expected.reason(index) for index in range(len(rows))]
