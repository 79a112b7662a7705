"""The demo network: the same call gives the same rows, and every book it writes is in order."""

import hashlib
import shutil
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from distrib_app.core.accounts import exposures_of
from distrib_app.core.accounts.models import TradingAccount
from distrib_app.core.catalog.models import Sku
from distrib_app.core.channels import (
    NetworkPlan,
    Partner,
    SecondNetworkError,
    found_network,
    resolve_actor,
)
from distrib_app.core.demo.generate import DemoReport, generate_demo
from distrib_app.core.inventory import CarrierTariff, Quota, Transfer, read_tariff
from distrib_app.core.kernel.access import SYSTEM, User, create_user, verify_password
from distrib_app.core.kernel.db import Database, get_by, metadata, row_id
from distrib_app.core.kernel.errors import ConflictError, InvalidError
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.orders import (
    FulfilmentOrder,
    LineRequest,
    ProductionRequest,
    SalesOrder,
    list_merge_groups,
    place_order,
)
from distrib_app.core.pricing import find_prices
from distrib_app.core.workbench import list_tasks
from distrib_app.gate import install_tables

from .demo_invariants import check_dates, check_everything, check_network, check_stock, rows

AS_OF = date(2026, 10, 15)
# what people order on the last day, beside the history
LAST_DAY_LINES = 12
START = date(2024, 10, 1)
NOW = datetime(2026, 10, 15, 4, 0, tzinfo=UTC)


# what is random on purpose, so that nobody guesses it
SECRET = {"access_change": {"mark"}, "notice": {"key"}}


def generate(database: Database, *, lines: int = 3_000, seed: int = 7) -> DemoReport:
    install_tables()
    return generate_demo(database, seed=seed, as_of=AS_OF, lines=lines, now=NOW)


def digest(database: Database) -> dict[str, str]:
    """A hash per table over all its rows in the order of their keys."""
    found = {}
    with database.read(SYSTEM) as session:
        for table in metadata().sorted_tables:
            secret = SECRET.get(table.name, set())
            told = ", ".join(f'"{column.name}"' for column in table.columns if column.name not in secret)
            keys = ", ".join(column.name for column in table.primary_key)
            content = repr(rows(session, f'SELECT {told} FROM "{table.name}" ORDER BY {keys}'))
            found[table.name] = hashlib.sha256(content.encode()).hexdigest()
    return found


def row_counts(database: Database) -> dict[str, int]:
    with database.read(SYSTEM) as session:
        return {
            table.name: rows(session, f'SELECT COUNT(*) FROM "{table.name}"')[0][0]
            for table in metadata().sorted_tables
        }


@pytest.fixture(scope="module")
def told(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Database, DemoReport]:
    """One generated SQLite database for every test that only looks at it."""
    path = tmp_path_factory.mktemp("demo") / "told.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    return database, generate(database)


def check(database: Database, report: DemoReport) -> None:
    assert not report.already_there
    assert (report.brand_name, report.founded_on) == ("远山电器", START)
    assert report.counts["order_lines"] == 3_000 + LAST_DAY_LINES
    assert (report.counts["partners"], report.counts["skus"]) == (691, 219)
    with database.read(SYSTEM) as session:
        check_everything(session, as_of=AS_OF, start=START, now=NOW, places=20)


def test_every_book_is_in_order(told: tuple[Database, DemoReport]) -> None:
    check(*told)


def test_every_book_is_in_order_on_postgresql(postgres: Database) -> None:
    check(postgres, generate(postgres))
    with postgres.write(SYSTEM) as session:
        check_trade_goes_on(session)


def test_trade_goes_on(told: tuple[Database, DemoReport]) -> None:
    with told[0].write(SYSTEM) as session:
        check_trade_goes_on(session)


def check_trade_goes_on(session: Session) -> None:
    """The demo's city agent orders from its provincial agent like anybody else would."""
    user = verify_password(session, username="city", password="demo-demo-1")
    actor = resolve_actor(session, user, now=NOW)
    buyer = session.get_one(Partner, actor.partner_ids[0])
    seller = session.get_one(Partner, buyer.parent_id)
    account = session.exec(
        select(TradingAccount).where(
            TradingAccount.seller_id == seller.id, TradingAccount.buyer_id == buyer.id
        )
    ).one()
    assert exposures_of(session, [account], day=AS_OF)[row_id(account)].overdue == 0
    sku_id = rows(
        session,
        "SELECT b.sku_id FROM stock_balance b JOIN price_row p ON p.sku_id = b.sku_id AND "
        f"p.seller_id = b.partner_id WHERE b.partner_id = {seller.id} AND b.on_hand_qty > b.reserved_qty "
        "ORDER BY 1 LIMIT 1",
    )[0][0]
    sku = session.get_one(Sku, sku_id)
    price = find_prices(session, seller_id=row_id(seller), buyer=buyer, sku_ids=[sku_id], day=AS_OF)[sku_id]
    [(before,)] = rows(session, "SELECT MAX(number) FROM sales_order WHERE number LIKE 'SO-20261015-%'")
    session.info["actor"] = actor
    placed = place_order(
        session,
        actor,
        buyer_code=buyer.code,
        seller_code=seller.code,
        lines=[LineRequest(sku.code, 1)],
        idempotency_key="demo",
        now=NOW,
    )
    assert placed.number == f"SO-20261015-{int(before[-4:]) + 1:04d}"
    assert placed.status == "allocated"
    order = get_by(session, SalesOrder, "order", number=placed.number)
    assert order.gross_amount == price.unit_price * 100
    [part] = session.exec(select(FulfilmentOrder).where(FulfilmentOrder.order_id == order.id)).all()
    assert (part.mode, part.owner_id, part.gross_amount) == ("own", seller.id, order.gross_amount)
    session.rollback()


def test_freight_takes_every_price_list(told: tuple[Database, DemoReport]) -> None:
    fields = {"code", "currency", "volumetric_divisor", "minimum_amount", "bands", "zones"}
    with told[0].read(SYSTEM) as session:
        tariffs = session.exec(select(CarrierTariff)).all()
    assert {read_tariff(**row.model_dump(include=fields)).code for row in tariffs} == {"DB-LTL", "SF-STD"}


def test_the_same_call_gives_the_same_rows(told: tuple[Database, DemoReport], sqlite: Database) -> None:
    generate(sqlite)
    assert digest(sqlite) == digest(told[0])


def test_another_seed_tells_another_story(told: tuple[Database, DemoReport], sqlite: Database) -> None:
    generate(sqlite, lines=2_500, seed=8)
    mine, other = digest(sqlite), digest(told[0])
    assert {"partner", "price_row", "sales_order", "journal_leg"} <= {
        name for name, value in mine.items() if value != other[name]
    }


def test_a_second_call_changes_nothing(told: tuple[Database, DemoReport]) -> None:
    database, first = told
    before = digest(database)
    again = generate_demo(database, seed=9, as_of=AS_OF, lines=9_000, now=NOW + timedelta(hours=1))
    assert again.already_there
    assert (again.counts, again.users) == (first.counts, first.users)
    assert digest(database) == before


def test_something_waits_for_everybody_who_decides(told: tuple[Database, DemoReport]) -> None:
    database, _ = told
    with database.read(SYSTEM) as session:
        people = {user.username: resolve_actor(session, user, now=NOW) for user in session.exec(select(User))}
    boxes = {}
    for name, reader in people.items():
        with database.read(reader) as session:
            listing = list_tasks(session, reader, now=NOW, query=ListQuery(with_facets=True))
            boxes[name] = {one.value: one.count for one in listing.facets["kind"]}
    assert boxes["boss"] == {"credit_limit": 1}
    assert boxes["finance"] == {"credit_limit": 3, "stock_correction": boxes["finance"]["stock_correction"]}
    assert boxes["finance2"]["credit_limit"] == 2
    assert boxes["ops"] == {"goods_return": 1}
    # its buyer may have bought nothing yet
    assert boxes["province"] in ({"stock_transfer": 1}, {"stock_transfer": 1, "goods_return": 1})
    assert boxes["city"].get("stock_transfer", 0) in (0, 1)
    assert boxes["outlet"] == boxes["city2"] == {}


def test_transfers_stand_in_several_states(told: tuple[Database, DemoReport]) -> None:
    database, _ = told
    with database.read(SYSTEM) as session:
        states = Counter(session.exec(select(Transfer.status)).all())
    assert states["settled"] == states["in_transit"] == states["picked"] == states["cancelled"] == 1
    assert states["requested"] >= 1
    assert states["received"] <= 1  # what came in short waits for who gave it


def test_the_last_day_has_something_on_every_board(told: tuple[Database, DemoReport]) -> None:
    database, _ = told
    with database.read(SYSTEM) as session:
        makings = session.exec(select(ProductionRequest).order_by(ProductionRequest.id)).all()
        assert [row.status for row in makings] == ["open", "planned", "in_production", "finished", "open"]
        made = session.get_one(FulfilmentOrder, makings[3].fulfilment_id)
        assert (made.status, made.owner_id) == ("allocated", makings[3].maker_id)
        for_another = session.get_one(FulfilmentOrder, makings[4].fulfilment_id)
        assert for_another.seller_id != for_another.owner_id == makings[4].maker_id
        quotas = session.exec(select(Quota).order_by(Quota.id)).all()
        assert [(row.qty, row.used_qty) for row in quotas] == [(60, 0), (24, 6)]
        operations = session.exec(select(User).where(User.username == "ops")).one()
        reader = resolve_actor(session, operations, now=NOW)
    with database.read(reader) as session:
        groups = list_merge_groups(session, hours=24, now=NOW)
    assert groups
    assert all(group.saving_amount > 0 for group in groups)


def test_sign_ins_stand_where_they_should(told: tuple[Database, DemoReport]) -> None:
    database, report = told
    assert report.password == "demo-demo-1"
    assert [(user.username, user.role_code) for user in report.users] == [
        ("boss", "executive"),
        ("ops", "operations"),
        ("finance", "finance"),
        ("admin", "administrator"),
        ("province", "owner"),
        ("city", "owner"),
        ("city2", "owner"),
        ("outlet", "owner"),
        ("finance2", "finance"),
    ]
    with database.read(SYSTEM) as session:
        paths = {
            user.username: session.exec(select(Partner.path).where(Partner.code == user.partner_code)).one()
            for user in report.users
        }
        actors = {
            user.username: resolve_actor(session, user, now=NOW) for user in session.exec(select(User)).all()
        }
    assert paths["city"].startswith(paths["province"])
    assert paths["outlet"].startswith(paths["city"])
    assert not paths["city2"].startswith(paths["province"])
    assert actors["boss"].can("cockpit.read")
    assert not actors["boss"].can("admin.access")
    assert actors["outlet"].can("orders.place")


def check_troubles(session: Session) -> None:
    """One partner is suspended, a few are overdue or above their limit, the others are in order."""
    accounts = session.exec(select(TradingAccount)).all()
    exposures = exposures_of(session, accounts, day=AS_OF)
    suspended = session.exec(select(Partner.code).where(Partner.status == "suspended")).all()
    assert len(suspended) == 1
    assert 5 <= sum(exposure.overdue > 0 for exposure in exposures.values()) < 40
    assert 1 <= sum(exposure.total > exposure.limit for exposure in exposures.values()) <= 5


def test_a_few_partners_are_in_trouble(told: tuple[Database, DemoReport]) -> None:
    with told[0].read(SYSTEM) as session:
        check_troubles(session)


def test_the_first_day_of_a_month_has_data(sqlite: Database) -> None:
    """As of the first of a month, soon after midnight: every direct buyer has sales of that day already."""
    now = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)  # 00:30 on 1 November in Shanghai
    generate_demo(sqlite, as_of=date(2026, 11, 1), lines=2_500, now=now)
    with sqlite.read(SYSTEM) as session:
        check_network(session, as_of=date(2026, 11, 1))
        check_stock(session)
        check_dates(session, start=date(2024, 11, 1), now=now)


def test_a_second_network_is_refused(sqlite: Database) -> None:
    plan = NetworkPlan("X", "另一品牌", "Other", "CN", "CNY", "Asia/Shanghai", "province", "files", START)
    with sqlite.write(SYSTEM) as session:
        found_network(session, SYSTEM, plan=plan, now=NOW)
    before = digest(sqlite)
    with pytest.raises(SecondNetworkError):
        generate(sqlite)
    assert digest(sqlite) == before


@pytest.mark.parametrize(
    ("as_of", "lines"), [(date(2026, 10, 16), 3_000), (AS_OF, 100)], ids=["day to come", "too few lines"]
)
def test_what_cannot_be_told_is_refused(sqlite: Database, as_of: date, lines: int) -> None:
    before = digest(sqlite)
    with pytest.raises(InvalidError):
        generate_demo(sqlite, as_of=as_of, lines=lines, now=NOW)
    assert digest(sqlite) == before


def test_a_taken_user_name_is_refused(sqlite: Database) -> None:
    with sqlite.write(SYSTEM) as session:
        create_user(session, username="boss", name="老板", password="long enough", now=NOW)
    before = row_counts(sqlite)
    with pytest.raises(ConflictError):
        generate(sqlite, lines=2_500)
    assert row_counts(sqlite) == before


@pytest.mark.slow
def test_the_full_story(sqlite: Database) -> None:
    tell_the_full_story(sqlite)


@pytest.mark.slow
@pytest.mark.sweep
def test_the_full_story_on_postgres(postgres: Database) -> None:
    tell_the_full_story(postgres)


def tell_the_full_story(database: Database) -> None:
    report = generate(database, lines=150_000)
    counts = report.counts
    assert counts["order_lines"] == 150_000 + LAST_DAY_LINES
    assert 28_000 < counts["orders"] < 38_000
    assert 0.02 < (counts["legs"] - 150_000) / 150_000 < 0.035
    with database.read(SYSTEM) as session:
        check_everything(session, as_of=AS_OF, start=START, now=NOW, places=60)
        check_troubles(session)
        years = rows(
            session,
            "SELECT CASE WHEN booked_on < '2025-10-01' THEN 1 ELSE 2 END, SUM(amount) FROM journal_leg "
            "WHERE step = 'sell_in' AND booked_on < '2026-10-01' GROUP BY 1 ORDER BY 1",
        )
        states = dict(rows(session, "SELECT status, COUNT(*) FROM sales_order GROUP BY status"))
    assert 1.03 < float(years[1][1]) / float(years[0][1]) < 1.15
    assert states["allocated"] > 50
    assert states["shipped"] > 50
    assert states["delivered"] > 0.98 * counts["orders"]
