"""The town of the channels tests, on both databases."""

from tests.core.channels.conftest import postgres_towns, sqlite_towns, town, who

__all__ = ["postgres_towns", "sqlite_towns", "town", "who"]
