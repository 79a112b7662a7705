"""Networks to look at: importers of real data sets."""

from .adventureworks import import_adventureworks
from .imports import ImportReport, Progress
from .online_retail import import_online_retail

__all__ = ["ImportReport", "Progress", "import_adventureworks", "import_online_retail"]
