"""`upgrade head` equals the metadata on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.migrate import upgrade
from distrib_app.core.tables import metadata


def test_head_equals_the_metadata(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata()) == []


def test_upgrade_twice_changes_nothing(database: Database) -> None:
    upgrade(database)
    with database.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() is not None
