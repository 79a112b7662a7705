"""Import of the AdventureWorks warehouse (Parquet tables): a bicycle maker and its 701 resellers.

Every reseller is an outlet right below the brand; its home is its sales territory (group → country →
region, namespace `AW/`). A line's amount is `SalesAmount` as given, in millionths of a dollar. Quotas are
counted and skipped until there are targets; internet sales are sell-out to end customers and are counted
and skipped until there are end customers.
"""

import re
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pa_parquet

from ..channels import NetworkPlan, RegionLevel
from ..kernel.clock import day_start
from ..kernel.db import Database
from ..kernel.money import micros_to_string
from .adventureworks_tables import FACTS, SOURCE, TABLES, check_tables, file_of, load_tables
from .errors import MixedDocumentError, NothingToImportError
from .history import CategoryDraft, DocumentDraft, History, LineColumns, PartnerDraft, RegionDraft, SkuDraft
from .imports import CHECKING, ImportReport, Progress, staged_rejects
from .recording import record

CURRENCY = "USD"
ZONE = "America/Los_Angeles"
ROOT = "AW"
# What holds for a whole order: our column and the source's.
_OF_THE_ORDER = {
    "partner": "ResellerKey",
    "territory": "SalesTerritoryKey",
    "employee": "EmployeeKey",
    "day": "OrderDate",
}
_LINES = f"""
CREATE TABLE line AS
WITH typed AS (
    SELECT
        f.row, SalesOrderNumber AS number, SalesOrderLineNumber::BIGINT AS line_no,
        ProductAlternateKey AS sku, OrderQuantity::BIGINT AS qty,
        (UnitPrice::DECIMAL(18, 6) * 1000000)::BIGINT AS price_micros,
        (SalesAmount::DECIMAL(18, 6) * 1000000)::BIGINT AS amount,
        ResellerAlternateKey AS partner, SalesTerritoryKey AS territory, EmployeeKey AS employee,
        OrderDate::DATE AS day,
        row_number() OVER (
            PARTITION BY {", ".join(f"f.{name}" for name in TABLES[FACTS])} ORDER BY f.row
        ) AS copy
    FROM {FACTS} f JOIN DimReseller r USING (ResellerKey) JOIN DimProduct p USING (ProductKey)
)
SELECT *, CASE
    WHEN copy > 1 THEN 'duplicate'
    WHEN qty <= 0 THEN 'quantity not positive'
    WHEN amount <= 0 THEN 'amount not positive'
END AS reason
FROM typed
"""
_REJECTS = f"SELECT f.*, reason FROM {FACTS} f JOIN line USING (row) WHERE reason IS NOT NULL ORDER BY row"


def import_adventureworks(
    database: Database, *, folder: Path, rejects_path: Path, now: datetime, progress: Progress
) -> ImportReport:
    """Import the Parquet tables of `folder` into an empty database or its own.

    Everything is checked before the one writing transaction opens. Lines that are not imported (repeated
    rows, quantity or amount not positive) go to `rejects_path`. A second run changes nothing; of larger
    tables only orders not yet present are added. Raises a `SourceError` naming file, row (the first is 1)
    and column, `SecondNetworkError`, `StorageError`; the database is then as before.
    """
    with duckdb.connect() as engine:
        key = load_tables(engine, folder, progress)
        progress(CHECKING, 0, 1)
        check_tables(engine, now=now)
        engine.execute(_LINES)
        _check_documents(engine)
        history = _history(engine)
        rejects = engine.sql(_REJECTS).to_arrow_table()
        counts, amounts = _counts(engine), _amounts(engine)
    counts["internet_lines_skipped"] = _row_count(folder.joinpath("FactInternetSales.parquet"))
    progress(CHECKING, 1, 1)
    with staged_rejects(rejects_path, rejects):
        is_written = record(database, history, key=key, now=now, progress=progress)
    return ImportReport(SOURCE, CURRENCY, not is_written, rejects_path, counts, amounts)


def _row_count(path: Path) -> int:
    return int(pa_parquet.read_metadata(path).num_rows) if path.exists() else 0


def _check_documents(engine: duckdb.DuckDBPyConnection) -> None:
    """Refuse two lines of one number, and orders whose lines disagree about the whole order."""
    twice = engine.execute(
        "SELECT max(row), line_no FROM line WHERE reason IS NULL "
        "GROUP BY number, line_no HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
    ).fetchone()
    if twice is not None:
        raise MixedDocumentError(
            file=file_of(FACTS), row=twice[0], column="SalesOrderLineNumber", value=twice[1]
        )
    for name, column in _OF_THE_ORDER.items():
        mixed = engine.execute(
            f"SELECT row, {name} FROM (SELECT *, first_value({name}) OVER (PARTITION BY number ORDER BY row) "
            f"AS first_seen FROM line WHERE reason IS NULL) WHERE {name} <> first_seen ORDER BY row LIMIT 1"
        ).fetchone()
        if mixed is not None:
            raise MixedDocumentError(file=file_of(FACTS), row=mixed[0], column=column, value=repr(mixed[1]))


def _history(engine: duckdb.DuckDBPyConnection) -> History:
    rows = engine.execute(
        "SELECT number, any_value(partner), any_value(territory), any_value(employee), any_value(day) "
        "FROM line WHERE reason IS NULL GROUP BY number ORDER BY number"
    ).fetchall()
    if not rows:
        raise NothingToImportError(file=file_of(FACTS))
    regions, region_codes = _regions(engine)
    skus = _skus(engine)
    documents = [
        DocumentDraft(
            number=number,
            is_return=False,
            partner_code=partner,
            region_code=region_codes[territory],
            placed_at=day_start(day, ZONE),
            booked_on=day,
            attributes={"employee_key": employee},
        )
        for number, partner, territory, employee, day in rows
    ]
    return History(
        plan=NetworkPlan(
            brand_code=ROOT,
            brand_name="Adventure Works Cycles",
            brand_name_en="Adventure Works Cycles",
            region_code=ROOT,
            currency=CURRENCY,
            zone=ZONE,
            area_level=RegionLevel.PROVINCE,
            source=SOURCE,
            founded_on=min(document.booked_on for document in documents),
        ),
        regions=regions,
        categories=_categories(engine),
        partners=[
            PartnerDraft(code, name, region_codes[territory])
            for code, name, territory in engine.execute(
                "SELECT ResellerAlternateKey, ResellerName, SalesTerritoryKey "
                "FROM DimReseller JOIN DimGeography USING (GeographyKey) ORDER BY ResellerAlternateKey"
            ).fetchall()
        ],
        skus=skus,
        documents=documents,
        lines=_lines(engine, documents, skus),
    )


def _lines(
    engine: duckdb.DuckDBPyConnection, documents: list[DocumentDraft], skus: list[SkuDraft]
) -> LineColumns:
    document_at = {document.number: position for position, document in enumerate(documents)}
    sku_at = {sku.code: position for position, sku in enumerate(skus)}
    found = engine.execute(
        "SELECT number, sku, line_no, qty, price_micros, amount FROM line WHERE reason IS NULL "
        "ORDER BY number, line_no"
    ).fetchnumpy()
    return LineColumns(
        document=np.array([document_at[number] for number in found["number"]], dtype=np.int64),
        sku=np.array([sku_at[code] for code in found["sku"]], dtype=np.int64),
        line_no=found["line_no"],
        qty=found["qty"],
        price_micros=found["price_micros"],
        amount=found["amount"],
    )


def _slug(level: str, name: str) -> str:
    return f"{ROOT}-{level}-{re.sub(r'[^A-Z0-9]+', '-', name.upper())}"


def _regions(engine: duckdb.DuckDBPyConnection) -> tuple[list[RegionDraft], dict[int, str]]:
    """Root, groups, countries, regions (parents first), and the region's code by territory key."""
    rows = engine.execute(
        "SELECT SalesTerritoryKey, SalesTerritoryGroup, SalesTerritoryCountry, SalesTerritoryRegion "
        "FROM DimSalesTerritory WHERE SalesTerritoryKey IN (SELECT SalesTerritoryKey FROM DimReseller "
        "JOIN DimGeography USING (GeographyKey) UNION SELECT territory FROM line WHERE reason IS NULL) "
        "ORDER BY 1"
    ).fetchall()
    drafts = {ROOT: RegionDraft(ROOT, "Adventure Works", None, RegionLevel.GROUP)}
    codes: dict[int, str] = {}
    for key, group, country, region in rows:
        parent = ROOT
        for short, name, level in (
            ("G", group, RegionLevel.GROUP),
            ("C", country, RegionLevel.COUNTRY),
            ("R", region, RegionLevel.PROVINCE),
        ):
            code = _slug(short, name)
            drafts.setdefault(code, RegionDraft(code, name, parent, level))
            parent = code
        codes[key] = parent
    return list(drafts.values()), codes


def _categories(engine: duckdb.DuckDBPyConnection) -> list[CategoryDraft]:
    tops = engine.execute(
        "SELECT ProductCategoryKey, EnglishProductCategoryName FROM DimProductCategory ORDER BY 1"
    ).fetchall()
    subs = engine.execute(
        "SELECT ProductSubcategoryKey::BIGINT, EnglishProductSubcategoryName, ProductCategoryKey "
        "FROM DimProductSubcategory ORDER BY 1"
    ).fetchall()
    return [
        *(CategoryDraft(f"{ROOT}-{key}", name, name) for key, name in tops),
        *(CategoryDraft(f"{ROOT}-{top}-{key}", name, name, f"{ROOT}-{top}") for key, name, top in subs),
    ]


def _skus(engine: duckdb.DuckDBPyConnection) -> list[SkuDraft]:
    """What can be sold (has a subcategory); names of the newest version, the Chinese description first."""
    rows = engine.execute(
        """
        SELECT ProductAlternateKey, EnglishProductName, ProductCategoryKey, ProductSubcategoryKey::BIGINT,
            coalesce(nullif(ChineseDescription, ''), EnglishDescription, '')
        FROM DimProduct JOIN DimProductSubcategory USING (ProductSubcategoryKey)
        QUALIFY row_number() OVER (
            PARTITION BY ProductAlternateKey ORDER BY StartDate DESC NULLS LAST, ProductKey DESC
        ) = 1
        ORDER BY ProductAlternateKey
        """
    ).fetchall()
    return [
        SkuDraft(code, name, f"{ROOT}-{top}-{sub}", description=text) for code, name, top, sub, text in rows
    ]


def _counts(engine: duckdb.DuckDBPyConnection) -> dict[str, int]:
    found = engine.execute(
        """
        SELECT
            count(*) AS lines,
            count(*) FILTER (WHERE reason IS NULL) AS imported,
            count(*) FILTER (WHERE reason IS NULL) AS sales_lines,
            count(*) FILTER (WHERE reason <> 'duplicate') AS rejected,
            count(*) FILTER (WHERE reason = 'duplicate') AS duplicates,
            count(DISTINCT number) FILTER (WHERE reason IS NULL) AS orders,
            count(DISTINCT partner) FILTER (WHERE reason IS NULL) AS buying_customers,
            (SELECT count(*) FROM DimReseller) AS partners,
            (SELECT count(DISTINCT ProductAlternateKey) FROM DimProduct
                JOIN DimProductSubcategory USING (ProductSubcategoryKey)) AS skus,
            count(DISTINCT sku) FILTER (WHERE reason IS NULL) AS skus_sold,
            (SELECT count(*) FROM FactSalesQuota) AS quotas_skipped
        FROM line
        """
    ).fetchnumpy()
    return {name: int(values[0]) for name, values in found.items()}


def _amounts(engine: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Exact sums of millionths, rounded once: the total and one per reporting area."""
    rows = engine.execute(
        "SELECT SalesTerritoryRegion, sum(amount) FROM line JOIN DimSalesTerritory "
        "ON SalesTerritoryKey = territory WHERE reason IS NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    sums = {"sales": sum(int(amount) for _, amount in rows)}
    sums |= {f"sales {name}": int(amount) for name, amount in rows}
    return {name: micros_to_string(value, CURRENCY) for name, value in sums.items()}
