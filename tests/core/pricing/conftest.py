"""The network of these tests, on both databases."""

from ..accounts.network import net, postgres_net, sqlite_net

__all__ = ["net", "postgres_net", "sqlite_net"]
