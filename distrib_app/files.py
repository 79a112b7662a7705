"""The file storage of this process for what people send, as the settings place and limit it."""

from functools import lru_cache

from .core.kernel.settings import get_settings
from .core.workbench import FileStore


def get_files() -> FileStore:
    """Where uploaded files lie; takes files up to the size the settings allow."""
    settings = get_settings()
    return _store(settings.files, settings.file_max_bytes)


@lru_cache(maxsize=8)
def _store(url: str, max_bytes: int) -> FileStore:
    return FileStore(url, max_bytes=max_bytes)
