"""Why a number of the network's stock is what it is: of which places, or of which SKUs, it is made up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from ..catalog import Sku
from ..kernel.clock import day_start
from ..kernel.db import get_by, row_id
from ..kernel.errors import InvalidError, NotFoundError, msg
from ..kernel.explain import Step, Why
from ..kernel.money import divide
from .ageing import read_ageing
from .cover import WEEKS, cover_tenths
from .models import Balance, Location, Movement
from .network_stock import BY, issued_since
from .network_views import NetworkView, places_of
from .rules import AGE_BUCKETS

MOST_STEPS = 12
_AGES = {f"age{place}": label for place, (label, _) in enumerate(AGE_BUCKETS)}


@dataclass(frozen=True, slots=True)
class NetworkPart:
    """What one place holds of a SKU, or one SKU of a place: quantities by the names of their columns."""

    code: str
    name: str
    name_en: str
    qtys: Mapping[str, int]


def explain_network(
    session: Session, *, view: str, by: str, code: str, key: str, day: date, zone: str
) -> Why:
    """Why a number of the row `code` is what it is: count, on_hand, issued, cover, age0 … age4.

    Raises `InvalidError`, and `NotFoundError` for a number that a row does not show.
    """
    if view not in set(NetworkView) or by not in BY:
        raise InvalidError(field="view" if by in BY else "by", reason=view if by in BY else by)
    parts = _parts(session, view, by, code, day=day, zone=zone)
    why = why_of_network(parts, key)
    if why is None:
        raise NotFoundError(kind="number", key=f"{code} · {key}")
    return why


def why_of_network(parts: Sequence[NetworkPart], key: str) -> Why | None:
    """The parts of a number, most first, and what they add up to; weeks of cover from the sums."""
    if key == "count":
        steps = [_step(part, str(part.qtys["on_hand"])) for part in _most(parts, "on_hand")]
        return Why(msg("Places or SKUs"), {}, (*steps, Step(msg("Counted"), {}, str(len(parts)))))
    if key == "cover":
        return _cover(parts)
    titles = {"on_hand": msg("On hand"), "issued": msg("Out in 13 weeks"), **_AGES}
    if key not in titles:
        return None
    steps = [_step(part, str(part.qtys[key])) for part in _most(parts, key)]
    held = [part for part in parts if part.qtys[key]]
    rest = sum(part.qtys[key] for part in held) - sum(part.qtys[key] for part in _most(parts, key))
    if rest:
        others = {"count": len(held) - MOST_STEPS}
        steps.append(Step(msg("{count} others"), others, str(rest)))
    total = Step(msg("Sum"), {}, str(sum(part.qtys[key] for part in parts)))
    return Why(titles[key], {}, (*steps, total))


def _most(parts: Sequence[NetworkPart], key: str) -> list[NetworkPart]:
    held = [part for part in parts if part.qtys[key]]
    return sorted(held, key=lambda part: (-part.qtys[key], part.code))[:MOST_STEPS]


def _step(part: NetworkPart, result: str) -> Step:
    facts = {"name": part.name, "name_en": part.name_en, "code": part.code}
    return Step(msg("{name} ({code})"), facts, result)


def _cover(parts: Sequence[NetworkPart]) -> Why | None:
    on_hand, issued = (sum(part.qtys[key] for part in parts) for key in ("on_hand", "issued"))
    tenths = cover_tenths(on_hand, issued)
    if tenths is None:
        return None
    weekly = divide(issued * 10, WEEKS)
    steps = (
        Step(msg("On hand"), {}, str(on_hand)),
        Step(msg("Out in 13 weeks"), {}, str(issued)),
        Step(msg("Out in a week"), {}, f"{weekly // 10}.{weekly % 10}"),
        Step(msg("Weeks of cover: on hand ÷ what goes out in a week"), {}, f"{tenths // 10}.{tenths % 10}"),
    )
    return Why(msg("Weeks of cover"), {}, steps)


def _parts(session: Session, view: str, by: str, code: str, *, day: date, zone: str) -> list[NetworkPart]:
    """The other side of the row: places of a SKU, SKUs of a place."""
    if by == "sku":
        mine: Any = col(Balance.sku_id) == row_id(get_by(session, Sku, "SKU", code=code))
        moved: Any = col(Movement.sku_id) == row_id(get_by(session, Sku, "SKU", code=code))
        other, key = col(Balance.location_id), col(Movement.location_id)
        entity: Any = Location
    else:
        place = row_id(get_by(session, Location, "location", code=code))
        mine, moved = col(Balance.location_id) == place, col(Movement.location_id) == place
        other, key, entity = col(Balance.sku_id), col(Movement.sku_id), Sku
    inside = select(col(Location.id)).where(places_of(session, view))
    rows = session.execute(
        select(other, col(entity.code), col(entity.name), col(entity.name_en), col(Balance.on_hand_qty))
        .join(entity, col(entity.id) == other)
        .where(mine, col(Balance.location_id).in_(inside))
    ).all()
    ids = [found[0] for found in rows]
    issued = issued_since(day_start(day - timedelta(weeks=WEEKS), zone), key=key)
    gone = {one: int(qty) for one, qty in session.execute(issued.where(moved, key.in_(ids)))}
    where = mine & col(Balance.location_id).in_(inside)
    ageing = read_ageing(session, key=other, ids=ids, where=where, day=day)
    return [
        NetworkPart(
            found_code,
            name,
            name_en,
            {"on_hand": int(on_hand), "issued": gone.get(one, 0)}
            | {column: ageing[one][label] for column, label in _AGES.items()},
        )
        for one, found_code, name, name_en, on_hand in rows
    ]
