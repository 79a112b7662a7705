"""REST: one router per core package, session routes, the guard in front of everything. No decisions."""

from .app import create_api
from .guard import Guard

__all__ = ["Guard", "create_api"]
