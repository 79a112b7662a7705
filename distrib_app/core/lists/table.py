"""The table of lists: name in addresses, in saved views and in job arguments → list."""

from ..kernel.errors import NotFoundError
from .administration import AUDIT, USERS
from .customers import CUSTOMERS
from .documents import ACCOUNTS, INVOICES, PRICES, RECEIPTS, SALES_ROWS
from .frame import ListPage
from .masters import CATALOGUE, PARTNERS, STOCK
from .orders import ORDERS, PARTS, TOWER
from .planning import QUOTAS, SUGGESTIONS, WATER_LINES
from .stock import MOVEMENTS, NETWORK
from .transfers import TRANSFERS

LISTS: dict[str, ListPage] = {
    "orders": ORDERS,
    "fulfilments": PARTS,
    "control-tower": TOWER,
    "partners": PARTNERS,
    "catalogue": CATALOGUE,
    "stock": STOCK,
    "suggestions": SUGGESTIONS,
    "water-lines": WATER_LINES,
    "quotas": QUOTAS,
    "transfers": TRANSFERS,
    "movements": MOVEMENTS,
    "network-stock": NETWORK,
    "accounts": ACCOUNTS,
    "invoices": INVOICES,
    "receipts": RECEIPTS,
    "prices": PRICES,
    "sales-rows": SALES_ROWS,
    "customers": CUSTOMERS,
    "users": USERS,
    "audit": AUDIT,
}


def find_list(name: str) -> ListPage:
    """A list by name. Raises `NotFoundError`."""
    if name not in LISTS:
        raise NotFoundError(kind="list", key=name[:40])
    return LISTS[name]
