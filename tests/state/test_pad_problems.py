"""What speaks against a line of the pad stands beside it; codes of no SKU can be taken out."""

from datetime import date

from distrib_app.core.accounts import Reason
from distrib_app.core.kernel.money import TaxSplit
from distrib_app.core.orders import UNKNOWN_SKU, LineFacts, OrderQuote, PartyFacts, ordering_reasons
from distrib_app.core.orders.routing import RoutePlan
from distrib_app.state import order_pad_view
from distrib_app.state.pad_problems import problems, with_problems

PARTIES = PartyFacts("BR", "suspended", "GD", "active", has_account=True, is_account_closed=False)


def quote(*lines: LineFacts) -> OrderQuote:
    """A quote with every reason of core against these lines, and one against the seller."""
    reasons, _ = ordering_reasons(parties=PARTIES, lines=lines, exposure=None, gross=0)
    return OrderQuote(
        seller_code="BR",
        buyer_code="GD",
        day=date(2026, 10, 15),
        currency="CNY",
        lines=(),
        amounts=TaxSplit(0, 0, 0),
        exposure=None,
        reasons=reasons,
        holds=(),
        parts=(),
        plan=RoutePlan((), {}, 0, 0, 0, None, (), (), ()),
        sources={},
        urgency="",
        urgent_reason="",
        quotas={},
    )


def test_each_reason_stands_at_its_place() -> None:
    found = quote(
        LineFacts("AC", 13, multiple_qty=6, available_qty=12),
        LineFacts("TV", 1, available_qty=5),
        LineFacts("NONE", 2, is_known=False),
    )
    assert problems(found, "zh_CN") == {
        "AC": "AC 按 6 的倍数销售；13 不是其倍数。 AC：需要 13，可用 12。",
        "NONE": "没有 SKU NONE。",
    }
    assert order_pad_view.reasons(found, "zh_CN", "Asia/Shanghai") == ["BR 目前不销售。"]
    rows = with_problems([{"sku": "AC"}, {"sku": "TV"}], found, "zh_CN")
    assert [(row["sku"], bool(row["problem"])) for row in rows] == [
        ("AC", True),
        ("TV", False),
        ("NONE", True),
    ]
    assert (rows[2]["qty"], rows[2]["price"]) == ("2", "–")


def test_nothing_speaks_against_what_is_fine_or_empty() -> None:
    assert problems(None, "en") == {}
    assert with_problems([], None, "en") == []
    found = quote(LineFacts("TV", 1, available_qty=5))
    assert with_problems([{"sku": "TV"}], found, "en") == [{"sku": "TV", "problem": ""}]
    assert all(isinstance(reason, Reason) and reason.code != UNKNOWN_SKU for reason in found.reasons)
