"""Where the demo trades: 31 provinces with their weight, and the places inside each."""

from dataclasses import dataclass, field

from sqlmodel import Session, select

from ..channels import Region, RegionLevel
from ..kernel.db import row_id

# GB/T 2260 code, code letters, character, pinyin, weight, warehouse, provincial agents, direct buyers.
# The weight (‰) mixes the shares of gross product (60 %) and population (40 %), rounded.
_PROVINCES = """
110000 BJ 京 Jing   28 TJ 1 3
120000 TJ 津 Jin    12 TJ 1 3
130000 HE 冀 Ji     42 TJ 1 3
140000 SX 晋 Jin    21 TJ 1 3
150000 NM 蒙 Meng   19 TJ 1 3
210000 LN 辽 Liao   27 SY 1 3
220000 JL 吉 Ji     13 SY 1 3
230000 HL 黑 Hei    16 SY 1 3
310000 SH 沪 Hu     31 SH 1 3
320000 JS 苏 Su     85 SH 2 4
330000 ZJ 浙 Zhe    59 SH 2 4
340000 AH 皖 Wan    40 SH 1 3
350000 FJ 闽 Min    38 FS 2 3
360000 JX 赣 Gan    28 WH 1 3
370000 SD 鲁 Lu     73 TJ 2 4
410000 HA 豫 Yu     57 WH 2 3
420000 HB 鄂 E      43 WH 2 3
430000 HN 湘 Xiang  43 WH 2 3
440000 GD 粤 Yue    99 FS 2 4
450000 GX 桂 Gui    27 FS 1 3
460000 HI 琼 Qiong   7 FS 1 2
500000 CQ 渝 Yu     23 CD 1 3
510000 SC 川 Chuan  53 CD 2 3
520000 GZ 黔 Qian   21 CD 1 3
530000 YN 滇 Dian   27 CD 1 3
540000 XZ 藏 Zang    2 CD 1 1
610000 SN 陕 Shan   27 XA 1 3
620000 GS 陇 Long   13 XA 1 2
630000 QH 青 Qing    4 XA 1 1
640000 NX 宁 Ning    5 XA 1 1
650000 XJ 新 Xin    16 XA 1 1
"""
# Placeholders of the code table, and a city without shops.
_UNNAMED = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "三沙市")


@dataclass(frozen=True, slots=True)
class Place:
    """A region of the tree with what a name needs; `inner` are the places inside, by code."""

    region_id: int
    code: str
    path: str
    short_name: str
    name_en: str
    inner: tuple["Place", ...] = ()


@dataclass(frozen=True, slots=True)
class Province:
    """A province: its weight, its channel plan, and its places.

    `cells` are what exclusive territories are cut into: cities, or the districts of a municipality.
    """

    letters: str
    character: str
    pinyin: str
    weight: int
    warehouse: str
    agent_count: int
    direct_count: int
    place: Place
    is_municipality: bool = False
    cells: tuple[Place, ...] = field(default=())


def read_provinces(session: Session) -> list[Province]:
    """The 31 provinces with their places from the region tree (one statement)."""
    children: dict[int | None, list[Region]] = {}
    for region in session.exec(select(Region).order_by(Region.code)):
        children.setdefault(region.parent_id, []).append(region)
    by_code = {region.code: region for rows in children.values() for region in rows}
    return [_province(by_code, children, line.split()) for line in _PROVINCES.strip().splitlines()]


def _province(
    by_code: dict[str, Region], children: dict[int | None, list[Region]], row: list[str]
) -> Province:
    code, letters, character, pinyin, weight, warehouse, agents, direct = row
    region = by_code[code]
    cities = children[row_id(region)]
    named = [city for city in cities if city.name not in _UNNAMED]
    # A municipality has no named city: its districts are the places people speak of.
    top = named or [district for city in cities for district in children.get(row_id(city), [])]
    cells = tuple(_place(cell, children) for cell in top if cell.name not in _UNNAMED)
    return Province(
        letters,
        character,
        pinyin,
        int(weight),
        warehouse,
        int(agents),
        int(direct),
        _place(region, {}),
        not named,
        cells,
    )


def _place(region: Region, children: dict[int | None, list[Region]]) -> Place:
    inner = tuple(
        _place(child, {})
        for child in children.get(row_id(region), [])
        if child.level == RegionLevel.COUNTY and child.name not in _UNNAMED
    )
    name_en = region.name_en.removesuffix(" District").removesuffix(" County")
    return Place(row_id(region), region.code, region.path, region.short_name, name_en, inner)
