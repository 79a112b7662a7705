"""The whole application on PostgreSQL: migrated and filled by its own commands, used in a browser."""

import re
from collections.abc import Callable

import pytest

from .conftest import Person, Server


@pytest.fixture(scope="module")
def on_postgres(start_server: Callable[..., Server], empty_postgres_url: str) -> Server:
    """Two processes on one port whose records are in PostgreSQL."""
    return start_server(["demo", "--lines", "3000"], database_url=empty_postgres_url, processes=2)


def test_an_order_on_postgresql_reaches_the_cockpit(
    sign_in: Callable[..., Person], on_postgres: Server
) -> None:
    boss = sign_in("boss", server=on_postgres)
    boss.page.wait_for_selector('[data-metric="sales"]')
    before = boss.page.get_attribute('[data-metric="orders"]', "data-exact")
    assert int(before or 0) > 0
    boss.screenshot("postgres-cockpit")

    buyer = sign_in("province", server=on_postgres, at="")
    buyer.open("/orders/new/")
    buyer.page.click(".choices li:first-child button")
    buyer.page.wait_for_selector("button.primary:not([disabled]):has-text('提交订单')")
    buyer.page.click("button:has-text('提交订单')")
    buyer.page.wait_for_url(re.compile(r"/orders/SO-\d{8}-\d{4}"))
    number = buyer.page.url.rstrip("/").rpartition("/")[2]

    operations = sign_in("ops", server=on_postgres, at="")
    operations.open(f"/orders/{number}/")
    operations.page.click("button:has-text('发货')")
    operations.page.click("form button:has-text('发货')")
    operations.page.wait_for_selector(".page-title .badge:has-text('已发货')")
    boss.page.wait_for_function(
        "expected => document.querySelector('[data-metric=orders]').dataset.exact === expected",
        arg=str(int(before or 0) + 1),
    )
    assert "ok" in on_postgres.command("check-invariants")
