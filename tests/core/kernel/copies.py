"""A database that is set back only after something was committed: most tests read or are refused."""

from typing import Any

from sqlalchemy import event

from distrib_app.core.kernel.db import Database
from tests.core.inventory.copies import PostgresCopies, SqliteCopies


class LazyCopies:
    """Copies whose `fresh` costs nothing while the engine has committed nothing.

    What another engine or process commits is not noticed; a test that lets one write commits itself too.
    """

    def __init__(self, copies: SqliteCopies | PostgresCopies) -> None:
        self._copies = copies
        self._is_touched = True
        event.listen(copies.database.engine, "commit", self._touch)

    def _touch(self, connection: Any) -> None:
        if not connection.get_execution_options().get("postgresql_readonly"):
            self._is_touched = True

    def fresh(self) -> Database:
        """The database as it was built."""
        if self._is_touched:
            self._copies.fresh()
            self._is_touched = False
        return self._copies.database
