"""Lists and records of the network, through the scope of whoever reads."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from distrib_app.core.channels import (
    TerritoryRow,
    create_partner,
    get_partner,
    grant_territory,
    list_partners,
    list_regions,
    list_tiers,
    set_partner_status,
)
from distrib_app.core.kernel.access import SYSTEM, Actor, Resource
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import InvalidError, NotFoundError
from distrib_app.core.kernel.listing import ListQuery

Who = Callable[[str], Actor]
ALL = ["BR", "GD", "JS", "GZ", "NJ", "SZ", "TH"]  # by rank of the tier, then code


def listed(database: Database, actor: Actor = SYSTEM, *, parent_code: str = "", **facts: Any) -> list[str]:
    """Codes of one page; `…_code` and `status` are facets."""
    chosen = {
        name: (facts.pop(key),)
        for name, key in (("tier", "tier_code"), ("region", "region_code"), ("status", "status"))
        if key in facts
    }
    query = ListQuery(facets=chosen, **facts)
    with database.read(actor) as session:
        return [row.code for row in list_partners(session, query=query, parent_code=parent_code).rows]


def test_everybody_sees_their_part(town: Database, who: Who) -> None:
    seen = {name: listed(town, who(name)) for name in ("boss", "gd", "gz", "sz", "th", "js")}
    assert seen == {
        "boss": ALL,
        "gd": ["GD", "GZ", "SZ", "TH"],
        "gz": ["GZ", "TH"],
        "sz": ["SZ"],
        "th": ["TH"],
        "js": ["JS", "NJ"],
    }
    assert listed(town, Actor(user_id=None, username="nobody", name="nobody")) == []


def test_the_list_is_filtered_and_paged(town: Database, now: datetime) -> None:
    with town.write(SYSTEM) as session:
        set_partner_status(session, SYSTEM, code="NJ", status="suspended", now=now)
    assert listed(town) == ALL
    assert listed(town, tier_code="city") == ["GZ", "NJ", "SZ"]
    assert listed(town, status="suspended") == ["NJ"]
    assert listed(town, parent_code="GD") == ["GZ", "SZ"]
    assert listed(town, region_code="440000") == ["GD", "GZ", "SZ", "TH"]
    assert listed(town, region_code="440000", tier_code="city", search=" gz ") == ["GZ"]
    assert listed(town, search="trading", limit=2, offset=1) == ["JS", "GZ"]
    assert listed(town, search="远") == ["BR"]
    with town.read(SYSTEM) as session:
        page = list_partners(session, query=ListQuery(limit=3, offset=6))
    assert (len(page.rows), page.total) == (1, 7)


def test_a_search_is_literal(town: Database, now: datetime) -> None:
    facts = {"tier_code": "city", "parent_code": "GD", "region_code": "440300", "now": now}
    with town.write(SYSTEM) as session:
        create_partner(session, SYSTEM, code="A%B_C", name="百分%之_百", **facts)
    assert listed(town, search="%") == ["A%B_C"]
    assert listed(town, search="_") == ["A%B_C"]
    assert listed(town, search="a%b_") == ["A%B_C"]
    assert listed(town, search="axb_") == []
    assert listed(town, search="/") == []


@pytest.mark.parametrize("facts", [{"offset": -1}, {"limit": 0}, {"limit": 1001}])
def test_a_window_that_no_list_serves_is_refused(town: Database, facts: dict[str, int]) -> None:
    with pytest.raises(InvalidError):
        listed(town, **facts)


def test_an_unknown_or_unseen_filter_does_not_exist(town: Database, who: Who) -> None:
    for facts in ({"tier_code": "x"}, {"parent_code": "JS"}, {"region_code": "x"}):
        with pytest.raises(NotFoundError):
            listed(town, who("gd"), **facts)


def test_a_row_names_its_tier_region_and_parent_even_out_of_sight(town: Database, who: Who) -> None:
    with town.read(who("gz")) as session:
        row = list_partners(session).rows[0]
    assert (row.code, row.name, row.name_en, row.kind) == ("GZ", "GZ 商贸", "GZ Trading", "agent")
    assert (row.tier_code, row.tier_name_en) == ("city", "City agent")
    assert (row.parent_code, row.parent_name_en) == ("GD", "GD Trading")
    assert (row.region_code, row.region_name, row.status, row.version) == ("440100", "广州市", "active", 1)
    with town.read(who("boss")) as session:
        brand = list_partners(session).rows[0]
    assert (brand.parent_code, brand.parent_name) == ("", "")


def test_a_record_holds_what_hangs_on_it(town: Database, who: Who, now: datetime) -> None:
    today = date(2026, 10, 15)
    with town.write(SYSTEM) as session:
        for code, line, first, last in (
            ("440100", "TOOLS", today, None),
            ("440600", None, today - timedelta(days=9), today),  # ended yesterday
            ("440700", None, today + timedelta(days=1), None),
        ):
            grant_territory(
                session,
                SYSTEM,
                partner_code="GZ",
                region_code=code,
                line_code=line,
                is_exclusive=True,
                valid_from=first,
                valid_to=last,
                now=now,
            )
    with town.read(who("gz")) as session:
        detail = get_partner(session, "GZ", now=now)
    assert detail.partner.code == "GZ"
    assert [row.code for row in detail.children] == ["TH"]
    assert detail.territories == (
        TerritoryRow("440100", "广州市", "Guangzhou", "TOOLS", "TOOLS", True, today, None),
    )
    assert [(member.username, member.role_name_en) for member in detail.members] == [("gz", "Distributor")]
    assert [row.kind for row in detail.events] == [
        "territory.granted",
        "territory.granted",
        "territory.granted",
        "membership.added",
        "partner.created",
    ]


def test_members_are_shown_to_their_own_and_to_administrators(
    town: Database, who: Who, now: datetime
) -> None:
    shown = {}
    for name in ("admin", "ops", "gd", "gz"):
        with town.read(who(name)) as session:
            shown[name] = [row.username for row in get_partner(session, "GZ", now=now).members]
    assert shown == {"admin": ["gz"], "ops": [], "gd": [], "gz": ["gz"]}


def test_a_record_out_of_scope_does_not_exist(town: Database, who: Who, now: datetime) -> None:
    for code in ("SZ", "GD", "XX"):
        with town.read(who("gz")) as session, pytest.raises(NotFoundError) as caught:
            get_partner(session, code, now=now)
        assert caught.value.facts == {"kind": "partner", "key": code}


def test_tiers_count_only_what_the_reader_sees(town: Database, who: Who) -> None:
    with town.read(who("boss")) as session:
        counts = {row.code: row.partner_count for row in list_tiers(session)}
    assert counts == {"brand": 1, "province": 2, "city": 3, "county": 0, "outlet": 1, "service": 0}
    with town.read(who("gd")) as session:
        rows = {row.code: row for row in list_tiers(session)}
    assert [row.partner_count for row in rows.values()] == [0, 1, 2, 0, 1, 0]
    assert rows["province"].levels["sales_figures"] == "all"
    assert set(rows["service"].levels) == {str(resource) for resource in Resource}
    assert rows["service"].levels["stock"] == "none"


def test_regions_are_walked_and_searched(town: Database) -> None:
    def codes(**facts: object) -> list[str]:
        with town.read(SYSTEM) as session:
            return [row.code for row in list_regions(session, **facts)]

    assert codes() == ["CN"]
    assert len(codes(parent_code="CN")) == 34
    assert codes(parent_code="440000", limit=3) == ["440100", "440200", "440300"]
    assert codes(search="广州") == ["440100"]
    assert codes(search="guangzh", limit=1) == ["440100"]
    assert codes(search="%") == []
    with pytest.raises(NotFoundError):
        codes(parent_code="x")
    with pytest.raises(InvalidError):
        codes(limit=0)
