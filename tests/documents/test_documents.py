"""Documents from rows to paper: what stands on them, page numbers, escaping, what is missing."""

import re
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from distrib_app.core.accounts import AccountStatement, PartyName, StatementRow
from distrib_app.core.inventory import PlaceName, ShipmentDetail, ShipmentLineRow
from distrib_app.core.kernel.clock import Period
from distrib_app.core.kernel.money import TaxSplit
from distrib_app.core.orders import OrderDetail, OrderLineRow
from distrib_app.documents import PdfUnavailableError, Seal, to_pdf, verification_page
from distrib_app.documents.frame import Sheet, draw
from distrib_app.documents.sheets import (
    delivery_seal,
    delivery_sheet,
    order_seal,
    order_sheet,
    statement_seal,
    statement_sheet,
)

weasyprint = pytest.importorskip("weasyprint")
SELLER = PartyName("BR", "远山电器", "Farhill")
BUYER = PartyName("GD-002", "粤兴<家电>", "Yuexing")
AT = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # the 24th in Shanghai
ZONE = "Asia/Shanghai"


def order(lines: int = 3) -> OrderDetail:
    """An order of `lines` equal lines."""
    amounts = TaxSplit(885, 115, 1000)
    rows = tuple(
        OrderLineRow(
            line_no=number,
            sku_code=f"TV-{number}",
            sku_name="电视 & 支架",
            sku_name_en="TV & stand",
            unit="台",
            qty=1000,
            unit_price=Decimal("0.01"),
            tax_ppm=130_000,
            amounts=amounts,
            location_codes=(),
            reserved_qty=0,
            shipped_qty=0,
            delivered_qty=0,
            returned_qty=0,
            missing_qty=0,
            promised_on=None,
            steps=(),
        )
        for number in range(1, lines + 1)
    )
    return OrderDetail(
        number="SO-20261124-0001",
        status="allocated",
        version=1,
        seller=SELLER,
        buyer=BUYER,
        placed_at=AT,
        currency="CNY",
        amounts=TaxSplit(885 * lines, 115 * lines, 1000 * lines),
        attributes={},
        requested_on=None,
        promised_on=None,
        urgency="",
        urgent_reason="",
        tracking_token=None,
        is_own_purchase=False,
        lines=rows,
        parts=(),
        holds=(),
        shipments=(),
        feeds=(),
        shortages=(),
        returns=(),
        invoice_numbers=(),
        events=(),
        actions=(),
    )


SHIPMENT = ShipmentDetail(
    number="SH-20261124-0001",
    purpose="order",
    status="shipped",
    documents=("SO-20261124-0001-1",),
    seller=SELLER,
    buyer=BUYER,
    carrier="",
    waybill="SF123",
    shipped_at=AT,
    delivered_at=None,
    signed_by="",
    proof_file="",
    lines=(
        ShipmentLineRow("SO-20261124-0001-1", 1, "TV-1", "电视", "TV", "台", 1200),
        ShipmentLineRow("SO-20261124-0001-1", 2, "AC-1", "空调", "Air conditioner", "台", 34),
    ),
)
STATEMENT = AccountStatement(
    seller=SELLER,
    buyer=BUYER,
    currency="CNY",
    opening=0,
    rows=(
        StatementRow(date(2026, 11, 1), "invoice", "IN-1", "SO-1", 100_105, 100_105),
        StatementRow(date(2026, 11, 5), "receipt", "RC-1", "TT", -200_135, -100_030),
    ),
    closing=-100_030,
)


def drawn(sheet: Sheet, language: str = "zh_CN") -> str:
    return draw(sheet, language=language, qr="<svg></svg>", pdf_url="x.pdf?a=1&b=2")


def text_of(html: str) -> list[list[str]]:
    """The words on each page as WeasyPrint lays them out, margins included."""
    pages = []
    for page in weasyprint.HTML(string=html).render().pages:
        words: list[str] = []
        _collect(page._page_box, words)
        pages.append(words)
    return pages


def _collect(box: Any, words: list[str]) -> None:
    text = getattr(box, "text", None)
    if isinstance(text, str) and text.strip():
        words.append(text.strip())
    for child in getattr(box, "children", ()):
        _collect(child, words)


def test_an_order_in_chinese() -> None:
    words = " ".join(text_of(drawn(order_sheet(order(), language="zh_CN", zone=ZONE)))[0])
    for text in (
        "订单确认书", "SO-20261124-0001", "远山电器", "粤兴<家电>", "2026-11-24 01:30", "电视 & 支架",
        "1,000", "¥0.01", "13 %", "10.00", "¥26.55", "¥3.45", "¥30.00", "人民币叁拾元整",
        "签字（盖章）", "1 / 1",
    ):  # fmt: skip
        assert text in words, text


def test_an_order_in_english_has_no_chinese_words() -> None:
    words = " ".join(text_of(drawn(order_sheet(order(), language="en", zone=ZONE), "en"))[0])
    assert "Order confirmation" in words and "Yuexing" in words and "TV & stand" in words
    assert re.findall("[\u4e00-\u9fff]+", words.replace("台", "")) == []


def test_a_long_order_counts_its_pages_and_repeats_its_head() -> None:
    pages = text_of(drawn(order_sheet(order(90), language="zh_CN", zone=ZONE)))
    assert len(pages) == 4
    for index, words in enumerate(pages, 1):
        assert f"{index} / 4" in words
        assert "SO-20261124-0001" in words
    assert [("税率" in words) for words in pages[:3]] == [True] * 3
    assert "人民币玖佰元整" in " ".join(pages[-1])
    numbers = [word for words in pages for word in words if re.fullmatch(r"TV-\d+", word)]
    assert numbers == [f"TV-{number}" for number in range(1, 91)]


def test_a_delivery_note_names_no_price() -> None:
    words = " ".join(text_of(drawn(delivery_sheet(SHIPMENT, language="zh_CN", zone=ZONE)))[0])
    assert "送货单" in words and "SF123" in words and "1,234" in words
    assert "¥" not in words


def test_a_statement_balances_and_a_credit_reads_as_negative() -> None:
    sheet = statement_sheet(STATEMENT, period=None, now=AT, language="zh_CN", zone=ZONE)
    words = " ".join(text_of(drawn(sheet))[0])
    for text in (
        "往来对账单",
        "1,001.05",
        "2,001.35",
        "−1,000.30",
        "负壹仟元叁角整",
        "2026-11-01 – 2026-11-05",
    ):
        assert text in words, text


def test_seals_say_what_is_printed() -> None:
    assert order_seal(order(), zone=ZONE) == Seal("order", "SO-20261124-0001", "2026-11-24", 3000, "CNY")
    assert delivery_seal(SHIPMENT, zone=ZONE) == Seal("delivery", "SH-20261124-0001", "2026-11-24", 1234, "")
    october = Period.month(date(2026, 10, 1))
    assert statement_seal(STATEMENT, period=october, now=AT, zone=ZONE) == Seal(
        "statement", "BR:GD-002", "2026-10-31", -100_030, "CNY"
    )


def test_names_are_text_and_never_markup() -> None:
    evil = PartyName("X", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>')
    for language in ("zh_CN", "en"):
        html = drawn(order_sheet(replace(order(), buyer=evil), language=language, zone=ZONE), language)
        assert "<script" not in html and "<img" not in html


def test_a_pdf_is_one_and_fetches_nothing() -> None:
    html = drawn(order_sheet(order(), language="zh_CN", zone=ZONE))
    content = to_pdf(html)
    assert content.startswith(b"%PDF-") and len(content) > 20_000
    assert to_pdf(html.replace("<main", '<img src="file:///etc/passwd"><main')).startswith(b"%PDF-")


def test_without_the_system_library_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "weasyprint")
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(PdfUnavailableError) as caught:
        to_pdf("<p>x</p>")
    assert caught.value.status == 503 and "libpango" in str(caught.value)


def test_the_public_page_says_number_day_and_amount_only() -> None:
    page = verification_page(order_seal(order(), zone=ZONE), language="zh_CN")
    assert "单据属实" in page and "SO-20261124-0001" in page and "2026-11-24" in page and "¥30.00" in page
    assert "粤兴" not in page and "远山" not in page
    wrong = verification_page(None, language="en")
    assert "Not a document of this platform" in wrong and "SO-" not in wrong


def test_a_signed_delivery_note_says_by_whom_and_where_to_follow_the_order() -> None:
    signed = replace(SHIPMENT, signed_by="李<雷>", delivered_at=AT)
    links = [("SO-20261124-0001", "https://x.test/track/abc?lang=zh")]
    picture = "data:image/webp;base64,AAAA"
    sheet = delivery_sheet(signed, links=links, photo=picture, language="zh_CN", zone=ZONE)
    html = drawn(sheet)
    assert "李&lt;雷&gt;" in html
    assert "2026-11-24 01:30" in html
    assert f'src="{picture}"' in html
    assert "跟踪 SO-20261124-0001" in html
    assert html.count('class="qr"') == 1
    plain = drawn(delivery_sheet(SHIPMENT, language="zh_CN", zone=ZONE))
    assert "签收人" not in plain
    assert 'class="photo"' not in plain


def test_the_note_of_a_transfer_says_from_which_place_to_which() -> None:
    source, target = PlaceName("PLANT", "总厂", "Plant"), PlaceName("SOUTH", "华南仓", "")
    sent = replace(SHIPMENT, purpose="transfer", buyer=SELLER, source=source, target=target)
    words = " ".join(text_of(drawn(delivery_sheet(sent, language="en", zone=ZONE), "en"))[0])
    assert "Plant" in words and "华南仓" in words
    assert "总厂" not in drawn(delivery_sheet(SHIPMENT, language="zh_CN", zone=ZONE))
