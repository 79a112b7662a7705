"""The AdventureWorks tables as they lie in a folder: reading them, and every check over their cells.

Money columns must be decimals in the file; a price never passes through a binary float.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pa_parquet

from .errors import (
    BadDateError,
    BadPriceError,
    BadQuantityError,
    BadTextError,
    BadValueError,
    UnknownKeyError,
    UnreadableFileError,
    WrongColumnsError,
    WrongTypeError,
)
from .imports import READING, CellCheck, Progress, check_cells, content_key, is_text, read_file

SOURCE = "adventureworks"
FACTS = "FactResellerSales"
_KINDS: dict[str, Callable[[pa.DataType], bool]] = {
    "number": lambda kind: pa.types.is_integer(kind) or pa.types.is_floating(kind),
    "decimal": lambda kind: pa.types.is_decimal(kind) and 0 <= kind.scale <= 6,
    "text": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
    "time": lambda kind: pa.types.is_timestamp(kind) or pa.types.is_date(kind),
}
# Every table with the columns that are read, and their kind.
TABLES: dict[str, dict[str, str]] = {
    FACTS: {
        "ProductKey": "number", "ResellerKey": "number", "EmployeeKey": "number",
        "SalesTerritoryKey": "number", "SalesOrderNumber": "text", "SalesOrderLineNumber": "number",
        "OrderQuantity": "number", "UnitPrice": "decimal", "SalesAmount": "decimal", "OrderDate": "time",
    },
    "DimReseller": {
        "ResellerKey": "number", "GeographyKey": "number", "ResellerAlternateKey": "text",
        "ResellerName": "text",
    },
    "DimGeography": {"GeographyKey": "number", "SalesTerritoryKey": "number"},
    "DimSalesTerritory": {
        "SalesTerritoryKey": "number", "SalesTerritoryRegion": "text", "SalesTerritoryCountry": "text",
        "SalesTerritoryGroup": "text",
    },
    "DimProduct": {
        "ProductKey": "number", "ProductAlternateKey": "text", "ProductSubcategoryKey": "number",
        "EnglishProductName": "text", "ChineseDescription": "text", "EnglishDescription": "text",
        "StartDate": "time",
    },
    "DimProductSubcategory": {
        "ProductSubcategoryKey": "number", "EnglishProductSubcategoryName": "text",
        "ProductCategoryKey": "number",
    },
    "DimProductCategory": {"ProductCategoryKey": "number", "EnglishProductCategoryName": "text"},
    "FactSalesQuota": {"SalesQuotaKey": "number"},
}  # fmt: skip


def _is_key_of(table: str, column: str) -> str:
    return f'"{column}" IN (SELECT "{column}" FROM {table})'


def _is_unique(table: str) -> CellCheck:
    key = next(iter(TABLES[table]))
    repeated = f"SELECT {key} FROM {table} GROUP BY 1 HAVING count(*) > 1"
    return CellCheck(key, f"{key} IS NOT NULL AND {key} NOT IN ({repeated})", UnknownKeyError)


def _text(column: str, length: int) -> CellCheck:
    return CellCheck(column, is_text(column, 1, length), BadTextError)


_SOLD = f"ProductKey IN (SELECT ProductKey FROM {FACTS})"
_REPEATED_RESELLER = "SELECT ResellerAlternateKey FROM DimReseller GROUP BY 1 HAVING count(*) > 1"
CHECKS: dict[str, tuple[CellCheck, ...]] = {
    "DimProductCategory": (_is_unique("DimProductCategory"), _text("EnglishProductCategoryName", 80)),
    "DimProductSubcategory": (
        _is_unique("DimProductSubcategory"),
        _text("EnglishProductSubcategoryName", 80),
        CellCheck(
            "ProductCategoryKey", _is_key_of("DimProductCategory", "ProductCategoryKey"), UnknownKeyError
        ),
    ),
    "DimProduct": (
        _is_unique("DimProduct"),
        _text("ProductAlternateKey", 60),
        _text("EnglishProductName", 200),
        CellCheck(
            "ProductSubcategoryKey",  # parts that are never sold have none
            f"CASE WHEN ProductSubcategoryKey IS NULL THEN NOT ({_SOLD}) "
            f"ELSE {_is_key_of('DimProductSubcategory', 'ProductSubcategoryKey')} END",
            UnknownKeyError,
        ),
    ),
    "DimSalesTerritory": (
        _is_unique("DimSalesTerritory"),
        *(_text(f"SalesTerritory{level}", 35) for level in ("Group", "Country", "Region")),
    ),
    "DimGeography": (_is_unique("DimGeography"),),
    "DimReseller": (
        _is_unique("DimReseller"),
        _text("ResellerAlternateKey", 40),
        _text("ResellerName", 160),
        CellCheck(
            "ResellerAlternateKey", f"ResellerAlternateKey NOT IN ({_REPEATED_RESELLER})", UnknownKeyError
        ),
        CellCheck(
            "GeographyKey",
            "GeographyKey IN (SELECT GeographyKey FROM DimGeography JOIN DimSalesTerritory "
            "USING (SalesTerritoryKey))",
            UnknownKeyError,
        ),
    ),
    FACTS: (
        CellCheck("ProductKey", _is_key_of("DimProduct", "ProductKey"), UnknownKeyError),
        CellCheck("ResellerKey", _is_key_of("DimReseller", "ResellerKey"), UnknownKeyError),
        CellCheck("SalesTerritoryKey", _is_key_of("DimSalesTerritory", "SalesTerritoryKey"), UnknownKeyError),
        CellCheck("EmployeeKey", "EmployeeKey IS NOT NULL", BadValueError),
        _text("SalesOrderNumber", 40),
        CellCheck("SalesOrderLineNumber", "SalesOrderLineNumber BETWEEN 1 AND 999999", BadQuantityError),
        CellCheck(
            "OrderQuantity",
            "abs(OrderQuantity) <= 999999 AND OrderQuantity = trunc(OrderQuantity)",
            BadQuantityError,
        ),
        CellCheck("UnitPrice", "UnitPrice >= 0 AND UnitPrice < 1000000", BadPriceError),
        CellCheck("SalesAmount", "abs(SalesAmount) < 1000000000", BadPriceError),
        CellCheck(
            "OrderDate", "OrderDate BETWEEN '1970-01-01' AND getvariable('latest')::TIMESTAMP", BadDateError
        ),
    ),
}


def file_of(table: str) -> str:
    """The file a table lies in."""
    return f"{table}.parquet"


def load_tables(engine: duckdb.DuckDBPyConnection, folder: Path, progress: Progress) -> str:
    """Register every table (with `row`, the first being 1) and return the key of the content.

    Raises `UnreadableFileError`, `WrongColumnsError`, `WrongTypeError`.
    """
    contents: list[bytes] = []
    for done, (table, columns) in enumerate(TABLES.items()):
        progress(READING, done, len(TABLES))
        contents.append(read_file(folder.joinpath(file_of(table))))
        found = _parse(contents[-1], table, columns)
        rows = pa.array(range(1, found.num_rows + 1), pa.int64())
        engine.register(table, found.append_column("row", rows))
    progress(READING, len(TABLES), len(TABLES))
    return content_key(SOURCE, *contents)


def _parse(content: bytes, table: str, columns: dict[str, str]) -> pa.Table:
    file = file_of(table)
    try:
        schema = pa_parquet.read_schema(pa.BufferReader(content))
        missing = [name for name in columns if name not in schema.names]
        if missing:
            raise WrongColumnsError(file=file, missing=", ".join(missing), unknown="–")
        for name, kind in columns.items():
            found = schema.field(name).type
            if not _KINDS[kind](found):
                raise WrongTypeError(file=file, column=name, found=str(found), expected=kind)
        return pa_parquet.read_table(pa.BufferReader(content), columns=list(columns))
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFileError(file=file, cause=str(error).splitlines()[0]) from error


def check_tables(engine: duckdb.DuckDBPyConnection, *, now: datetime) -> None:
    """Raise the `BadValueError` of the first bad cell, table by table, referenced tables first."""
    engine.execute("SET VARIABLE latest = ?::TIMESTAMP", [now.replace(tzinfo=None)])
    for table, checks in CHECKS.items():
        check_cells(engine, table, checks, file_of(table))
