"""Finding partners and end customers by code, pinyin initials or name, within scope."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import or_
from sqlmodel import Session, SQLModel, select

from ..kernel.access import Actor
from ..kernel.db import row_id
from ..kernel.matching import Match, find_by_index, find_inside
from ..workbench import FoundRow
from .models import EndCustomer, Partner

_MOST = 50
Row = TypeVar("Row", bound=SQLModel)


def match_partners(session: Session, word: str) -> list[tuple[Match, Partner]]:
    """Partners within scope whose code, initials or name begin with the word, best first, at most fifty.

    Orders and accounts of one search ask the same: the session remembers the answer for as long as it lives.
    """
    asked: dict[str, list[tuple[Match, Partner]]] = session.info.setdefault("matched_partners", {})
    if word not in asked:
        asked[word] = find_by_index(
            session, Partner, word, _MOST, code=Partner.code, letters=Partner.initials, names=[Partner.name]
        )
    return asked[word]


def find_documents(
    session: Session, model: type[Row], word: str, limit: int, *, parties: Sequence[Any]
) -> list[tuple[Match, Row]]:
    """Documents whose number begins with the word, then the newest of the partners that meet it.

    `model` has a `number` and an `id`; `parties` are its columns that hold the id of a partner.
    """
    table = cast(Any, model)
    found = find_by_index(session, model, word, limit, code=table.number, order=table.number.desc())
    matches = {row_id(row): match for match, row in match_partners(session, word)}
    if len(found) >= limit or not matches:
        return found
    known = {cast(Any, row).number for _, row in found}
    newest = session.exec(
        select(model)
        .where(or_(*(party.in_(matches) for party in parties)))
        .order_by(table.id.desc())
        .limit(limit)
    )
    for row in newest:
        if cast(Any, row).number not in known:
            ids = (getattr(row, party.key) for party in parties)
            found.append((min(matches[key] for key in ids if key in matches), row))
    return found[:limit]


def search_partners(session: Session, _actor: Actor, word: str, limit: int) -> list[FoundRow]:
    """Partners for the palette."""
    return [_partner(row, match) for match, row in match_partners(session, word)[:limit]]


def search_partners_inside(session: Session, _actor: Actor, word: str, limit: int) -> list[FoundRow]:
    """Partners whose name holds the word."""
    found = find_inside(
        session,
        Partner,
        word,
        limit,
        name=Partner.name,
        letters=Partner.initials,
        latin=[Partner.name_en],
        digits=[Partner.code],
    )
    return [_partner(row, Match.NAME) for row in found]


def _partner(row: Partner, match: Match) -> FoundRow:
    return FoundRow("partner", row.code, row.name, row.name_en or row.name, row.code, match)


def search_customers(session: Session, _actor: Actor, word: str, limit: int) -> list[FoundRow]:
    """End customers of the actor's own companies for the palette."""
    found = find_by_index(
        session,
        EndCustomer,
        word,
        limit,
        code=EndCustomer.code,
        letters=EndCustomer.initials,
        names=[EndCustomer.name],
    )
    return [_customer(row, match) for match, row in found]


def search_customers_inside(session: Session, _actor: Actor, word: str, limit: int) -> list[FoundRow]:
    """End customers whose name or telephone number holds the word."""
    found = find_inside(
        session,
        EndCustomer,
        word,
        limit,
        name=EndCustomer.name,
        letters=EndCustomer.initials,
        digits=[EndCustomer.code, EndCustomer.phone],
    )
    return [_customer(row, Match.NAME) for row in found]


def _customer(row: EndCustomer, match: Match) -> FoundRow:
    return FoundRow("customer", row.code, row.name, row.name, row.code, match)
