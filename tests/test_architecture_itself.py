"""The checkers are shown small trees with a breach in them: each is named with its file and line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .architecture import (
    Module,
    clock_reads,
    dynamic_imports,
    enum_names,
    floats,
    foreign_imports,
    imports_of,
    load,
    long_files,
    names_from_core,
    raw_sql,
    undocumented,
    unknown_rooms,
    upward_imports,
    users_of,
    within,
)

FLOORS = ("kernel", "channels", "orders")
TOP = ("reactions",)
Tree = Callable[[dict[str, str]], list[Module]]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Writes sources below a `distrib_app` of their own and reads them back."""

    def write(files: dict[str, str]) -> list[Module]:
        for name, source in files.items():
            path = tmp_path / "distrib_app" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, encoding="utf-8")
        return load(tmp_path)

    return write


def said(findings: list[object]) -> list[str]:
    """Findings without the package, as they are printed."""
    return [str(finding).removeprefix("distrib_app/") for finding in findings]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("core/kernel/db.py", "from ..orders import place_order"),
        ("core/kernel/db.py", "from .. import orders"),
        ("core/kernel/db.py", "from ..orders.service import place_order"),
        ("core/kernel/db.py", "import distrib_app.core.orders"),
        ("core/kernel/db.py", "from distrib_app.core import channels"),
        ("core/kernel/access/scope.py", "from ...channels.models import Partner"),
        ("core/kernel/access/__init__.py", "from ...channels import Partner"),
        ("core/kernel/__init__.py", "from ..channels import Partner"),
        ("core/channels/service.py", "from ..orders import SalesOrder as Order"),
        ("core/channels/service.py", "from ..reactions import REACTIONS"),
        ("core/channels/service.py", "from .. import reactions"),
        ("core/kernel/events.py", "from ..reactions import REACTIONS"),
    ],
)
def test_an_import_upward_is_named(tree: Tree, file: str, line: str) -> None:
    modules = tree({file: f'"""Doc."""\n\ndef late():\n    {line}\n'})
    findings = upward_imports(modules, FLOORS, TOP)
    assert [(finding.file, finding.line) for finding in findings] == [(f"distrib_app/{file}", 4)]
    assert str(findings[0]).startswith(f"distrib_app/{file}:4 imports upward: distrib_app.core.")


def test_imports_downward_sideways_and_from_the_top_are_free(tree: Tree) -> None:
    modules = tree(
        {
            "core/orders/service.py": "from ..channels import Partner\nfrom ..kernel.db import row_id\n",
            "core/orders/__init__.py": "from .service import place_order\nfrom . import service\n",
            "core/channels/models.py": "from ..kernel import db\n",
            "core/reactions.py": "from .orders import follow\nfrom .channels import Partner\n",
            "gate.py": "from .core.orders import place_order\n",
        }
    )
    assert upward_imports(modules, FLOORS, TOP) == []
    assert unknown_rooms(modules, FLOORS, TOP) == []


def test_a_room_without_a_floor_is_named(tree: Tree) -> None:
    modules = tree({"core/utils.py": "", "core/helpers/text.py": "", "core/__init__.py": ""})
    assert said(unknown_rooms(modules, FLOORS, TOP)) == [
        "core/helpers/text.py:1 helpers is no floor",
        "core/utils.py:1 utils is no floor",
    ]


def test_core_that_imports_the_web_or_a_strange_library_is_named(tree: Tree) -> None:
    modules = tree(
        {
            "core/orders/service.py": "import json\nfrom sqlmodel import select\nimport reflex as rx\n",
            "core/orders/queries.py": "from ... import gate\nfrom ...i18n import t\nimport numpy.random\n",
            "core/kernel/migrate.py": "from alembic import command\n",
            "core/kernel/db.py": "if True:\n    from alembic import command\n",
            "state/orders.py": "import reflex as rx\nimport numpy\n",
        }
    )
    assert said(foreign_imports(modules, {"*": {"sqlmodel"}, "kernel.migrate": {"alembic"}})) == [
        "core/kernel/db.py:2 core imports alembic.command",
        "core/orders/queries.py:1 core imports distrib_app.gate",
        "core/orders/queries.py:2 core imports distrib_app.i18n.t",
        "core/orders/queries.py:3 core imports numpy.random",
        "core/orders/service.py:3 core imports reflex",
    ]
    assert said(imports_of(within(modules, "distrib_app.core"), "reflex", "fastapi")) == [
        "core/orders/service.py:3 imports reflex"
    ]


def test_a_hidden_import_is_named(tree: Tree) -> None:
    modules = tree(
        {
            "core/orders/service.py": "import importlib\nimportlib.import_module('reflex')\n",
            "core/orders/rules.py": "from .models import *\nfind = __import__\n",
        }
    )
    assert said(dynamic_imports(modules)) == [
        "core/orders/rules.py:1 imports everything of distrib_app.core.orders.models",
        "core/orders/rules.py:2 imports by name: __import__",
        "core/orders/service.py:2 imports by name: import_module",
    ]


def test_a_page_that_reads_for_itself_is_named(tree: Tree) -> None:
    modules = tree(
        {
            "core/orders/models.py": "from enum import StrEnum\nclass OrderStatus(StrEnum):\n    A = 'a'\n",
            "pages/orders.py": (
                "from ..core.kernel.errors import msg\n"
                "from ..core.orders import OrderStatus\n"
                "from ..core.orders import list_orders\n"
                "import distrib_app.core.orders.queries\n"
                "from ..core import orders\n"
                "from ..state.orders import Orders\n"
            ),
        }
    )
    allowed = enum_names(modules) | {"msg"}
    assert said(names_from_core(within(modules, "distrib_app.pages"), allowed)) == [
        "pages/orders.py:3 imports distrib_app.core.orders.list_orders",
        "pages/orders.py:4 imports distrib_app.core.orders.queries",
        "pages/orders.py:5 imports distrib_app.core.orders",
    ]


def test_a_float_that_touches_money_is_named(tree: Tree) -> None:
    modules = tree(
        {
            "core/kernel/money.py": (
                "RATE = 0.13\n"
                "def half(amount):\n"
                "    return amount / 2\n"
                "def third(amount):\n"
                "    amount /= 3\n"
                "    return float(amount)\n"
                "whole = 7 // 2 * 10 ** 6\n"
                "many = sum(map(float, [1]))\n"
                "tiny = 1e-6\n"
                "import operator\n"
                "share = operator.truediv(1, 3)\n"
                'text = "1.5 / 2"\n'
            )
        }
    )
    assert said(floats(modules)) == [
        "core/kernel/money.py:1 float literal 0.13",
        "core/kernel/money.py:3 division /",
        "core/kernel/money.py:5 division /",
        "core/kernel/money.py:6 float",
        "core/kernel/money.py:8 float",
        "core/kernel/money.py:9 float literal 1e-06",
        "core/kernel/money.py:11 truediv",
    ]


def test_a_clock_read_is_named(tree: Tree) -> None:
    modules = tree(
        {
            "core/orders/service.py": (
                "import datetime as dt, time\n"
                "from datetime import date, datetime\n"
                "from ..kernel.clock import utc_now\n"
                "from time import time as clock\n"
                "a = datetime.now()\n"
                "b = dt.datetime.utcnow()\n"
                "c = date.today()\n"
                "d = time.time()\n"
                "e = func.now()\n"
                "f = text('SELECT now()')\n"
                "g = Field(default_factory=datetime.now)\n"
                "h = now.date(), self.now, utc_now\n"
            )
        }
    )
    assert [finding.line for finding in clock_reads(modules)] == [3, 4, 5, 6, 7, 8, 9, 10, 11]


def test_the_users_of_a_name_are_functions_and_methods(tree: Tree) -> None:
    modules = tree(
        {
            "core/orders/service.py": (
                "from ..kernel.access import SYSTEM, unscoped\n"
                "def place():\n"
                "    with unscoped(session, 'x'):\n"
                "        pass\n"
                "class Work:\n"
                "    def lock(self):\n"
                "        return [access.unscoped(s, 'y') for s in self.all]\n"
                "def other(actor=SYSTEM):\n"
                "    return 'unscoped'\n"
            )
        }
    )
    assert users_of(modules, "unscoped") == ["orders.service.Work.lock", "orders.service.place"]
    assert users_of(modules, "SYSTEM") == ["orders.service.other"]


def test_sql_beyond_the_scope_is_named(tree: Tree) -> None:
    modules = tree(
        {
            "core/orders/queries.py": (
                "from sqlalchemy import func, text as sql\n"
                "rows = session.execute(select(Partner.__table__))\n"
                "session.connection().exec_driver_sql('SELECT 1')\n"
                "def text(): ...\n"
                "text()\n"
            )
        }
    )
    assert said(raw_sql(modules)) == [
        "core/orders/queries.py:1 imports sqlalchemy.text",
        "core/orders/queries.py:2 __table__",
        "core/orders/queries.py:3 exec_driver_sql",
    ]


def test_what_is_not_explained_is_named(tree: Tree) -> None:
    modules = tree(
        {
            "core/orders/service.py": (
                "import json\n"
                "def place(): ...\n"
                "class Order:\n"
                '    """An order."""\n'
                "    def sum(self): ...\n"
                "    def _sum(self): ...\n"
                "class _Hidden:\n"
                "    def sum(self): ...\n"
                "async def ship():\n"
                '    """Send it."""\n'
                "    def inner(): ...\n"
            )
        }
    )
    assert said(undocumented(modules)) == [
        "core/orders/service.py:1 the module has no docstring",
        "core/orders/service.py:2 place has no docstring",
        "core/orders/service.py:5 Order.sum has no docstring",
    ]


def test_a_long_file_is_named_with_its_length(tree: Tree) -> None:
    modules = tree({"core/a.py": "x = 1\n" * 400, "core/b.py": "x = 1\n" * 401})
    assert said(long_files(modules, 400)) == ["core/b.py:401 more than 400 lines"]
