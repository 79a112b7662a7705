"""Documents by cookie and by token: the record's own permission and scope, and the public check."""

import re

import httpx
import pytest

from distrib_app import gate
from distrib_app.core.kernel.access import SYSTEM, User, open_session
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.db import get_by
from distrib_app.core.orders import get_order
from distrib_app.documents import get_secret, seal_token
from distrib_app.documents.sheets import order_seal

from .market import API, Market


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of this test, so that none is written beside the sources."""
    monkeypatch.setenv("DOCUMENT_SECRET", "test")


def cookie(market: Market, username: str) -> dict[str, str]:
    """A browser session of the user, as a header."""
    with market.database.write(SYSTEM) as session:
        user = get_by(session, User, "user", username=username)
        token = open_session(session, user=user, hours=1, now=utc_now())
    return {"cookie": f"{gate.COOKIE}={token}"}


def browse(market: Market, path: str, who: str = "") -> httpx.Response:
    """What a browser gets."""
    return market.client.request("GET", path, headers=cookie(market, who) if who else {})


def shipped(market: Market) -> tuple[str, str]:
    """Number of an order of GZ and of its shipment."""
    number = market.place("gz", "BR", {"TV": 2}, key="paper", ship="ops")
    return number, market.get("gz", f"/orders/{number}")["shipments"][0]["number"]


def test_print_view_pdf_and_check(market: Market) -> None:
    number, shipment = shipped(market)
    view = browse(market, f"/documents/order/{number}.html?lang=zh_CN", "gz")
    assert view.status_code == 200 and "订单确认书" in view.text and number in view.text
    pdf = browse(market, f"/documents/order/{number}.pdf?lang=en", "gz")
    assert pdf.headers["content-type"] == "application/pdf" and pdf.content.startswith(b"%PDF-")
    assert f"order-{number}.pdf" in pdf.headers["content-disposition"]
    note = browse(market, f"/documents/delivery/{shipment}.html?lang=en", "ops")
    assert "Delivery note" in note.text and shipment in note.text
    statement = browse(market, "/documents/statement/BR:GZ.html?lang=en", "gz")
    assert "Statement of account" in statement.text and "6.67" in statement.text


def test_a_rival_and_a_stranger_get_nothing(market: Market) -> None:
    number, shipment = shipped(market)
    for path in (f"order/{number}", f"delivery/{shipment}", "statement/BR:GZ"):
        for form in ("html", "pdf"):
            assert browse(market, f"/documents/{path}.{form}", "sz").status_code == 404, path
            assert browse(market, f"/documents/{path}.{form}").status_code == 401, path
    assert browse(market, "/documents/invoice/X.html", "gz").status_code == 404
    assert browse(market, "/documents/statement/BR:GZ.pdf", "ops").status_code == 403


def test_over_rest(market: Market) -> None:
    number, _ = shipped(market)
    headers = {"authorization": f"Bearer {market.tokens['gz']}"}
    html = market.client.request("GET", f"{API}/documents/order/{number}.html", headers=headers)
    assert html.status_code == 200 and "Order confirmation" in html.text
    pdf = market.client.request("GET", f"{API}/documents/order/{number}.pdf", headers=headers)
    assert pdf.content.startswith(b"%PDF-")
    market.refuse("sz", "GET", f"/documents/order/{number}.pdf", 404)
    market.refuse("gz", "GET", f"/documents/order/{number}.doc", 422)
    market.refuse("gz", "GET", f"/documents/invoice/{number}.pdf", 422)


def test_the_code_of_a_document_proves_it(market: Market) -> None:
    number, _ = shipped(market)
    with market.database.read(SYSTEM) as session:
        seal = order_seal(get_order(session, number), zone="Asia/Shanghai")
    token = seal_token(seal, get_secret())
    good = browse(market, f"/verify/{token}")
    assert good.status_code == 200 and number in good.text and "6.67" in good.text
    assert re.search("GZ|家电", good.text) is None
    for altered in (token[:-1] + ("A" if token[-1] != "A" else "B"), token[1:], "x", "%00", token + "A"):
        answer = browse(market, f"/verify/{altered}")
        assert answer.status_code == 404 and number not in answer.text, altered
