"""Import of AdventureWorks: amounts as given, territories as regions, and refusals that change nothing."""

import csv
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest
from sqlmodel import col, func, select

from distrib_app.core.catalog.models import Category, Product, Sku
from distrib_app.core.channels import Partner, ProductLine, Region, SecondNetworkError, get_network
from distrib_app.core.demo import import_adventureworks, import_online_retail
from distrib_app.core.demo.errors import (
    BadDateError,
    BadPriceError,
    BadQuantityError,
    BadTextError,
    BadValueError,
    MixedDocumentError,
    NothingToImportError,
    SourceError,
    UnknownKeyError,
    UnreadableFileError,
    WrongColumnsError,
    WrongTypeError,
)
from distrib_app.core.demo.imports import ImportReport
from distrib_app.core.journal import JournalLeg
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.settings import get_settings
from distrib_app.core.orders.models import OrderLine, SalesOrder

from .database_rows import all_rows, silent

FIXTURE = Path(__file__).parents[2] / "fixtures" / "adventureworks"
FACTS = "FactResellerSales"
Importer = Callable[..., ImportReport]
Change = Callable[[list[dict[str, Any]]], object]


@pytest.fixture
def run(tmp_path: Path, now: datetime) -> Importer:
    """Import a folder; rejects go to `rejects.csv`."""

    def do(database: Database, folder: Path = FIXTURE) -> ImportReport:
        rejects = tmp_path / "rejects.csv"
        return import_adventureworks(database, folder=folder, rejects_path=rejects, now=now, progress=silent)

    return do


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the fixture that a test may spoil."""
    return shutil.copytree(FIXTURE, tmp_path / "set")


def change(folder: Path, table: str, edit: Change) -> None:
    """Edit a table as a list of rows, keeping its types."""
    path = folder / f"{table}.parquet"
    found = pa_parquet.read_table(path)
    rows = found.to_pylist()
    edit(rows)
    schema = pa.schema([field.with_nullable(True) for field in found.schema])
    pa_parquet.write_table(pa.Table.from_pylist(rows, schema=schema), path)


def test_report_of_the_fixture(sqlite: Database, run: Importer) -> None:
    report = run(sqlite)
    assert (report.source, report.currency, report.already_imported) == ("adventureworks", "USD", False)
    assert report.counts == {
        "lines": 27, "imported": 27, "sales_lines": 27, "rejected": 0, "duplicates": 0, "orders": 6,
        "buying_customers": 6, "partners": 7, "skus": 26, "skus_sold": 24, "quotas_skipped": 5,
        "internet_lines_skipped": 0,
    }  # fmt: skip
    assert report.amounts == {
        "sales": "50755.49", "sales Canada": "20249.94", "sales France": "2476.96",
        "sales Northwest": "18269.95", "sales Southwest": "8968.09", "sales United Kingdom": "790.56",
    }  # fmt: skip


def test_amounts_are_booked_as_given(database: Database, run: Importer) -> None:
    run(database)
    source = pa_parquet.read_table(FIXTURE / f"{FACTS}.parquet").to_pylist()
    products = pa_parquet.read_table(FIXTURE / "DimProduct.parquet").to_pylist()
    code_of = {row["ProductKey"]: row["ProductAlternateKey"] for row in products}
    expected = sorted(
        (
            row["SalesOrderNumber"], row["SalesOrderLineNumber"], code_of[row["ProductKey"]],
            row["OrderQuantity"], int(row["UnitPrice"] * 1_000_000), int(row["SalesAmount"] * 1_000_000),
            row["OrderDate"].date(),
        )
        for row in source
    )  # fmt: skip
    with database.read(SYSTEM) as session:
        legs = session.exec(select(JournalLeg, Sku.code).join(Sku, col(Sku.id) == JournalLeg.sku_id)).all()
        assert expected == sorted(
            (leg.document, leg.line_no, code, leg.qty, leg.price_micros, leg.amount, leg.booked_on)
            for leg, code in legs
        )
        assert {(leg.step, leg.tax_amount) for leg, _ in legs} == {("sell_in", 0)}
        line = session.exec(
            select(OrderLine)
            .join(SalesOrder, col(SalesOrder.id) == OrderLine.order_id)
            .where(SalesOrder.number == "SO53624", OrderLine.line_no == 2)
        ).one()
        # one at 953.6280, discounted to 762.9024: the line keeps the price, the journal the amount
        assert (line.qty, line.unit_price, line.net_amount) == (1, Decimal("953.6280"), None)


def test_orders_regions_and_catalogue(database: Database, run: Importer) -> None:
    run(database)
    with database.read(SYSTEM) as session:
        network = get_network(session)
        assert (network.currency, network.zone) == ("USD", "America/Los_Angeles")
        assert (network.area_level, network.founded_on) == ("province", date(2010, 12, 29))
        order = session.exec(select(SalesOrder).where(SalesOrder.number == "SO43666")).one()
        assert (order.status, order.attributes) == ("recorded", {"employee_key": 282})
        assert order.placed_at == datetime(2010, 12, 29, 8, 0, tzinfo=UTC)  # midnight in Los Angeles
        region = session.get_one(Region, order.region_id)
        assert (region.name, region.level) == ("Southwest", "province")
        assert region.path == "AW/AW-G-NORTH-AMERICA/AW-C-UNITED-STATES/AW-R-SOUTHWEST/"
        names = session.exec(select(Region.name).where(col(Region.path).startswith("AW/"))).all()
        assert sorted(names) == [
            "Adventure Works", "Canada", "Canada", "Europe", "France", "France", "North America",
            "Northwest", "Southwest", "United Kingdom", "United Kingdom", "United States",
        ]  # fmt: skip
        partners = session.exec(select(Partner).where(Partner.kind == "outlet")).all()
        assert len(partners) == 7
        assert {partner.parent_id for partner in partners} == {network.brand_id}
        silent_one = next(partner for partner in partners if partner.code == "AW00000001")
        assert silent_one.name == "A Bike Store"
        skus = {sku.code: sku for sku in session.exec(select(Sku))}
        assert len(skus) == 26
        assert {sku.kind for sku in skus.values()} == {"goods"}
        assert skus["HL-U509-R"].name == "Sport-100 Helmet, Red"
        product = session.get_one(Product, skus["HL-U509-R"].product_id)
        assert product.description.startswith("通用型透气良好且轻便")
        category = session.get_one(Category, product.category_id)
        assert (category.code, category.name) == ("AW-4-31", "Helmets")
        assert session.get_one(ProductLine, category.product_line_id).name == "Accessories"


def test_second_run_changes_nothing_and_new_orders_are_added(
    database: Database, run: Importer, folder: Path
) -> None:
    def keep_one_order(rows: list[dict[str, Any]]) -> None:
        rows[:] = [row for row in rows if row["SalesOrderNumber"] == "SO43666"]

    change(folder, FACTS, keep_one_order)
    assert run(database, folder).counts["orders"] == 1
    assert not run(database).already_imported
    before = all_rows(database)
    assert run(database).already_imported
    assert run(database, folder).already_imported
    assert all_rows(database) == before
    with database.read(SYSTEM) as session:
        assert session.exec(select(func.sum(JournalLeg.amount))).one() == 50_755_494_900
        assert session.exec(select(func.count()).select_from(SalesOrder)).one() == 6


def test_second_set_is_refused(sqlite: Database, run: Importer, tmp_path: Path, now: datetime) -> None:
    run(sqlite)
    before = all_rows(sqlite)
    retail = FIXTURE.parent / "online_retail.csv"
    with pytest.raises(SecondNetworkError, match="Adventure Works Cycles"):
        import_online_retail(sqlite, path=retail, rejects_path=tmp_path / "r.csv", now=now, progress=silent)
    assert all_rows(sqlite) == before


def test_rejected_lines_are_listed(sqlite: Database, run: Importer, folder: Path, tmp_path: Path) -> None:
    def spoil(rows: list[dict[str, Any]]) -> None:
        rows.append(dict(rows[0]))
        rows[1]["OrderQuantity"] = 0
        rows[2]["SalesAmount"] = Decimal("0.0000")

    change(folder, FACTS, spoil)
    report = run(sqlite, folder)
    assert (report.counts["lines"], report.counts["imported"]) == (28, 25)
    assert (report.counts["rejected"], report.counts["duplicates"]) == (2, 1)
    with (tmp_path / "rejects.csv").open(encoding="utf-8-sig", newline="") as handle:
        listed = [(row["row"], row["reason"]) for row in csv.DictReader(handle)]
    assert listed == [("2", "quantity not positive"), ("3", "amount not positive"), ("28", "duplicate")]


BAD_CELLS: list[tuple[str, str, object, type[SourceError]]] = [
    (FACTS, "ProductKey", 99_999, UnknownKeyError),
    (FACTS, "ResellerKey", 99_999, UnknownKeyError),
    (FACTS, "SalesTerritoryKey", None, UnknownKeyError),
    (FACTS, "EmployeeKey", None, BadValueError),
    (FACTS, "EmployeeKey", 1, MixedDocumentError),
    (FACTS, "SalesOrderNumber", "", BadTextError),
    (FACTS, "SalesOrderLineNumber", 1, MixedDocumentError),
    (FACTS, "OrderQuantity", None, BadQuantityError),
    (FACTS, "UnitPrice", None, BadPriceError),
    (FACTS, "UnitPrice", Decimal("-1.0000"), BadPriceError),
    (FACTS, "SalesAmount", Decimal("1000000000.0000"), BadPriceError),
    (FACTS, "OrderDate", datetime(2049, 1, 1), BadDateError),  # noqa: DTZ001 – the file has no zone
    ("DimReseller", "ResellerName", None, BadTextError),
    ("DimReseller", "GeographyKey", 99_999, UnknownKeyError),
    ("DimReseller", "ResellerKey", 1, UnknownKeyError),
    ("DimReseller", "ResellerAlternateKey", "AW00000001", UnknownKeyError),
    ("DimProductSubcategory", "ProductCategoryKey", 99, UnknownKeyError),
    ("DimProduct", "ProductSubcategoryKey", 99, UnknownKeyError),
    ("DimSalesTerritory", "SalesTerritoryRegion", "x" * 36, BadTextError),
]


@pytest.mark.parametrize(("table", "column", "value", "error"), BAD_CELLS)
def test_bad_cell_names_file_row_and_column(
    *,
    sqlite: Database,
    run: Importer,
    folder: Path,
    table: str,
    column: str,
    value: object,
    error: type[SourceError],
) -> None:
    change(folder, table, lambda rows: rows[1].update({column: value}))
    before = all_rows(sqlite)
    with pytest.raises(error) as raised:
        run(sqlite, folder)
    assert raised.type is error
    assert (raised.value.facts["file"], raised.value.facts["column"]) == (f"{table}.parquet", column)
    assert raised.value.facts["row"] in (1, 2)  # of two equal keys the first is named
    assert all_rows(sqlite) == before


def test_bad_files_are_refused(sqlite: Database, run: Importer, folder: Path, tmp_path: Path) -> None:
    before = all_rows(sqlite)

    def refused(error: type[SourceError], table: str, **facts: object) -> None:
        with pytest.raises(error) as raised:
            run(sqlite, folder)
        assert raised.value.facts["file"] == f"{table}.parquet"
        assert raised.value.facts | facts == raised.value.facts
        shutil.copy(FIXTURE / f"{table}.parquet", folder / f"{table}.parquet")

    (folder / "DimGeography.parquet").unlink()
    refused(UnreadableFileError, "DimGeography")
    (folder / "DimProduct.parquet").write_bytes((FIXTURE / "DimProduct.parquet").read_bytes()[:-200])
    refused(UnreadableFileError, "DimProduct")

    path = folder / f"{FACTS}.parquet"
    facts = pa_parquet.read_table(path)
    pa_parquet.write_table(facts.drop_columns(["UnitPrice", "OrderDate"]), path)
    refused(WrongColumnsError, FACTS, missing="UnitPrice, OrderDate")
    floats = facts.column("SalesAmount").cast(pa.float64())
    pa_parquet.write_table(
        facts.set_column(facts.schema.get_field_index("SalesAmount"), "SalesAmount", floats), path
    )
    refused(WrongTypeError, FACTS, column="SalesAmount", found="double", expected="decimal")
    pa_parquet.write_table(facts.slice(0, 0), path)
    refused(NothingToImportError, FACTS)

    assert all_rows(sqlite) == before
    assert not (tmp_path / "rejects.csv").exists()


@pytest.mark.slow
def test_full_set(sqlite: Database, run: Importer) -> None:
    folder = get_settings().shared_data / "adventureworks_dw"
    if not folder.exists():
        pytest.skip(f"{folder} is absent (SHARED_DATA)")
    report = run(sqlite, folder)
    assert report.counts == {
        "lines": 60_855, "imported": 60_855, "sales_lines": 60_855, "rejected": 0, "duplicates": 0,
        "orders": 3_796, "buying_customers": 635, "partners": 701, "skus": 295, "skus_sold": 250,
        "quotas_skipped": 163, "internet_lines_skipped": 60_398,
    }  # fmt: skip
    assert report.amounts["sales"] == "80450596.98"
    assert report.amounts["sales Southwest"] == "18466458.79"
    leg = JournalLeg
    with sqlite.read(SYSTEM) as session:
        booked = session.exec(
            select(
                func.count(), func.sum(leg.amount), func.count(func.distinct(leg.order_id)),
                func.count(func.distinct(leg.buyer_id)), func.count(func.distinct(leg.sku_id)),
            )
        ).one()  # fmt: skip
        assert tuple(booked) == (60_855, 80_450_596_982_300, 3_796, 635, 250)
        southwest = session.exec(
            select(func.sum(leg.amount))
            .join(Region, col(Region.id) == leg.region_id)
            .where(Region.name == "Southwest")
        ).one()
        assert southwest == 18_466_458_792_500
        assert session.exec(select(func.count()).select_from(Partner)).one() == 702
    assert run(sqlite, folder).already_imported
