"""Pages describe. Importing this package fills the registry in the order of the navigation."""

# isort: off
from . import cockpit, sales_rows
from . import tasks, approvals
from . import orders, fulfilments, control_tower, order_pad, catalogue, stock, network_stock, stock_record
from . import replenishment, transfers, transfer_record, water_lines, quotas, production
from . import partners, customers, tiers, accounts
from . import preferences
from . import imports, jobs
from . import users, roles, carriers, audit
from . import account
from . import notices
from . import login
from . import door
from . import tracking

__all__ = [
    "account",
    "accounts",
    "approvals",
    "audit",
    "carriers",
    "catalogue",
    "cockpit",
    "control_tower",
    "customers",
    "door",
    "fulfilments",
    "imports",
    "jobs",
    "login",
    "network_stock",
    "notices",
    "order_pad",
    "orders",
    "partners",
    "preferences",
    "production",
    "quotas",
    "replenishment",
    "roles",
    "sales_rows",
    "stock",
    "stock_record",
    "tasks",
    "tiers",
    "tracking",
    "transfer_record",
    "transfers",
    "users",
    "water_lines",
]
