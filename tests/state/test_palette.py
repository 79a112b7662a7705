"""What the palette shows of what was found: addresses, headings, the tab's language."""

from distrib_app.core.kernel.matching import Match
from distrib_app.core.workbench import FoundGroup, FoundRow
from distrib_app.state.palette import _rows

GROUPS = (
    FoundGroup(
        "partner",
        "Partners",
        (
            FoundRow("partner", "GD-001", "粤海家电", "Yuehai", "GD-001", Match.INITIALS),
            FoundRow("partner", "GD-002", "粤兴家电", "Yuexing", "GD-002", Match.NAME),
        ),
    ),
    FoundGroup(
        "account",
        "Trading accounts",
        (FoundRow("account", "BR:GD-001", "远山 → 粤海", "Farhill → Yuehai", "CNY", Match.CODE),),
    ),
    FoundGroup(
        "customer", "End customers", (FoundRow("customer", "C 1&2", "余红", "余红", "C", Match.CODE),)
    ),
    FoundGroup("moon", "Orders", (FoundRow("moon", "X", "X", "X", "", Match.CODE),)),
)


def test_rows_carry_address_heading_and_language() -> None:
    rows = _rows(GROUPS, "zh_CN")
    assert [(row["heading"], row["title"], row["href"]) for row in rows] == [
        ("伙伴", "粤海家电", "/partners/GD-001"),
        ("", "粤兴家电", "/partners/GD-002"),
        ("往来账户", "远山 → 粤海", "/accounts/BR/GD-001"),
        ("终端客户", "余红", "/customers?search=C%201%262"),
    ]
    assert len({row["id"] for row in rows}) == len(rows)
    assert _rows(GROUPS, "en")[2]["title"] == "Farhill → Yuehai"


def test_a_title_with_facts_is_a_message() -> None:
    row = FoundRow(
        "order", "SO-1", "{first}–{last} of {total}", "", "", Match.CODE, {"first": 1, "last": 2, "total": 3}
    )
    group = FoundGroup("order", "Orders", (row,))
    assert _rows((group,), "en")[0]["title"] == "1–2 of 3"
