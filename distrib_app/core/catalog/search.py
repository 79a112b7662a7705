"""Finding SKUs by code, barcode, pinyin initials or name."""

from sqlmodel import Session

from ..kernel.access import Actor
from ..kernel.matching import Match, find_by_index, find_inside
from ..workbench import FoundRow
from .models import Sku


def search_skus(session: Session, _actor: Actor, word: str, limit: int) -> list[FoundRow]:
    """SKUs for the palette."""
    found = find_by_index(session, Sku, word, limit, code=Sku.code, letters=Sku.initials, names=[Sku.name])
    return [_sku(row, match) for match, row in found]


def search_skus_inside(session: Session, _actor: Actor, word: str, limit: int) -> list[FoundRow]:
    """SKUs whose name, code or barcode holds the word."""
    found = find_inside(
        session,
        Sku,
        word,
        limit,
        name=Sku.name,
        letters=Sku.initials,
        latin=[Sku.name_en],
        digits=[Sku.code, Sku.barcode],
    )
    return [_sku(row, Match.NAME) for row in found]


def _sku(row: Sku, match: Match) -> FoundRow:
    return FoundRow("sku", row.code, row.name, row.name_en or row.name, row.code, match)
