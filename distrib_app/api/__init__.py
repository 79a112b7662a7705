"""REST: one router per core package, the session routes and the guard in front of everything. No decisions."""

from .app import create_api
from .guard import Guard

__all__ = ["Guard", "create_api"]
