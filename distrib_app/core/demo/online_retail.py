"""Import of "Online Retail II": every invoice line of a UK wholesaler, December 2009 to December 2011.

Full-row duplicates are dropped. Every other line is a sale (customer, quantity > 0, price > 0), a return
(a "C" invoice with a customer) or is rejected with its first reason. The wholesaler is the brand, each
customer an outlet right below it, each country of a document a region of the namespace `OR/`. Amounts are
quantity × price in millionths, exact.
"""

import re
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa

from ..catalog.models import SkuKind
from ..channels import NetworkPlan, RegionLevel
from ..kernel.clock import zone
from ..kernel.db import Database
from ..kernel.money import micros_to_string
from .errors import (
    BadCustomerError,
    BadDateError,
    BadNumberError,
    BadPriceError,
    BadQuantityError,
    BadTextError,
    MixedDocumentError,
    NothingToImportError,
)
from .history import CategoryDraft, DocumentDraft, History, LineColumns, PartnerDraft, RegionDraft, SkuDraft
from .imports import (
    CHECKING,
    READING,
    CellCheck,
    ImportReport,
    Progress,
    check_cells,
    content_key,
    is_text,
    parse_csv,
    read_file,
    staged_rejects,
)
from .recording import record

SOURCE = "online_retail"
CURRENCY = "GBP"
ZONE = "Europe/London"
ROOT = "OR"
UNCATEGORISED = "UNCATEGORISED"
COLUMNS = (
    "Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country",
)  # fmt: skip
# The two yearly sheets of the source overlap here; duplicates elsewhere are repeated lines of real invoices.
OVERLAP = (date(2010, 12, 1), date(2010, 12, 9))


class Rejection(StrEnum):
    """Why a line is not imported: the first that holds, in this order."""

    DUPLICATE = "duplicate"
    BAD_DEBT = "bad_debt"
    RETURN_WITHOUT_CUSTOMER = "return_without_customer"
    NEGATIVE_QUANTITY = "negative_quantity"
    ZERO_PRICE = "zero_price"
    NO_CUSTOMER = "no_customer"
    RETURN_NOT_NEGATIVE = "return_not_negative"


_REASONS = tuple(reason for reason in Rejection if reason is not Rejection.DUPLICATE)
# What is sold but never stocked: postage and carriage, manual lines, discounts, samples, fees, commission,
# adjustments, gift vouchers, test products. Everything else (also DCGS…, PADS, SP1002) is goods.
SERVICE_CODES = (
    r"POST|DOT|C2|M|D|S|B|BANK CHARGES|AMAZONFEE|CRUK|ADJUST\d*|GIFT(_\d+)*|TEST\d*"  # full match, upper case
)
_INSTANT = "try_strptime(InvoiceDate, ['%m/%d/%Y %H:%M', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M'])"
_CHECKS = (
    CellCheck("Invoice", r"regexp_full_match(Invoice, '[A-Z]?\d{1,12}')", BadNumberError),
    CellCheck("StockCode", is_text("StockCode", 1, 60), BadTextError),
    CellCheck("Description", is_text("Description", 0, 200), BadTextError),
    CellCheck("Quantity", r"regexp_full_match(Quantity, '-?\d{1,6}')", BadQuantityError),
    CellCheck("InvoiceDate", f"{_INSTANT} BETWEEN '1970-01-01' AND getvariable('latest')", BadDateError),
    CellCheck("Price", r"regexp_full_match(Price, '-?\d{1,6}(\.\d{1,6})?')", BadPriceError),
    CellCheck("Customer ID", r"""regexp_full_match("Customer ID", '(\d{1,12}(\.0)?)?')""", BadCustomerError),
    CellCheck("Country", is_text("Country", 1, 36), BadTextError),
)
_LINES = f"""
CREATE TABLE line AS
WITH typed AS (
    SELECT
        row, Invoice AS number, upper(trim(StockCode)) AS sku, trim(Description) AS name,
        Quantity::BIGINT AS qty, {_INSTANT} AS sold_at,
        (Price::DECIMAL(18, 6) * 1000000)::BIGINT AS price_micros,
        split_part("Customer ID", '.', 1) AS customer, trim(Country) AS country,
        starts_with(Invoice, 'C') AS is_return,
        row_number() OVER (
            PARTITION BY Invoice, StockCode, Description, Quantity, InvoiceDate, Price, "Customer ID", Country
            ORDER BY row
        ) AS copy
    FROM source
)
SELECT *, qty * price_micros AS amount, CASE
    WHEN copy > 1 THEN '{Rejection.DUPLICATE}'
    WHEN starts_with(number, 'A') THEN '{Rejection.BAD_DEBT}'
    WHEN is_return AND customer = '' THEN '{Rejection.RETURN_WITHOUT_CUSTOMER}'
    WHEN NOT is_return AND qty <= 0 THEN '{Rejection.NEGATIVE_QUANTITY}'
    WHEN price_micros <= 0 THEN '{Rejection.ZERO_PRICE}'
    WHEN customer = '' THEN '{Rejection.NO_CUSTOMER}'
    WHEN is_return AND qty >= 0 THEN '{Rejection.RETURN_NOT_NEGATIVE}'
END AS reason
FROM typed
"""
# An order's time is the invoice's first, over all its lines.
_DOCUMENTS = """
CREATE TABLE document AS
SELECT *, row_number() OVER (ORDER BY row) - 1 AS position FROM (
    SELECT
        number, any_value(is_return) AS is_return, min(sold_at) AS sold_at,
        min(row) FILTER (WHERE reason IS NULL) AS row,
        arg_min(customer, row) FILTER (WHERE reason IS NULL) AS customer,
        arg_min(country, row) FILTER (WHERE reason IS NULL) AS country
    FROM line GROUP BY number HAVING count(*) FILTER (WHERE reason IS NULL) > 0
)
"""
_SKUS = f"""
CREATE TABLE sku AS
SELECT *, row_number() OVER (ORDER BY code) - 1 AS position FROM (
    SELECT
        sku AS code, coalesce(arg_max(name, (sold_at, row)) FILTER (WHERE name <> ''), sku) AS name,
        regexp_full_match(sku, '{SERVICE_CODES}') AS is_service,
        count(*) FILTER (WHERE NOT is_return) AS sale_count
    FROM line WHERE reason IS NULL GROUP BY sku
)
"""
_BOOKED = """
SELECT d.position AS document, s.position AS sku, row_number() OVER (PARTITION BY l.number ORDER BY l.row)
    AS line_no, l.qty, l.price_micros, l.amount
FROM line l JOIN document d USING (number) JOIN sku s ON s.code = l.sku
WHERE l.reason IS NULL ORDER BY l.row
"""


def import_online_retail(
    database: Database, *, path: Path, rejects_path: Path, now: datetime, progress: Progress
) -> ImportReport:
    """Import the file (`.csv`, or the same compressed with xz) into an empty database or its own.

    Everything is checked before the one writing transaction opens. Lines that are not imported go to
    `rejects_path` (CSV with BOM: the original columns, `row` with the header as row 1, `reason`). A second
    run changes nothing; of a longer file only invoices not yet present are added. Raises a `SourceError`
    naming row and column, `SecondNetworkError`, `StorageError`; the database is then as before.
    """
    progress(READING, 0, 1)
    content = read_file(path)
    key = content_key(SOURCE, content)
    source = parse_csv(content, file=path.name, columns=COLUMNS)
    del content
    progress(READING, 1, 1)
    progress(CHECKING, 0, source.num_rows)
    with duckdb.connect() as engine:
        load_lines(engine, source, file=path.name, now=now)
        history = _history(engine, path.name)
        rejects = _rejects(engine)
        counts, amounts = _counts(engine), _amounts(engine)
    progress(CHECKING, source.num_rows, source.num_rows)
    del source
    with staged_rejects(rejects_path, rejects):
        is_written = record(database, history, key=key, now=now, progress=progress)
    return ImportReport(SOURCE, CURRENCY, not is_written, rejects_path, counts, amounts)


def load_lines(engine: duckdb.DuckDBPyConnection, source: pa.Table, *, file: str, now: datetime) -> None:
    """Tables `source`, `line` (typed, with its rejection), `document` and `sku`; raises on bad cells."""
    engine.register("source", source)
    latest = now.astimezone(zone(ZONE)).replace(tzinfo=None)
    engine.execute("SET VARIABLE latest = ?::TIMESTAMP", [latest])
    check_cells(engine, "source", _CHECKS, file)
    for statement in (_LINES, _DOCUMENTS, _SKUS):
        engine.execute(statement)
    for column, own, first in (
        ("Customer ID", "l.customer", "d.customer"),
        ("Country", "l.country", "d.country"),
    ):
        mixed = engine.execute(
            f"SELECT l.row, {own} FROM line l JOIN document d USING (number) "
            f"WHERE l.reason IS NULL AND {own} <> {first} ORDER BY l.row LIMIT 1"
        ).fetchone()
        if mixed is not None:
            raise MixedDocumentError(file=file, row=mixed[0], column=column, value=repr(mixed[1]))


def _history(engine: duckdb.DuckDBPyConnection, file: str) -> History:
    local = zone(ZONE)
    rows = engine.execute(
        "SELECT number, is_return, customer, country, sold_at FROM document ORDER BY position"
    ).fetchall()
    if not rows:
        raise NothingToImportError(file=file)
    documents = [_document(*row, local=local) for row in rows]
    countries = sorted({row[3] for row in rows})
    booked = engine.execute(_BOOKED).fetchnumpy()
    return History(
        plan=NetworkPlan(
            brand_code=ROOT,
            brand_name="Online Retail",
            brand_name_en="Online Retail",
            region_code=ROOT,
            currency=CURRENCY,
            zone=ZONE,
            area_level=RegionLevel.COUNTRY,
            source=SOURCE,
            founded_on=min(document.booked_on for document in documents),
        ),
        regions=[
            RegionDraft(ROOT, "Online Retail", None, RegionLevel.GROUP),
            *(RegionDraft(region_code(name), name, ROOT, RegionLevel.COUNTRY) for name in countries),
        ],
        categories=[CategoryDraft(UNCATEGORISED, "未分类", "Uncategorised")],
        partners=_partners(engine),
        skus=[
            SkuDraft(code, name, UNCATEGORISED, SkuKind.SERVICE if is_service else SkuKind.GOODS)
            for code, name, is_service in engine.execute(
                "SELECT code, name, is_service FROM sku ORDER BY position"
            ).fetchall()
        ],
        documents=documents,
        lines=LineColumns(**{name: column.astype(np.int64) for name, column in booked.items()}),
    )


def region_code(country: str) -> str:
    """The code of a document's country in the import's own namespace: `OR-UNITED-KINGDOM`."""
    return f"{ROOT}-{re.sub(r'[^A-Z0-9]+', '-', country.upper())}"


def _document(
    number: str, is_return: bool, customer: str, country: str, at: datetime, *, local: ZoneInfo
) -> DocumentDraft:
    return DocumentDraft(
        number=number,
        is_return=is_return,
        partner_code=ROOT + customer,
        region_code=region_code(country),
        placed_at=at.replace(tzinfo=local).astimezone(UTC),
        booked_on=at.date(),
    )


def _partners(engine: duckdb.DuckDBPyConnection) -> list[PartnerDraft]:
    """Every customer of an imported line; at home where its latest document says."""
    rows = engine.execute(
        "SELECT customer, arg_max(country, (sold_at, row)) FROM document GROUP BY customer ORDER BY min(row)"
    ).fetchall()
    return [PartnerDraft(ROOT + code, f"Customer {code}", region_code(country)) for code, country in rows]


def _rejects(engine: duckdb.DuckDBPyConnection) -> pa.Table:
    columns = ", ".join(f's."{name}"' for name in COLUMNS)
    return engine.sql(
        f"SELECT {columns}, s.row, replace(l.reason, '_', ' ') AS reason "
        "FROM source s JOIN line l USING (row) WHERE l.reason IS NOT NULL ORDER BY s.row"
    ).to_arrow_table()


def _counts(engine: duckdb.DuckDBPyConnection) -> dict[str, int]:
    first, last = OVERLAP
    found = engine.execute(
        f"""
        SELECT
            count(*) AS lines,
            count(*) FILTER (WHERE reason IS NULL) AS imported,
            count(*) FILTER (WHERE reason IS NULL AND NOT is_return) AS sales_lines,
            count(*) FILTER (WHERE reason IS NULL AND is_return) AS return_lines,
            count(*) FILTER (WHERE reason <> '{Rejection.DUPLICATE}') AS rejected,
            count(*) FILTER (WHERE copy > 1) AS duplicates,
            count(*) FILTER (WHERE copy > 1 AND sold_at::DATE BETWEEN '{first}' AND '{last}')
                AS duplicates_overlap,
            count(DISTINCT number) FILTER (WHERE reason IS NULL AND NOT is_return) AS orders,
            count(DISTINCT number) FILTER (WHERE reason IS NULL AND is_return) AS returns,
            count(DISTINCT customer) FILTER (WHERE reason IS NULL AND NOT is_return) AS buying_customers,
            count(DISTINCT customer) FILTER (WHERE reason IS NULL) AS partners,
            (SELECT count(*) FROM sku) AS skus,
            (SELECT count(*) FROM sku WHERE sale_count > 0) AS skus_sold,
            (SELECT count(*) FROM sku WHERE is_service) AS service_skus
        FROM line
        """
    ).fetchnumpy()
    counts = {name: int(values[0]) for name, values in found.items()}
    counts["duplicates_elsewhere"] = counts["duplicates"] - counts["duplicates_overlap"]
    by_reason = dict(
        engine.execute("SELECT reason, count(*) FROM line WHERE reason IS NOT NULL GROUP BY 1").fetchall()
    )
    return counts | {f"rejected_{reason}": by_reason.get(reason, 0) for reason in _REASONS}


def _amounts(engine: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Exact sums, rounded once: `sales` (positive rows), `returns` (negative), `net_sales`, per reason."""
    sums = dict(
        engine.execute(
            "SELECT coalesce(reason, if(is_return, 'returns', 'sales')), sum(amount) FROM line GROUP BY 1"
        ).fetchall()
    )
    sales, returns = int(sums.get("sales", 0)), int(sums.get("returns", 0))
    micros = {"sales": sales, "returns": returns, "net_sales": sales + returns}
    micros |= {f"rejected_{reason}": int(sums.get(reason, 0)) for reason in _REASONS}
    return {name: micros_to_string(value, CURRENCY) for name, value in micros.items()}
