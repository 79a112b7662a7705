"""Pages describe. Importing this package fills the registry in the order of the navigation."""

from . import cockpit, login

__all__ = ["cockpit", "login"]
