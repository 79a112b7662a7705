"""Sheets become rows through the verbs, all or nothing, and twice is once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, func, select

from distrib_app.core.accounts import Receipt
from distrib_app.core.catalog import Product, Sku
from distrib_app.core.channels import EndCustomer, Partner, get_customer, list_customers
from distrib_app.core.inventory import Balance, Movement
from distrib_app.core.kernel.access import SYSTEM, Actor
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import DomainError, ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.events import Event
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.core.pricing import PriceRow
from distrib_app.core.reactions import IMPORTS, JOB_KINDS
from distrib_app.core.workbench import (
    FileStore,
    JobRow,
    Workshop,
    claim_next,
    get_job,
    install_imports,
    install_job_kinds,
    look_at_sheet,
    read_sheet,
    run_claimed,
    start_import,
    store_file,
)
from distrib_app.core.workbench.job_models import ImportMapping, JobRun
from tests.core.inventory.shop import NOW, actor, stock
from tests.core.orders.conftest import postgres_trades, sqlite_trades, trade
from tests.core.workbench.counting import find_actor

__all__ = ["postgres_trades", "sqlite_trades", "trade"]
MODELS: list[type[SQLModel]] = [Partner, EndCustomer, Product, Sku, PriceRow, Movement, Receipt, Balance]


@dataclass
class Desk:
    """Somebody at the wizard."""

    database: Database
    files: FileStore
    people: dict[str, Actor]

    def who(self, name: str) -> Actor:
        if name not in self.people:
            self.people[name] = actor(self.database, name)
        return self.people[name]

    def upload(self, name: str, text: str) -> str:
        who = self.who(name)
        with self.database.write(who) as session:
            content = text.encode("gb18030")
            return store_file(session, who, files=self.files, name="s.csv", content=content, now=NOW).key

    def columns(self, name: str, entity: str, key: str) -> dict[str, str]:
        who = self.who(name)
        with self.database.read(who) as session:
            return look_at_sheet(session, who, files=self.files, entity=entity, key=key)[1]

    def start(
        self, name: str, entity: str, key: str, columns: dict[str, str], *, is_check: bool = False
    ) -> str:
        who = self.who(name)
        with self.database.write(who) as session:
            run = start_import(
                session,
                who,
                files=self.files,
                entity=entity,
                key=key,
                columns=columns,
                is_check=is_check,
                now=NOW,
            )
            return run.number

    def work(self, name: str, number: str) -> JobRow:
        with self.database.write(SYSTEM) as session:
            claimed = claim_next(session, holder="t", now=NOW)
        assert claimed is not None and claimed.number == number
        failures: list[Exception] = []
        tools = Workshop(
            find_actor, self.files, lambda: NOW, lambda _kind, _id, error: failures.append(error)
        )
        run_claimed(self.database, claimed, tools)
        assert failures == []
        with self.database.read(self.who(name)) as session:
            return get_job(session, self.who(name), number=number)

    def go(self, name: str, entity: str, text: str, *, is_check: bool = False) -> dict[str, Any]:
        """Upload, map as guessed, check or import; the result."""
        key = self.upload(name, text)
        row = self.work(
            name, self.start(name, entity, key, self.columns(name, entity, key), is_check=is_check)
        )
        assert row.status == "done", (row.message, row.facts)
        return dict(row.result)

    def counts(self) -> list[int]:
        with self.database.read(SYSTEM) as session:
            return [session.exec(select(func.count()).select_from(model)).one() for model in MODELS]


@pytest.fixture
def desk(trade: Database, tmp_path: Path) -> Iterator[Desk]:
    """The trading network with the wizard's tables installed."""
    install_job_kinds(JOB_KINDS)
    install_imports(IMPORTS)
    yield Desk(trade, FileStore(str(tmp_path / "files")), {})
    install_imports({})
    install_job_kinds({})


def figures(result: dict[str, Any]) -> tuple[int, int, int, int]:
    return result["created"], result["updated"], result["unchanged"], result["failed"]


PARTNER_SHEET = (
    "经销商编码,名称,层级,上级编码,区域,类型,合作开始\n"
    "FS,佛山顺达,市级代理,GD,440600,经销商,2026-01-01\n"
    "FS1,佛山一店,终端门店,FS,440604,门店,\n"
)


def test_a_check_changes_nothing_and_an_import_everything_once(desk: Desk) -> None:
    before = desk.counts()
    checked = desk.go("ops", "partners", PARTNER_SHEET, is_check=True)
    assert (figures(checked), checked["is_committed"]) == ((2, 0, 0, 0), False)
    assert desk.counts() == before
    imported = desk.go("ops", "partners", PARTNER_SHEET)
    assert (figures(imported), imported["is_committed"]) == ((2, 0, 0, 0), True)
    with desk.database.read(SYSTEM) as session:
        shop = session.exec(select(Partner).where(Partner.code == "FS1")).one()
        parent = session.get_one(Partner, shop.parent_id)
    assert (parent.code, shop.kind, shop.path.startswith(parent.path)) == ("FS", "outlet", True)
    assert figures(desk.go("ops", "partners", PARTNER_SHEET)) == (0, 0, 2, 0)
    moved = PARTNER_SHEET.replace("FS,440604", "GD,440604")
    assert figures(desk.go("ops", "partners", moved)) == (0, 1, 1, 0)
    assert desk.counts()[0] == before[0] + 2


def test_one_wrong_line_holds_everything_back_and_is_told(desk: Desk) -> None:
    text = (
        PARTNER_SHEET
        + "FS2,,市级代理,GD,440600,经销商,昨天\nFS3,三,火星,GD,440600,,\nFS,又,市级代理,GD,440600,,\n"
        "GZ,改名,市级代理,GD,440100,,\n"
    )
    before = desk.counts()
    for is_check in (True, False):
        result = desk.go("ops", "partners", text, is_check=is_check)
        assert (figures(result), result["is_committed"]) == ((2, 0, 0, 4), False)
        assert [(one["line"], one["field"]) for one in result["problems"]] == [
            (4, "name"),
            (4, "since"),
            (5, ""),
            (6, "code"),
            (7, "name"),
        ]
        assert result["problems"][3]["facts"] == {"earlier": 2}
    assert desk.counts() == before
    with desk.files.open(result["file"]) as stream:
        sheet = read_sheet("errors.xlsx", stream.read())
    assert sheet.headers[-2:] == ("Line", "What is wrong")
    assert [row.cells[-2] for row in sheet.rows] == ["4", "5", "6", "7"]
    assert sheet.rows[0].cells[-1] == "Name: must be filled in; Partner since: is no day: write YYYY-MM-DD"
    assert "GZ 家电" in sheet.rows[3].cells[-1]


def test_customers_are_ones_own(desk: Desk) -> None:
    text = "客户编码,姓名,手机号,区域\nC1,李雷,13800000001,440106\nC2,韩梅梅,,\n"
    assert figures(desk.go("gz", "customers", text)) == (2, 0, 0, 0)
    assert figures(desk.go("gz", "customers", text.replace("李雷", "李磊"))) == (0, 1, 1, 0)
    gz, gd = desk.who("gz"), desk.who("gd")
    with desk.database.read(gz) as session:
        found = list_customers(session, gz, query=ListQuery(search="ll"))
        assert [(row.code, row.name, row.region_code) for row in found.rows] == [("C1", "李磊", "440106")]
        assert get_customer(session, gz, code="C1").phone == "13800000001"
    with desk.database.read(gd) as session:  # the parent sees trade, not customers
        assert list_customers(session, gd, query=ListQuery()).total == 0
    result = desk.go("gd", "customers", "客户编码,姓名,经销商编码,邮箱\nC1,x,GZ,\nC2,y,,nonsense\n")
    assert [(one["line"], one["field"]) for one in result["problems"]] == [(2, ""), (3, "email")]
    with desk.database.read(SYSTEM) as session:
        payloads = session.exec(select(Event.payload).where(Event.subject_kind == "customer")).all()
    assert payloads == [{}, {}, {}]  # no personal data in the trail


def test_products_and_skus(desk: Desk) -> None:
    text = (
        "SKU编码,SKU名称,产品编码,产品名称,类目,税率,单位,允许欠单\n"
        "W1,洗衣机 白,W,洗衣机,全部,13%,台,否\nW2,洗衣机 灰,W,洗衣机,ALL,13,台,是\n"
    )
    assert figures(desk.go("ops", "skus", text)) == (2, 0, 0, 0)
    assert figures(desk.go("ops", "skus", text)) == (0, 0, 2, 0)
    with desk.database.read(SYSTEM) as session:
        skus = session.exec(select(Sku).where(Sku.code.startswith("W")).order_by(Sku.code)).all()
        assert [(sku.tax_ppm, sku.unit, sku.is_backorder_allowed) for sku in skus] == [
            (130_000, "台", False),
            (130_000, "台", True),
        ]
        assert {sku.product_id for sku in skus} == {
            session.exec(select(Product.id).where(Product.code == "W")).one()
        }
    changed = desk.go("ops", "skus", text.replace("13%", "9%").replace("产品名称", "x"))
    assert [(one["line"], one["field"]) for one in changed["problems"]] == [(2, "tax_ppm")]


def test_prices(desk: Desk) -> None:
    text = (
        "SKU编码,单价,生效日,有效期至,层级,区域\n"
        "AC,3300,2027-01-01,2027-06-30,市级代理,\nAC,3250.5,2027-01-01,,,440000\n"
    )
    assert figures(desk.go("ops", "prices", text)) == (2, 0, 0, 0)
    assert figures(desk.go("ops", "prices", text)) == (0, 0, 2, 0)
    assert figures(desk.go("ops", "prices", text.replace("3300", "3200"))) == (0, 1, 1, 0)
    assert figures(desk.go("ops", "prices", text)) == (0, 1, 1, 0)  # back again is a change again
    with desk.database.read(SYSTEM) as session:
        rows = session.exec(
            select(PriceRow).where(PriceRow.valid_from == date(2027, 1, 1)).order_by(PriceRow.id)
        )
        found = [(str(row.unit_price.normalize()), row.buyer_scope, row.valid_to) for row in rows]
    assert found == [
        ("3.3E+3", "tier", date(2027, 7, 1)),
        ("3250.5", "region", None),
        ("3.2E+3", "tier", date(2027, 7, 1)),
        ("3.3E+3", "tier", date(2027, 7, 1)),
    ]


def test_opening_stock(desk: Desk) -> None:
    text = '单据号,仓库,SKU编码,数量,单位成本\nOPEN-1,GZ-WH,AC,7,1800\nOPEN-1,GZ-WH,TV,"1,000",900.5\n'
    assert figures(desk.go("gz", "opening_stock", text)) == (2, 0, 0, 0)
    assert figures(desk.go("gz", "opening_stock", text)) == (0, 0, 2, 0)
    found = stock(desk.database)
    assert (found["GZ-WH", "AC"], found["GZ-WH", "TV"]) == ((7, 0), (1000, 0))
    more = desk.go("gz", "opening_stock", text.replace("AC,7", "AC,8"))
    assert [(one["line"], one["field"]) for one in more["problems"]] == [(2, "qty")]
    foreign = desk.go("gz", "opening_stock", "单据号,仓库,SKU编码,数量,单位成本\nO,PLANT,AC,7,1800\n")
    assert foreign["failed"] == 1
    assert stock(desk.database) == found


def test_receipts(desk: Desk) -> None:
    text = (
        "收款单号,客户编码,金额,收款日期,收款方式\nR1,GZ,1000.50,2026-10-01,转账\nR2,SZ,20,2026/10/2,现金\n"
    )
    assert figures(desk.go("gd", "receipts", text)) == (2, 0, 0, 0)
    assert figures(desk.go("gd", "receipts", text)) == (0, 0, 2, 0)
    with desk.database.read(SYSTEM) as session:
        found = session.exec(select(Receipt.amount, Receipt.method).order_by(Receipt.id)).all()
    assert [tuple(row) for row in found] == [(100_050, "transfer"), (2_000, "cash")]
    other = desk.go("gd", "receipts", text.replace("1000.50", "1000.555").replace("R2,SZ,20,", "R2,SZ,21,"))
    assert [(one["line"], one["field"]) for one in other["problems"]] == [(2, "amount"), (3, "")]


def test_a_mapping_is_remembered_for_the_company(desk: Desk) -> None:
    text = "代号,叫法\nC1,李雷\n"
    key = desk.upload("gz", text)
    assert desk.columns("gz", "customers", key) == {}
    with pytest.raises(InvalidError):
        desk.start("gz", "customers", key, {"code": "代号"})
    desk.work("gz", desk.start("gz", "customers", key, {"code": "代号", "name": "叫法"}, is_check=True))
    assert desk.columns("gz", "customers", desk.upload("gz", text)) == {"code": "代号", "name": "叫法"}
    assert desk.columns("sz", "customers", desk.upload("sz", text)) == {}
    with desk.database.read(SYSTEM) as session:
        assert session.exec(select(func.count(ImportMapping.id))).one() == 1


def test_who_may_import_what(desk: Desk) -> None:
    key = desk.upload("gz", PARTNER_SHEET)
    refusals: list[tuple[str, str, type[DomainError]]] = [
        ("gz", "partners", ForbiddenError),
        ("boss", "customers", ForbiddenError),
        ("gz", "nothing", NotFoundError),
        ("sz", "customers", NotFoundError),  # somebody else's file
    ]
    for name, entity, error in refusals:
        with pytest.raises(error):
            desk.start(name, entity, key, {"code": "经销商编码", "name": "名称"})
    with desk.database.read(SYSTEM) as session:
        assert session.exec(select(func.count(JobRun.id))).one() == 0


def test_a_death_after_the_commit_imports_nothing_twice(desk: Desk) -> None:
    """The process dies between the commit of the lines and the end of the run."""
    key = desk.upload("gd", "收款单号,客户编码,金额,收款日期\nR1,GZ,5,2026-10-01\n")
    number = desk.start("gd", "receipts", key, desk.columns("gd", "receipts", key))
    with desk.database.write(SYSTEM) as session:
        claimed = claim_next(session, holder="t", now=NOW)
    assert claimed is not None
    done = run_until_commit(desk, claimed)
    assert done == 1
    with desk.database.write(SYSTEM) as session:
        run = session.exec(select(JobRun).where(JobRun.number == number)).one()
        assert (run.status, run.cursor["result"]["created"]) == ("running", 1)
        run.status, run.attempts = "queued", 0  # taken over
    row = desk.work("gd", number)
    assert (row.status, row.result["created"], row.result["is_committed"]) == ("done", 1, True)
    assert desk.counts()[6] == 1


def run_until_commit(desk: Desk, claimed: Any) -> int:
    """Do the work of a run without ending it, as a process that is killed right after its commit."""
    from distrib_app.core.workbench import JobContext, commit_job

    context = JobContext(claimed, desk.database, desk.who("gd"), desk.files, lambda: NOW)
    return int(commit_job(context)["created"])
