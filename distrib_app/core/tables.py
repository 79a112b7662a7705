"""All tables in one import, so that the metadata is whole wherever it is asked for."""

from .accounts import models as _accounts
from .analytics import models as _analytics
from .catalog import models as _catalog
from .channels import models as _channels
from .inventory import carrier_models as _carriers
from .inventory import lot_models as _lots
from .inventory import models as _inventory
from .inventory import planning_models as _planning
from .inventory import shipping_models as _shipping
from .inventory import transfer_models as _transfers
from .journal import models as _journal
from .kernel import access as _access
from .kernel import events as _events
from .kernel import idempotency as _idempotency
from .kernel import ledger as _ledger
from .kernel import numbers as _numbers
from .kernel.db import metadata
from .orders import models as _orders
from .orders import production_models as _production
from .orders import tracking_models as _tracking
from .pricing import models as _pricing
from .workbench import holds as _holds
from .workbench import job_models as _jobs
from .workbench import models as _workbench

__all__ = ["metadata"]

_ALL = (
    _access,
    _accounts,
    _analytics,
    _carriers,
    _catalog,
    _channels,
    _events,
    _holds,
    _idempotency,
    _inventory,
    _jobs,
    _journal,
    _ledger,
    _lots,
    _numbers,
    _orders,
    _planning,
    _pricing,
    _production,
    _shipping,
    _transfers,
    _tracking,
    _workbench,
)
