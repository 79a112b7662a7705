"""Pages describe. Importing this package fills the registry in the order of the navigation."""

# isort: off
from . import cockpit, sales_rows
from . import tasks, approvals
from . import orders, order_pad, catalogue, stock
from . import partners, customers, tiers, accounts
from . import preferences
from . import imports, jobs
from . import users, roles, audit
from . import account
from . import notices
from . import login
from . import door

__all__ = [
    "account",
    "accounts",
    "approvals",
    "audit",
    "catalogue",
    "cockpit",
    "customers",
    "door",
    "imports",
    "jobs",
    "login",
    "notices",
    "order_pad",
    "orders",
    "partners",
    "preferences",
    "roles",
    "sales_rows",
    "stock",
    "tasks",
    "tiers",
    "users",
]
