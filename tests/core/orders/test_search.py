"""What the palette finds: rank, scope, and an oracle by brute force."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from sqlmodel import Session, select

from distrib_app.core.catalog import Sku, create_product, create_sku
from distrib_app.core.channels import Partner, create_partner
from distrib_app.core.channels.models import EndCustomer
from distrib_app.core.kernel.access import SYSTEM, Permission
from distrib_app.core.kernel.db import Database, get_by, row_id
from distrib_app.core.kernel.errors import InvalidError
from distrib_app.core.kernel.matching import Match
from distrib_app.core.kernel.words import initials
from distrib_app.core.reactions import SEARCHES
from distrib_app.core.workbench import FoundGroup, install_searches, search
from tests.core.inventory.copies import PostgresCopies, SqliteCopies
from tests.core.inventory.haul import Hauler
from tests.core.inventory.shop import LONG_AGO, actor

from .trade import Trader, build_trade

Who = Callable[[str], Trader]
install_searches(SEARCHES)  # as the composition root does
# code, parent, name, English name
PARTNERS = (
    ("YH-1", "GZ", "粤海家电", "Yuehai Appliances"),
    ("YH-2", "SZ", "粤海电器", "Yuehai Electrical"),
    ("Z-YHJD", "GD", "重庆路五金行", ""),
    ("YHJD", "SZ", "深圳厦门大厦", "Xiamen Tower"),
)


def build_filled(session: Session) -> None:
    """The trading network with four more partners, a SKU and a customer of Guangzhou."""
    build_trade(session)
    for code, parent, name, name_en in PARTNERS:
        create_partner(
            session,
            SYSTEM,
            code=code,
            name=name,
            name_en=name_en,
            tier_code="outlet",
            parent_code=parent,
            region_code="440100",
            kind="outlet",
            now=LONG_AGO,
        )
    create_product(session, SYSTEM, code="YH-P", name="云海空调", category_code="ALL", now=LONG_AGO)
    create_sku(
        session,
        SYSTEM,
        code="YHKT-35",
        name="云海空调 35",
        name_en="Cloud air conditioner",
        product_code="YH-P",
        barcode="6901234567892",
        now=LONG_AGO,
    )
    owner = row_id(get_by(session, Partner, "partner", code="GZ"))
    session.add(
        EndCustomer(partner_id=owner, code="C-1", name="余红", phone="13800138000", created_at=LONG_AGO)
    )


@pytest.fixture(scope="module")
def sqlite_filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Database:
    return SqliteCopies(sqlite_template, tmp_path_factory.mktemp("filled"), build_filled).fresh()


@pytest.fixture(scope="module")
def postgres_filled(postgres_url: str, postgres_template: str) -> Iterator[Database]:
    copies = PostgresCopies(postgres_url, postgres_template, build_filled)
    yield copies.fresh()
    copies.close()


@pytest.fixture(scope="module", params=["sqlite_filled", "postgres_filled"])
def filled(request: pytest.FixtureRequest) -> Database:
    """One network for all tests of this module: they only look, and place orders of their own."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def who(filled: Database) -> Who:
    """A user by name, resolved once."""
    return cache(lambda name: Trader(filled, actor(filled, name)))


@pytest.fixture(scope="module")
def numbers(who: Who) -> tuple[str, str]:
    """Two orders of Guangzhou, the older first."""
    return who("gz").place({"TV": 1}, key="a"), who("gz").place({"TV": 1}, key="b")


def ask(trader: Trader, word: str, limit: int = 50) -> dict[str, list[str]]:
    """Kind → keys, groups and rows in their order."""
    with trader.database.read(trader.actor) as session:
        groups: tuple[FoundGroup, ...] = search(session, trader.actor, word=word, limit=limit)
    return {group.kind: [row.key for row in group.rows] for group in groups}


def test_exact_code_then_code_then_initials(who: Who) -> None:
    found = ask(who("ops"), "yhjd")
    assert found["partner"] == ["YHJD", "YH-1"]
    assert list(found) == ["partner"]
    assert ask(who("ops"), "yh")["partner"][:3] == ["YH-1", "YH-2", "YHJD"]
    assert ask(who("ops"), "yh")["sku"] == ["YHKT-35"]


@pytest.mark.parametrize(
    ("word", "keys"),
    [
        ("粤海", ["YH-2", "YH-1"]),
        ("ＹＨ－１", ["YH-1"]),
        ("五金行", ["Z-YHJD"]),
        ("cql", ["Z-YHJD"]),
        ("wjh", ["Z-YHJD"]),
        ("xiamen", ["YHJD"]),
        ("TOWER", ["YHJD"]),
        ("szxm", ["YHJD"]),
    ],
)
def test_partners_by_name_initials_and_english(
    filled: Database, who: Who, word: str, keys: list[str]
) -> None:
    assert ask(who("ops"), word)["partner"] == keys


def test_skus_by_code_name_initials_and_barcode(who: Who) -> None:
    for word in ("yhkt-35", "YHKT", "云海", "空调 35", "yhkt", "air cond", "6901234567892", "567892"):
        assert ask(who("gz"), word)["sku"] == ["YHKT-35"], word


def test_orders_by_number_and_buyer_newest_first(who: Who, numbers: tuple[str, str]) -> None:
    first, second = numbers
    assert ask(who("gz"), first) == {"order": [first]}
    assert ask(who("gz"), "so-2026")["order"] == [second, first]
    assert ask(who("ops"), "gz")["order"] == [second, first]
    assert ask(who("boss"), "gz")["account"] == ["BR:GZ", "GD:GZ", "GZ:OUT"]


def test_a_rival_finds_nothing(who: Who, numbers: tuple[str, str]) -> None:
    rival = who("sz")
    for word in (
        numbers[0],
        "粤海家电",
        "YH-1",
        "GZ",
        "gzjd",
        "C-1",
        "余红",
        "13800138000",
        "Yuehai Appliances",
    ):
        found = ask(rival, word)
        assert found in ({}, {"partner": ["YH-2"]}), word
        assert "YH-1" not in str(found)
    assert ask(who("gz"), "粤海")["partner"] == ["YH-1"]
    assert ask(who("gd"), "粤海")["partner"] == ["YH-2", "YH-1"]


def test_customers_only_for_the_partner_that_sells_to_them(who: Who) -> None:
    for word in ("c-1", "余红", "yh", "8001380"):
        assert ask(who("gz"), word)["customer"] == ["C-1"], word
        assert "customer" not in ask(who("gd"), word)
        assert "customer" not in ask(who("ops"), word)


def test_without_the_permission_a_kind_is_not_asked(who: Who) -> None:
    trader = who("gz")
    narrow = Trader(trader.database, replace(trader.actor, permissions=frozenset({Permission.CATALOG_READ})))
    assert ask(narrow, "yh") == {"sku": ["YHKT-35"]}


def test_words_that_mean_nothing(who: Who) -> None:
    for word in ("", "   ", "\x00", "%", "_", "'", "--", "/", "\\", "💥", "查无此人"):
        assert ask(who("sz"), word) == {}, word
    with pytest.raises(InvalidError):
        ask(who("ops"), "a", limit=0)


def test_the_limit_is_per_kind(who: Who) -> None:
    found = ask(who("ops"), "jd", limit=2)
    assert all(len(keys) <= 2 for keys in found.values())


def test_against_brute_force(filled: Database, who: Who) -> None:
    """Every beginning and every part of every name: what is found is what a plain loop finds."""
    visible = {"ops": None, "gz": {"GZ", "OUT", "YH-1"}, "sz": {"SZ", "YH-2", "YHJD"}}
    with filled.read(SYSTEM) as session:
        partners = session.exec(select(Partner)).all()
        skus = session.exec(select(Sku)).all()
    words = {
        "gz",
        "jd",
        "家电",
        "yh",
        "yhj",
        "y",
        "e",
        "yue",
        "深圳",
        "厦",
        "ys",
        "farhill",
        "g",
        "sp",
        "商品",
        "t",
    }
    for name, codes in visible.items():
        mine = [row for row in partners if codes is None or row.code in codes]
        for word in words:
            found = ask(who(name), word)
            begins = {row.code for row in mine if _begins(row, word)}
            inside = {row.code for row in mine if _inside(row, word)}
            got = set(found.get("partner", []))
            assert begins <= got <= begins | inside, (name, word)
            assert begins | inside == got, (name, word)
            expected = {row.code for row in skus if _begins(row, word) or _inside(row, word)}
            assert set(found.get("sku", [])) == expected, (name, word)


def _begins(row: Partner | Sku, word: str) -> bool:
    return (
        row.code.lower().startswith(word)
        or row.name.startswith(word)
        or (word.isascii() and initials(row.name).startswith(word))
    )


def _inside(row: Partner | Sku, word: str) -> bool:
    if not word.isascii():
        return word in row.name
    return word in row.name_en.lower() or word in initials(row.name)


def test_every_row_says_how_it_was_met(who: Who) -> None:
    trader = who("ops")
    with trader.database.read(trader.actor) as session:
        groups = search(session, trader.actor, word="yhjd", limit=5)
    assert [(row.key, row.match, row.title) for row in groups[0].rows] == [
        ("YHJD", Match.EXACT, "深圳厦门大厦"),
        ("YH-1", Match.INITIALS, "粤海家电"),
    ]


def test_transfers_are_found_by_number_and_by_either_owner(filled: Database, who: Who) -> None:
    gd = Hauler(filled, actor(filled, "gd"))
    first = gd.ask("GD-WH", "GZ-WH", {"AC": 1}, "a")
    second = gd.ask("GD-WH", "GZ-WH", {"AC": 2}, "b")

    def found(username: str, word: str) -> list[str]:
        reader = actor(filled, username)
        with filled.read(reader) as session:
            groups = search(session, reader, word=word)
            return [row.key for group in groups if group.kind == "transfer" for row in group.rows]

    assert found("gd", first.lower()) == [first]
    assert found("gd", "tf-") == [second, first]
    assert found("gz", "GZ") == [second, first] == found("ops", "GD")
    assert found("sz", "tf-") == [] == found("gd", "SZ")
