"""Lists that go on behind a row: the same order in windows of any size, nulls and ties included."""

import pytest
from sqlmodel import Session, col

from distrib_app.core.channels import Partner
from distrib_app.core.channels.queries import PARTNERS
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.keyset import BadCursorError
from distrib_app.core.kernel.listing import ListQuery, ListSpec, run
from tests.core.channels.town import build_town

# the brand has no parent: a null among the sort values, and ties among siblings
BY_PARENT = ListSpec(
    entity=Partner,
    key=(col(Partner.id),),
    sorts={"parent": (col(Partner.parent_id),), "kind": (col(Partner.kind), col(Partner.parent_id))},
    default_sort="parent",
)


def windows(session: Session, spec: ListSpec, sort: str, limit: int) -> list[object]:
    """The whole list, window by window."""
    rows, after = [], None
    while True:
        found = run(session, spec, ListQuery(sort=sort, limit=limit, after=after))
        rows += found.rows
        after = found.end
        if after is None:
            return rows


@pytest.mark.parametrize("sort", ["parent", "-parent", "kind", "-kind"])
def test_windows_add_up_to_the_list(database: Database, sort: str) -> None:
    with database.write(SYSTEM) as session:
        build_town(session)
    with database.read(SYSTEM) as session:
        whole = run(session, BY_PARENT, ListQuery(sort=sort, limit=200))
        assert whole.end is None
        assert [row.parent_id for row in whole.rows].count(None) == 1
        if "parent" in sort:
            assert whole.rows[-1].parent_id is None  # whichever way
        for limit in (1, 2, 3):
            assert windows(session, BY_PARENT, sort, limit) == list(whole.rows)


@pytest.mark.parametrize("sort", ["tier", "-tier", "name", "-name", "region"])
def test_several_columns_and_texts(database: Database, sort: str) -> None:
    with database.write(SYSTEM) as session:
        build_town(session)
    with database.read(SYSTEM) as session:
        whole = list(run(session, PARTNERS, ListQuery(sort=sort, limit=200)).rows)
        assert len(whole) > 3
        assert windows(session, PARTNERS, sort, 1) == whole


@pytest.mark.parametrize("after", [(1,), ("text", 1), (1, 2, 3), (2**63, 1), (b"x", [])])
def test_what_no_row_can_have_is_no_cursor(database: Database, after: tuple[object, ...]) -> None:
    """SQLite compares a text with a number; then nothing comes behind it, which is an answer as well."""
    with database.read(SYSTEM) as session:
        try:
            assert run(session, BY_PARENT, ListQuery(after=after)).rows == ()
        except BadCursorError:
            session.rollback()
