"""The rows of accounts: those of one partner, and one by its parties."""

import pytest

from distrib_app.core.accounts import get_account_row, list_accounts
from distrib_app.core.kernel.errors import NotFoundError

from .network import Net


def _pairs(net: Net, username: str, partner_code: str) -> set[tuple[str, str]]:
    with net.database.read(net.actors[username]) as session:
        page = list_accounts(session, day=net.now.date(), partner_code=partner_code)
    assert page.total == len(page.rows)
    return {(row.seller.code, row.buyer.code) for row in page.rows}


def test_accounts_of_a_partner_are_those_it_sells_or_buys_in(net: Net) -> None:
    for seller, buyer in (("BR", "GD"), ("BR", "JS"), ("GD", "GZ"), ("GD", "SZ")):
        net.open(seller, buyer, limit=100)
    assert _pairs(net, "finance", "GD") == {("BR", "GD"), ("GD", "GZ"), ("GD", "SZ")}
    assert _pairs(net, "finance", "JS") == {("BR", "JS")}
    assert _pairs(net, "gd", "GZ") == {("GD", "GZ")}
    assert _pairs(net, "gz", "GZ") == {("GD", "GZ")}


def test_a_partner_out_of_sight_has_no_accounts_to_ask_for(net: Net) -> None:
    net.open("BR", "JS", limit=100)
    with pytest.raises(NotFoundError):
        _pairs(net, "gd", "JS")


def test_one_account_is_the_row_its_list_shows(net: Net) -> None:
    net.open("BR", "GD", limit=5_000)
    day = net.now.date()
    net.invoice("BR", "GD", 1_130, day)
    with net.database.read(net.actors["finance"]) as session:
        row = get_account_row(session, seller_code="BR", buyer_code="GD", day=day)
        assert row == list_accounts(session, day=day).rows[0]
    assert (row.exposure.total, row.exposure.available) == (1_130, 3_870)
    with net.database.read(net.actors["js"]) as session, pytest.raises(NotFoundError):
        get_account_row(session, seller_code="BR", buyer_code="GD", day=day)
