"""Networks to look at: importers of real data sets."""

from .adventureworks import import_adventureworks
from .generate import DemoReport, generate_demo
from .imports import ImportReport, Progress
from .online_retail import import_online_retail
from .volume import generate_volume

__all__ = [
    "DemoReport",
    "ImportReport",
    "Progress",
    "generate_demo",
    "generate_volume",
    "import_adventureworks",
    "import_online_retail",
]
