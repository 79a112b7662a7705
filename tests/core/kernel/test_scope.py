"""What an actor sees of every scoped table, however it asks: nothing forgets the clause."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ColumnElement, and_, exists, inspect, literal, or_, true, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, delete, func, select, update

from distrib_app.core.accounts import TradingAccount
from distrib_app.core.channels import Network, Partner, Region, move_partner
from distrib_app.core.journal import JournalLeg
from distrib_app.core.kernel.access import (
    ALL_SCOPE,
    NO_SCOPE,
    SYSTEM,
    Actor,
    Level,
    MissingActorError,
    Resource,
    Scope,
    document_clause,
    master_clause,
    scoped_models,
    starts_with,
    unscoped,
)
from distrib_app.core.kernel.db import Database, get_by
from distrib_app.core.kernel.errors import UnreachedTableError
from distrib_app.core.orders import SalesOrder
from tests.core.channels.town import actor, build_town, partner_ids
from tests.core.inventory.copies import PostgresCopies, SqliteCopies

from .scoped_rows import Keys, write_rows

NOBODY = Actor(user_id=None, username="nobody", name="nobody")
MODELS = pytest.mark.parametrize("model", scoped_models(), ids=lambda model: model.__name__)


class Rows:
    """The copies of one database server, and the keys of the rows that `build` wrote there."""

    copies: SqliteCopies | PostgresCopies

    def __init__(self) -> None:
        self.keys: Keys = {}

    def build(self, session: Session) -> None:
        """The town with a pair of rows in every scoped table."""
        build_town(session)
        self.keys = write_rows(session)


@pytest.fixture(scope="module")
def sqlite_rows(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    rows = Rows()
    rows.copies = SqliteCopies(sqlite_template, tmp_path_factory.mktemp("rows"), rows.build)
    return rows


@pytest.fixture(scope="module")
def postgres_rows(postgres_url: str, postgres_template: str) -> Iterator[Rows]:
    rows = Rows()
    rows.copies = PostgresCopies(postgres_url, postgres_template, rows.build)
    yield rows
    rows.copies.close()


def keep(rows: Rows) -> "Kept":
    """A database as it was built, its keys and its actors."""
    database = rows.copies.fresh()
    return database, rows.keys, {name: actor(database, name) for name in ("gz", "sz", "gd", "js", "boss")}


@pytest.fixture(scope="module")
def on_sqlite(sqlite_rows: Rows) -> "Kept":
    """For tests that ask a lot; the clauses are the same on both servers."""
    return keep(sqlite_rows)


@pytest.fixture(scope="module", params=["sqlite_rows", "postgres_rows"])
def rows(request: pytest.FixtureRequest) -> Rows:
    """One server after the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def kept(rows: Rows) -> "Kept":
    """One database for all tests that change nothing."""
    return keep(rows)


@pytest.fixture
def fresh(rows: Rows) -> Iterator[Database]:
    """The same for tests that write; set back after them."""
    yield rows.copies.fresh()
    rows.copies.fresh()


Kept = tuple[Database, Keys, dict[str, Actor]]


def columns_of(model: Any) -> list[Any]:
    """The columns of the primary key."""
    return [getattr(model, column.key) for column in inspect(model).mapper.primary_key]


def is_key(model: Any, key: tuple[Any, ...]) -> ColumnElement[bool]:
    """The row with this key."""
    return and_(*(column == part for column, part in zip(columns_of(model), key, strict=True)))


def keys_seen(session: Session, model: type[SQLModel]) -> set[tuple[Any, ...]]:
    """Keys of all rows a session shows."""
    return {tuple(row) for row in session.execute(select(*columns_of(model)))}


def test_every_scoped_table_is_shown(kept: Kept) -> None:
    _database, keys, _actors = kept
    assert set(keys) == set(scoped_models())
    assert len(keys) >= 17


@MODELS
def test_a_city_agent_sees_its_own_however_it_asks(on_sqlite: Kept, model: type[SQLModel]) -> None:
    database, keys, actors = on_sqlite
    mine, others = keys[model]["GZ"], keys[model]["SZ"]
    alias: Any = aliased(model)
    first = columns_of(model)[0]
    with database.read(actors["gz"]) as session:
        rows = session.exec(select(model).where(or_(is_key(model, mine), is_key(model, others)))).all()
        assert [tuple(inspect(model).primary_key_from_instance(row)) for row in rows] == [mine]
        within = or_(is_key(model, mine), is_key(model, others))
        assert session.exec(select(func.count()).select_from(model).where(within)).one() == 1
        assert session.exec(select(func.sum(first)).where(within)).one() == mine[0]
        assert session.exec(select(exists(first).where(is_key(model, others)))).one() is False
        assert session.exec(select(exists(first).where(is_key(model, mine)))).one() is True
        assert session.execute(select(*columns_of(alias)).where(is_key(alias, others))).first() is None
        joined = select(func.count()).select_from(Network).join(alias, is_key(alias, others))
        assert session.exec(joined).one() == 0
        subquery = select(func.count()).select_from(select(model).where(within).subquery())
        assert session.exec(subquery).one() == 1
        both = union_all(select(first).where(is_key(model, others)), select(first).where(is_key(model, mine)))
        assert session.execute(both).scalars().all() == [mine[0]]
        cte = select(first.label("key")).where(within).cte()
        assert session.execute(select(cte.c.key)).scalars().all() == [mine[0]]


@MODELS
def test_what_is_out_of_scope_is_not_got_changed_or_deleted(on_sqlite: Kept, model: type[SQLModel]) -> None:
    database, keys, actors = on_sqlite
    mine, others = keys[model]["GZ"], keys[model]["SZ"]
    first = columns_of(model)[0]
    with database.read(actors["gz"]) as session:
        assert session.get(model, others) is None
        assert session.get(model, mine) is not None
    untouched = {first.key: first}
    with database.write(actors["gz"]) as session:
        for synchronize in (False, "auto"):
            options = {"synchronize_session": synchronize}
            within = or_(is_key(model, mine), is_key(model, others))
            changed = update(model).where(within).values(untouched)
            assert session.execute(changed, execution_options=options).rowcount == 1
            removed = delete(model).where(is_key(model, others))
            assert session.execute(removed, execution_options=options).rowcount == 0
    with database.read(SYSTEM) as session:
        assert {mine, others} <= keys_seen(session, model)


@MODELS
def test_who_has_no_grant_sees_nothing_and_who_has_all_sees_both(kept: Kept, model: type[SQLModel]) -> None:
    database, keys, actors = kept
    pair = set(keys[model].values())
    shown = {}
    for name, person in {**actors, "nobody": NOBODY, "system": SYSTEM}.items():
        with database.read(person) as session:
            shown[name] = keys_seen(session, model) & pair
    above = pair if model.__scope_resource__ in (Resource.PARTNERS, Resource.SALES_DOCUMENTS) else set()
    # what a company works with and whom it sells to is not even the brand's to see
    brands = set() if model.__scope_resource__ in (Resource.WORK, Resource.CUSTOMERS) else pair
    assert shown == {
        "gz": {keys[model]["GZ"]},
        "sz": {keys[model]["SZ"]},
        "gd": above,  # the parent sees the trade of its subtree, neither its stock nor its books
        "js": set(),
        "boss": brands,
        "nobody": set(),
        "system": pair,
    }


@MODELS
def test_without_an_actor_no_statement_runs(on_sqlite: Kept, model: type[SQLModel]) -> None:
    database, keys, _actors = on_sqlite
    statements = (
        select(model),
        select(func.count()).select_from(model),
        update(model).values({columns_of(model)[0].key: columns_of(model)[0]}),
        delete(model),
    )
    for statement in statements:
        with pytest.raises(MissingActorError), database.write() as session:
            session.execute(statement)
    with pytest.raises(MissingActorError), database.read() as session:
        session.get(model, keys[model]["GZ"])
    with database.read(SYSTEM) as session:
        assert set(keys[model].values()) <= keys_seen(session, model)


def test_unscoped_says_why_nests_and_ends(kept: Kept) -> None:
    database, _keys, actors = kept

    def count() -> int:
        return session.exec(select(func.count()).select_from(SalesOrder)).one()

    def fail() -> None:
        with unscoped(session, "something breaks"):
            raise ZeroDivisionError

    with database.read(actors["gz"]) as session:
        with pytest.raises(ValueError, match="unscoped needs a reason"), unscoped(session, ""):
            pass
        found = [count()]
        with unscoped(session, "uniqueness"):
            found.append(count())
            with unscoped(session, "credit"):
                found.append(count())
            found.append(count())
        found.append(count())
        with pytest.raises(ZeroDivisionError):
            fail()
        found.append(count())
    assert found == [1, 2, 2, 2, 1, 1]


def test_an_alias_joined_by_hand_is_filtered_like_its_table(kept: Kept) -> None:
    """The parent above the actor and the partner beside it stay unseen in every kind of join."""
    database, _keys, actors = kept
    above, beside = aliased(Partner), aliased(Partner)
    asked: dict[str, Any] = {
        "inner": select(Partner.code, above.code).join(above, above.id == Partner.parent_id),
        "outer": select(Partner.code, above.code).outerjoin(above, above.id == Partner.parent_id),
        "two": select(above.code, beside.code)
        .select_from(TradingAccount)
        .outerjoin(above, above.id == TradingAccount.seller_id)
        .outerjoin(beside, beside.id == TradingAccount.buyer_id),
        "cross": select(above.code, beside.code).where(above.parent_id == beside.id),
        "in": select(Partner.code, literal("")).where(
            col(Partner.parent_id).in_(select(above.id).join(beside, beside.id == above.parent_id))
        ),
        "scalar": select(
            Partner.code, select(above.code).where(above.id == Partner.parent_id).scalar_subquery()
        ),
        "nested": select(aliased(Partner, select(Partner).subquery()).code, literal("")),
        "all": select(above.code, literal("")).join(beside, true()).where(beside.code == "SZ"),
    }
    found: dict[str, dict[str, set[tuple[Any, ...]]]] = {}
    for _ in range(2):  # the second time every statement comes from the cache
        for name in ("gz", "gd", "sz"):
            with database.read(actors[name]) as session:
                found[name] = {key: {tuple(row) for row in session.execute(asked[key])} for key in asked}
        assert found["gz"] == {
            "inner": {("TH", "GZ")},
            "outer": {("TH", "GZ"), ("GZ", None)},
            "two": {(None, "GZ")},
            "cross": {("TH", "GZ")},
            "in": set(),
            "scalar": {("TH", "GZ"), ("GZ", None)},
            "nested": {("GZ", ""), ("TH", "")},
            "all": set(),
        }
        assert found["gd"]["inner"] == {("GZ", "GD"), ("SZ", "GD"), ("TH", "GZ")}
        assert found["gd"]["outer"] == found["gd"]["inner"] | {("GD", None)}
        assert found["gd"]["in"] == {("TH", "")}
        assert found["sz"]["outer"] == {("SZ", None)}
        assert found["sz"]["two"] == {(None, "SZ")}
        assert found["sz"]["all"] == {("SZ", "")}


def test_one_statement_serves_all_actors_from_the_cache(kept: Kept) -> None:
    """The clause's values are parameters: one compiled statement, another answer for each actor."""
    database, _keys, actors = kept
    above = aliased(Partner)
    statement = select(Partner.code).join(above, above.id == Partner.parent_id).order_by(Partner.code)
    answers = {}
    with database.read(actors["gz"]) as session:
        session.exec(statement).all()
    compiled = len(database.engine._compiled_cache)
    for name in ("gd", "sz", "js", "gz"):
        with database.read(actors[name]) as session:
            answers[name] = session.exec(statement).all()
    assert answers == {"gd": ["GZ", "SZ", "TH"], "sz": [], "js": ["NJ"], "gz": ["TH"]}
    assert len(database.engine._compiled_cache) == compiled


def beyond_reach() -> dict[str, Any]:
    """Statements that the ORM compiles without its options, or that hide such a part."""
    table = Partner.__table__
    either = or_(Partner.code == "SZ", Partner.name == "x")
    hidden = select(literal(1).label("one")).where(either)
    subquery, cte = hidden.subquery(), hidden.cte()
    return {
        "either": select(literal(1)).where(either),
        "count": select(func.count()).where(either),
        "exists": select(exists().where(either)),
        "table": select(table.c.code),
        "alias": select(table.alias().c.code),
        "join": select(
            table.join(TradingAccount.__table__, table.c.id == TradingAccount.__table__.c.buyer_id)
        ),
        "subquery": select(subquery.c.one),
        "joined": select(Region.code).join(subquery, subquery.c.one == Region.id),
        "cte": select(Region.code).where(col(Region.id).in_(select(cte.c.one))),
        "nested": select(Region.code).where(exists().where(either)),
        "scalar": select(select(func.count()).where(either).scalar_subquery()),
        "union": union_all(select(Region.code), select(table.c.code)),
        "update": update(table).values(name="x"),
        "delete": delete(table),
    }


@pytest.mark.parametrize("name", sorted(beyond_reach()))
def test_what_the_scope_cannot_reach_is_refused(on_sqlite: Kept, name: str) -> None:
    database, _keys, actors = on_sqlite
    statement = beyond_reach()[name]
    says = pytest.raises(UnreachedTableError, match=r"name the entity of (partner|trading_account)")
    for reader in (actors["gz"], actors["boss"], NOBODY):
        with says, database.write(reader) as session:
            session.execute(statement)
    with database.read(SYSTEM) as session:
        assert session.exec(select(func.count(Partner.id)).where(Partner.name == "x")).one() == 0


def test_the_same_asked_by_its_entity_is_answered(on_sqlite: Kept) -> None:
    database, _keys, actors = on_sqlite
    either = or_(Partner.code == "SZ", Partner.code == "GZ")
    with database.read(actors["gz"]) as session:
        assert session.exec(select(func.count(Partner.id)).where(either)).one() == 1
        assert session.exec(select(func.count()).select_from(Partner).where(either)).one() == 1
        assert session.exec(select(exists(Partner.id).where(either, Partner.code == "SZ"))).one() is False
        assert session.exec(select(func.count()).select_from(select(Partner).subquery())).one() == 2
        tree = select(Partner.id, Partner.parent_id).where(Partner.code == "GZ").cte(recursive=True)
        tree = tree.union_all(
            select(Partner.id, Partner.parent_id).join(tree, Partner.id == tree.c.parent_id)
        )
        assert len(session.execute(select(tree.c.id)).all()) == 1  # the parents above stay unseen
        assert (
            session.execute(select(Region.__table__.c.code).limit(1)).all() != []
        )  # regions are everybody's


def reader_with(**scopes: Scope) -> Actor:
    """An actor with these scopes."""
    return replace(NOBODY, scopes={Resource(name): scope for name, scope in scopes.items()})


def twin(session: Session, model: Partner, partner_id: int, path: str, code: str) -> None:
    """Another partner like `model` with a path of its own."""
    row = Partner(**model.model_dump() | {"id": partner_id, "path": path, "code": code})
    session.add(row)
    session.flush()


def test_a_prefix_does_not_reach_a_longer_number(fresh: Database) -> None:
    """`/1/2/` shows `/1/2/…`, not `/1/23/`."""
    ids = partner_ids(fresh)
    guangdong = f"/{ids['BR']}/{ids['GD']}/"
    longer = int(f"{ids['GD']}3")
    with fresh.write(SYSTEM) as session:
        model = get_by(session, Partner, "partner", code="JS")
        twin(session, model, longer, f"/{ids['BR']}/{longer}/", "LONG")
        twin(session, model, longer * 10, f"/{ids['BR']}/{longer}/{longer * 10}/", "LONG2")
        twin(session, model, longer * 100, f"/{ids['BR']}{guangdong}", "SHIFTED")
    reader = reader_with(partners=Scope(Level.SUBTREE, paths=(guangdong,)))
    with fresh.read(reader) as session:
        assert sorted(session.exec(select(Partner.code)).all()) == ["GD", "GZ", "SZ", "TH"]


@pytest.mark.parametrize("trap", ["_", "%", "\\", "/%", "CN/44____/", "cn/"])
def test_wildcards_in_a_prefix_are_letters(kept: Kept, trap: str) -> None:
    database, _keys, _actors = kept
    with database.read(SYSTEM) as session:
        assert session.exec(select(func.count(Region.id)).where(starts_with(Region.path, (trap,)))).one() == 0
        both = starts_with(Region.path, ("CN/440000/440100/", "CN/320000/320100/"))
        found = session.exec(select(Region.path).where(both)).all()
    assert {path[:17] for path in found} == {"CN/440000/440100/", "CN/320000/320100/"}


def test_no_prefix_shows_nothing(kept: Kept) -> None:
    database, _keys, actors = kept
    with database.read(SYSTEM) as session:
        for clause in (
            starts_with(Partner.path, ()),
            master_clause(NO_SCOPE, path=Partner.path, party_id=Partner.id),
            master_clause(Scope(Level.TERRITORY), path=Partner.path, party_id=Partner.id),
            document_clause(NO_SCOPE, parties=[Partner.id], paths=[Partner.path]),
            document_clause(Scope(Level.OWN, user_id=1), parties=[Partner.id], paths=[Partner.path]),
        ):
            assert session.exec(select(func.count(Partner.id)).where(clause)).one() == 0
        everything = master_clause(ALL_SCOPE, path=Partner.path, party_id=Partner.id)
        assert session.exec(select(func.count(Partner.id)).where(everything)).one() == 7
    assert actors["gz"].scope("moon") == NO_SCOPE


def test_the_level_own_shows_what_one_placed_oneself(fresh: Database) -> None:
    gz = actor(fresh, "gz")
    with fresh.write(SYSTEM) as session:
        order = session.exec(select(SalesOrder)).first()
        order.placed_by = gz.user_id
        number = order.number
    with fresh.read(reader_with(sales_documents=Scope(Level.OWN, user_id=gz.user_id))) as session:
        assert session.exec(select(SalesOrder.number)).all() == [number]
        assert session.exec(select(func.count(JournalLeg.id))).one() == 0
    with fresh.read(reader_with(sales_documents=Scope(Level.OWN, user_id=gz.user_id + 1))) as session:
        assert session.exec(select(SalesOrder.number)).all() == []


def test_history_stays_with_the_old_parent(fresh: Database, now: datetime) -> None:
    """T16: documents show to those above a party on the path of their day, masters by the present path."""
    with fresh.write(SYSTEM) as session:
        old = session.exec(select(SalesOrder).where(SalesOrder.number == "N-GZ")).one()
        outlet = get_by(session, Partner, "partner", code="TH")
        facts = {"id": None, "number": "N-TH", "buyer_id": outlet.id, "buyer_path": outlet.path}
        session.add(SalesOrder(**old.model_dump() | facts))
    with fresh.write(SYSTEM) as session:
        move_partner(session, SYSTEM, code="GZ", parent_code="JS", now=now)
        old = session.exec(select(SalesOrder).where(SalesOrder.number == "N-GZ")).one()
        new_path = get_by(session, Partner, "partner", code="GZ").path
        facts = old.model_dump() | {"id": None, "number": "N-NEW", "buyer_path": new_path}
        session.add(SalesOrder(**facts))

    seen = {}
    for name in ("gd", "js", "gz", "sz", "boss"):
        with fresh.read(actor(fresh, name)) as session:
            numbers = sorted(session.exec(select(SalesOrder.number)).all())
            partners = sorted(session.exec(select(Partner.code)).all())
        seen[name] = (numbers, partners)
    assert seen == {
        "gd": (["N-GZ", "N-SZ", "N-TH"], ["GD", "SZ"]),
        "js": (["N-NEW"], ["GZ", "JS", "NJ", "TH"]),
        "gz": (["N-GZ", "N-NEW", "N-TH"], ["GZ", "TH"]),  # what its outlet bought on the old path, too
        "sz": (["N-SZ"], ["SZ"]),
        "boss": (["N-GZ", "N-NEW", "N-SZ", "N-TH"], ["BR", "GD", "GZ", "JS", "NJ", "SZ", "TH"]),
    }
