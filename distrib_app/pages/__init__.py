"""Pages describe. Importing this package fills the registry in the order of the navigation."""

# isort: off
from . import cockpit, sales_rows
from . import orders, order_pad, catalogue, stock
from . import partners, tiers, accounts
from . import login

__all__ = [
    "accounts",
    "catalogue",
    "cockpit",
    "login",
    "order_pad",
    "orders",
    "partners",
    "sales_rows",
    "stock",
    "tiers",
]
