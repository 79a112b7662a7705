"""What every database starts with, against the list of regions that the package carries."""

import csv
from pathlib import Path

from sqlmodel import func, select

from distrib_app.core import channels
from distrib_app.core.channels import Region, Role, Tier, TierScope, region_tiles, set_up
from distrib_app.core.channels.setup import PARTNER_PERMISSIONS, ROLES, TIERS
from distrib_app.core.kernel.access import SYSTEM, Level, Permission, Resource
from distrib_app.core.kernel.db import Database, get_by

TABLE = Path(channels.__file__).parent / "tables" / "regions_cn.csv"


def test_the_regions_are_those_of_the_list(sqlite: Database) -> None:
    listed = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
    with sqlite.read(SYSTEM) as session:
        regions = {row.code: row for row in session.exec(select(Region))}
    assert len(regions) == len(listed) + 1
    ids = {row.id: row for row in regions.values()}
    for item in listed:
        region = regions[item["code"]]
        parent = regions[item["parent"]]
        assert region.parent_id == parent.id
        assert region.path == f"{parent.path}{region.code}/"
        assert (region.name, region.level) == (item["name"], item["level"])
    assert [row.code for row in ids.values() if row.parent_id is None] == ["CN"]
    levels = [row.level for row in regions.values()]
    assert levels.count("province") == 34
    tianhe = regions["440106"]
    assert (tianhe.path, tianhe.name) == ("CN/440000/440100/440106/", "天河区")


def test_coordinates_are_exact_millionths(sqlite: Database) -> None:
    with sqlite.read(SYSTEM) as session:
        placed = session.exec(
            select(Region.code, Region.longitude_e6, Region.latitude_e6).where(
                Region.longitude_e6.is_not(None)
            )
        ).all()
    assert len(placed) > 3000
    listed = {row["code"]: row for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())}
    for code, longitude, latitude in placed:
        assert 73_000_000 < longitude < 136_000_000
        assert 3_000_000 < latitude < 54_000_000
        assert abs(longitude - float(listed[code]["longitude"]) * 1e6) < 1
        assert abs(latitude - float(listed[code]["latitude"]) * 1e6) < 1


def test_tiers_and_roles_are_those_of_the_tables(sqlite: Database) -> None:
    with sqlite.read(SYSTEM) as session:
        tiers = session.exec(select(Tier).order_by(Tier.rank)).all()
        scopes = {(row.tier_id, row.resource): row.level for row in session.exec(select(TierScope))}
        roles = {row.code: set(row.permissions) for row in session.exec(select(Role))}
    assert [tier.code for tier in tiers] == ["brand", "province", "city", "county", "outlet", "service"]
    for tier, (_, _, _, permissions, levels) in zip(tiers, TIERS, strict=True):
        assert set(tier.permissions) == set(permissions)
        found = {resource: level for (tier_id, resource), level in scopes.items() if tier_id == tier.id}
        assert found == levels
    assert roles == {code: set(permissions) for code, _, _, permissions in ROLES}


def test_only_the_brand_may_administer_and_see_everything() -> None:
    for code, _, _, permissions, levels in TIERS:
        is_brand = code == "brand"
        assert (Permission.ADMIN_ACCESS in permissions) is is_brand
        assert (Permission.PARTNERS_WRITE in permissions) is is_brand
        wide = {resource for resource, level in levels.items() if level is Level.ALL}
        if not is_brand:
            assert wide == ({Resource.SALES_FIGURES} if code == "province" else set())
    assert Permission.CATALOG_WRITE not in PARTNER_PERMISSIONS


def test_a_second_set_up_leaves_an_administrators_changes_alone(sqlite: Database) -> None:
    with sqlite.write(SYSTEM) as session:
        get_by(session, Tier, "tier", code="city").name = "城市合伙人"
        role = get_by(session, Role, "role", code="finance")
        role.permissions = []
        session.delete(get_by(session, Role, "role", code="executive"))
    with sqlite.write(SYSTEM) as session:
        set_up(session)
    with sqlite.read(SYSTEM) as session:
        assert get_by(session, Tier, "tier", code="city").name == "城市合伙人"
        assert get_by(session, Role, "role", code="finance").permissions == []
        assert get_by(session, Role, "role", code="executive").permissions != []
        assert session.exec(select(func.count(Tier.id))).one() == 6
        assert session.exec(select(func.count(Region.id))).one() > 3000


def test_every_province_has_a_tile_of_its_own(sqlite: Database) -> None:
    tiles = region_tiles()
    with sqlite.read(SYSTEM) as session:
        provinces = set(session.exec(select(Region.code).where(Region.level == "province")).all())
    assert {tile.code for tile in tiles} == provinces
    assert len({(tile.column, tile.row) for tile in tiles}) == len(tiles) == 34
    assert {len(tile.short) for tile in tiles} == {1}
