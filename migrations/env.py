"""Alembic's entry: runs on the connection handed over by `core.kernel.migrate`."""

from typing import Any

from alembic import context
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from distrib_app.core.kernel.money import UnitPrice
from distrib_app.core.tables import metadata


def render_plainly(kind: str, item: Any, _context: Any) -> str | bool:
    """Migrations name plain SQLAlchemy types, so they outlive our own."""
    if kind == "type":
        if isinstance(item, AutoString):
            return f"sa.String(length={item.impl.length})" if item.impl.length else "sa.String()"
        if isinstance(item, UTCDateTime):
            return "sa.DateTime(timezone=True)"
        if isinstance(item, UnitPrice):
            return "sa.BigInteger()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    compare_type=True,
    render_as_batch=True,
    render_item=render_plainly,
)
with context.begin_transaction():
    context.run_migrations()
