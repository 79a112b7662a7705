"""The areas of a cockpit: tiles laid out like the country, the ranking, and the unit both are written in."""

from collections.abc import Sequence

from ..core.analytics import CellRow, Cockpit
from ..core.channels import RegionTile, region_tiles
from ..core.kernel.errors import msg
from ..core.kernel.money import divide
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, change, compact_micros, micros, own_name, short_scale_of

SHADES = 6


def _scale(rows: Sequence[CellRow]) -> int:
    return max((row.figures.sales for row in rows if row.figures is not None), default=0)


def _unit_scale(rows: Sequence[CellRow], language: str) -> tuple[int, str]:
    """The divisor (from millionths) and name of the unit in which all areas are written."""
    highest = divide(_scale(rows), 1_000_000)
    steps = [step for step in short_scale_of(language) if step[0] < 10**9]
    for size, unit in steps:
        if highest >= size * 100:
            return size, unit
    return (steps[-1][0], steps[-1][1]) if highest >= steps[-1][0] else (1, "")


def money_unit(rows: Sequence[CellRow], language: str) -> str:
    """The unit of the area figures."""
    return _unit_scale(rows, language)[1]


def _in_unit(amount: int, size: int) -> str:
    scaled = divide(amount * 10, size * 1_000_000)
    return f"{scaled // 10:,}.{scaled % 10}" if scaled >= 0 else f"−{-scaled // 10:,}.{-scaled % 10}"


def _hidden_text(row: CellRow, language: str) -> str:
    return gettext(msg("fewer than 3") if row.is_small else msg("withheld"), language)


def area_total(cockpit: Cockpit, language: str) -> str:
    """The sum the areas belong to."""
    total = cockpit.current
    if total is None:
        return NO_VALUE
    figure, unit = compact_micros(total.sales, cockpit.currency, language)
    return f"{figure}{unit}"


def tiles(cockpit: Cockpit, chosen: str, language: str) -> list[dict[str, str]]:
    """A square a province, placed as the tile table says; empty for networks without such a layout."""
    rows = {row.code: row for row in cockpit.areas}
    if not any(tile.code in rows for tile in region_tiles()):
        return []
    size, _ = _unit_scale(cockpit.areas, language)
    highest = _scale(cockpit.areas)
    return [
        _tile(tile, rows.get(tile.code), cockpit, size, highest, chosen, language) for tile in region_tiles()
    ]


def _tile(
    tile: RegionTile,
    row: CellRow | None,
    cockpit: Cockpit,
    size: int,
    highest: int,
    chosen: str,
    language: str,
) -> dict[str, str]:
    name = tile.short if language == "zh_CN" else tile.iso
    amount = row.figures.sales if row and row.figures else 0
    hidden = _hidden_text(row, language) if row and row.figures is None else ""
    exact = hidden or micros(amount, cockpit.currency, language)
    return {
        "code": tile.code,
        "name": name,
        "text": ("＜3" if row and row.is_small else "…")
        if hidden
        else _in_unit(amount, size)
        if amount
        else NO_VALUE,
        "label": f"{own_name(row, language) if row else name}: {exact}",
        "shade": f"shade-{_shade(amount, highest)}",
        "chosen": "yes" if tile.code == chosen else "",
        "disabled": "yes" if row is None or hidden else "",
        "column": str(tile.column + 1),
        "line": str(tile.row + 1),
    }


def _shade(amount: int, highest: int) -> int:
    return 0 if amount <= 0 or highest <= 0 else min(SHADES, 1 + amount * SHADES // highest)


def ranking(cockpit: Cockpit, chosen: str, language: str) -> list[dict[str, str]]:
    """Areas by sales with a bar and the change against last year; hidden ones last."""
    size, _ = _unit_scale(cockpit.areas, language)
    highest = _scale(cockpit.areas)
    found = []
    for index, row in enumerate(cockpit.areas):
        shown = row.figures
        text, direction = (
            change(shown.sales, row.year_ago.sales) if shown and row.year_ago else (NO_VALUE, "none")
        )
        found.append(
            {
                "code": row.code,
                "rank": str(index + 1) if shown else "",
                "name": row.short_name if language == "zh_CN" and row.short_name else own_name(row, language),
                "width": f"{max(shown.sales, 0) * 100 // highest if shown and highest else 0}%",
                "text": _in_unit(shown.sales, size) if shown else _hidden_text(row, language),
                "change": text,
                "direction": direction,
                "chosen": "yes" if row.code == chosen else "",
                "disabled": "" if shown else "yes",
            }
        )
    return found
