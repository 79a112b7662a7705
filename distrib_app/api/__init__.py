"""REST: one router per core package, session routes, the guard in front of everything. No decisions."""

from . import (
    account,
    accounts,
    admin,
    analytics,
    approvals,
    catalog,
    channels,
    comments,
    customers,
    documents,
    exports,
    files,
    imports,
    inventory,
    jobs,
    me,
    notices,
    orders,
    pricing,
    search,
    tasks,
    users,
    views,
)
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
    search.router,
    documents.router,
    views.router,
    me.router,
    account.router,
    users.router,
    admin.router,
    customers.router,
    jobs.router,
    imports.router,
    exports.router,
    comments.router,
    files.router,
    notices.router,
    tasks.router,
    approvals.router,
]

__all__ = ["ROUTERS", "Guard", "create_api"]
