"""Pages describe. Importing this package fills the registry in the order of the navigation."""

from . import login

__all__ = ["login"]
