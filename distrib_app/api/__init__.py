"""REST: one router per core package, session routes, the guard in front of everything. No decisions."""

from . import accounts, analytics, catalog, channels, inventory, orders, pricing
from .app import create_api
from .guard import Guard

ROUTERS = [
    channels.router,
    catalog.router,
    pricing.router,
    inventory.router,
    accounts.router,
    orders.router,
    analytics.router,
]

__all__ = ["ROUTERS", "Guard", "create_api"]
