"""The lake, the metrics, the cockpit."""

from .cockpit import available_views, get_cockpit, is_brand
from .disclosure import Disclosure, protect
from .drill import RowsQuery, SalesRow, list_sales_rows
from .errors import FiguresHiddenError, NoFiguresError
from .export import cockpit_json
from .lake import compact_lake, lake_lock, sync_lake, write_lake_batches
from .metrics import METRICS, PARTNER_METRICS, Figures, Metric
from .models import LakeFile
from .rows import CellRow, Cockpit, CockpitQuery, MonthRow, View
from .store import LakeStore, LakeVersion, get_store

__all__ = [
    "METRICS",
    "PARTNER_METRICS",
    "CellRow",
    "Cockpit",
    "CockpitQuery",
    "Disclosure",
    "Figures",
    "FiguresHiddenError",
    "LakeFile",
    "LakeStore",
    "LakeVersion",
    "Metric",
    "MonthRow",
    "NoFiguresError",
    "RowsQuery",
    "SalesRow",
    "View",
    "available_views",
    "cockpit_json",
    "compact_lake",
    "get_cockpit",
    "get_store",
    "is_brand",
    "lake_lock",
    "list_sales_rows",
    "protect",
    "sync_lake",
    "write_lake_batches",
]
