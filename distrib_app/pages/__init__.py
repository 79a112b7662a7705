"""Pages describe. Importing this package fills the registry in the order of the navigation."""

# isort: off
from . import cockpit, sales_rows
from . import orders, catalogue, stock
from . import login

__all__ = ["catalogue", "cockpit", "login", "orders", "sales_rows", "stock"]
