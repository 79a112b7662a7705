"""The lake of this process, as the settings place it."""

from .core.analytics import LakeStore, get_store, sync_lake
from .core.analytics.lake import SyncReport
from .core.kernel.clock import utc_now
from .core.kernel.settings import get_settings
from .gate import get_database


def get_lake() -> LakeStore:
    """The cached lake."""
    return get_store(get_database(), get_settings().lake)


def sync() -> SyncReport:
    """Bring new postings into the lake."""
    return sync_lake(get_database(), get_settings().lake, now=utc_now())
