"""What the pages of administration are given: browsers by name, lines of reach, events for people."""

from datetime import UTC, datetime

import pytest

from distrib_app.core.channels import ReachCount, ReachPreview, ReachRow, RoleRow
from distrib_app.core.kernel.access import TokenRow
from distrib_app.core.kernel.audit import AuditRow
from distrib_app.state import audit, users_view

NOW = datetime(2026, 10, 15, 4, 0, tzinfo=UTC)
SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("", "Unknown browser"),
        ("curl/8.5", "curl/8.5"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537 Chrome/141.0 Safari/537", "Chrome 141 · Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 Safari/537 Edg/141.0", "Edge 141 · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox 145 · Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604",
            "Safari 18 · iOS",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) Version/18.1 Safari/605", "Safari 18 · macOS"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130 Mobile MicroMessenger/8.0", "WeChat 130 · Android"),
    ],
)
def test_a_browser_is_named(agent: str, name: str) -> None:
    assert users_view.browser(agent, "en") == name


def test_reach_names_a_data_set_once_and_leaves_bookkeeping_out() -> None:
    rows = (
        ReachRow("stock", "partner", (ReachCount("location", 2, ("A", "B")), ReachCount("movement", 9, ()))),
        ReachRow("sales_figures", "all", ()),
        ReachRow("accounts", "none", (ReachCount("invoice", 0, ()), ReachCount("receipt", 0, ()))),
    )
    lines = users_view.reach(ReachPreview("gz", (), rows), "en")
    assert [
        tuple(line[key] for key in ("resource", "level", "table", "count", "examples")) for line in lines
    ] == [
        ("Stock", "Own company", "Locations", "2", "A, B"),
        ("Sales figures", "Everything", "–", "–", "–"),
        ("Accounts", "Nothing", "Invoices", "0", "–"),
        ("", "", "Receipts", "0", "–"),
    ]


def test_roles_offered_are_those_one_may_give_the_weakest_first() -> None:
    rows = [
        RoleRow("administrator", "系统管理员", "Administrator", ("a", "b", "c"), 1, True, 1),
        RoleRow("operations", "运营", "Operations", ("a", "x"), 1, False, 1),
        RoleRow("finance", "财务", "Finance", ("a",), 1, True, 1),
    ]
    assert [row["value"] for row in users_view.role_options(rows, "en")] == ["finance", "administrator"]


def test_tokens_say_what_they_may() -> None:
    rows = [
        TokenRow("k1", "erp", ("orders.read", "stock.read"), NOW, NOW, None, False),
        TokenRow("k2", "all", (), NOW, None, NOW, True),
    ]
    shown = users_view.tokens(rows, "zh_CN", SHANGHAI)
    assert [(row["scopes"], row["expires"], row["used"], row["status"]) for row in shown] == [
        ("查看订单、查看库存", "2026-10-15 12:00", "–", "已过期"),
        ("与本人权限相同", "–", "2026-10-15 12:00", "启用"),
    ]


def test_an_event_links_its_record_and_writes_amounts() -> None:
    row = AuditRow(
        NOW, "order.placed", "order", "SO-1", "gz", "Gz", {"gross_amount": 455400, "currency": "CNY"}
    )
    shown = audit.audit_row(row, "en", SHANGHAI)
    assert (shown["who"], shown["what"], shown["subject_href"]) == ("Gz (gz)", "order.placed", "/orders/SO-1")
    assert shown["facts"] == "gross_amount: ¥4,554.00 · currency: CNY"
    unknown = AuditRow(NOW, "sign_in.failed", "user", "-", "", "", {})
    shown = audit.audit_row(unknown, "zh_CN", SHANGHAI)
    assert (shown["who"], shown["what"], shown["subject_href"]) == ("系统", "登录失败", "")
