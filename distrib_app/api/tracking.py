"""Following orders over REST: the fulfilment map, the control tower, and what a tracking link opens."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field
from sqlmodel import Session

from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import Period, utc_now
from ..core.kernel.errors import InvalidError, msg
from ..core.kernel.listing import Listing, ListQuery
from ..core.orders import (
    FulfilmentMap,
    MapEvent,
    OrderFeedback,
    Ratings,
    StageTile,
    TowerRow,
    TrackedOrder,
    complain,
    get_fulfilment_map,
    list_tower,
    rate_order,
    ratings_of,
    tower_tiles,
    track_order,
)
from ..core.workbench import Task
from ..gate import allowed
from ..i18n import gettext
from .caller import CallerDep, shown
from .models import (
    PLAIN,
    Body,
    CodePath,
    CodesQuery,
    Json,
    PeriodDep,
    Search,
    SortQuery,
    WindowDep,
    page_json,
    row_json,
    today,
)
from .schemas import (
    FLAG,
    INSTANT,
    NUMBER,
    TEXT,
    Named,
    array_of,
    asks,
    list_of,
    object_of,
    or_null,
    row_of,
)

router = APIRouter(tags=["tracking"])

MAP = row_of("FulfilmentMap", FulfilmentMap, events=array_of(row_of("MapEvent", MapEvent)))
TILES = Named("TowerTiles", object_of(tiles=array_of(row_of("StageTile", StageTile))))
TOWER_ROW = row_of("TowerRow", TowerRow, omit=("hold_text", "hold_facts"), hold=TEXT)
RATINGS = Named(
    "Ratings",
    object_of(partner=TEXT, counts=array_of(NUMBER), answer_count=NUMBER, mean_hundredths=or_null(NUMBER)),
)
TRACKED = row_of("TrackedOrder", TrackedOrder)
RATED = Named("OrderRated", object_of(rating=NUMBER, word=TEXT, rated_at=INSTANT))
COMPLAINED = Named("OrderComplaint", object_of(is_passed_on=FLAG, due_at=or_null(INSTANT)))

Link = Annotated[str, Path(min_length=1, max_length=40, pattern=PLAIN, description="Of a tracking page.")]
LongText = Annotated[str, Field(max_length=400, pattern=PLAIN)]


class Rating(Body):
    """1 to 5, and a word."""

    rating: Annotated[int, Field(ge=1, le=5)]
    word: LongText = ""


class Complaint(Body):
    """What is wrong, and how one is reached."""

    kind: Annotated[str, Field(pattern="^(late|damaged|short|other)$")]
    text: LongText
    contact: Annotated[str, Field(max_length=80, pattern=PLAIN)] = ""


@router.get("/orders/{number}/map", openapi_extra=asks(Permission.ORDERS_READ, answers=MAP))
async def read_map(caller: CallerDep, number: CodePath) -> Json:
    """Stages with their times, the way of each parcel, and all events of an order."""
    found = await caller.read(
        allowed(Permission.ORDERS_READ, get_fulfilment_map), number=number, now=utc_now()
    )
    return row_json(found)


@router.get("/control-tower/tiles", openapi_extra=asks(Permission.ORDERS_READ, answers=TILES))
async def read_tiles(caller: CallerDep) -> Json:
    """Open orders within scope by stage: how many, how late, worth what, since when."""
    tiles = await caller.read(allowed(Permission.ORDERS_READ, _tiles))
    return {"tiles": [row_json(tile, currency=tile.currency or "CNY") for tile in tiles]}


def _tiles(session: Session) -> tuple[StageTile, ...]:
    return tower_tiles(session, today=today(session))


@router.get("/control-tower", openapi_extra=asks(Permission.ORDERS_READ, answers=list_of(TOWER_ROW)))
async def read_tower(
    caller: CallerDep,
    window: WindowDep,
    status: CodesQuery,
    state: CodesQuery,
    seller: CodesQuery,
    buyer: CodesQuery,
    search: Search = "",
    sort: SortQuery = "late",
) -> Json:
    """Open orders within scope, the late ones first, each with what has to happen next."""
    query = window.query(search=search, sort=sort, status=status, state=state, seller=seller, buyer=buyer)
    page = await caller.read(allowed(Permission.ORDERS_READ, _list), query=query)

    def show(row: TowerRow) -> Json:
        hold = gettext(row.hold_text, caller.language, **row.hold_facts) if row.hold_text else ""
        return row_json(row, omit=("hold_text", "hold_facts"), currency=row.currency) | {"hold": hold}

    return page_json(page, window, show)


def _list(session: Session, *, query: ListQuery) -> Listing[TowerRow]:
    return list_tower(session, today=today(session), query=query)


@router.get("/partners/{code}/ratings", openapi_extra=asks(Permission.ORDERS_READ, answers=RATINGS))
async def read_ratings(caller: CallerDep, code: CodePath, period: PeriodDep) -> Json:
    """How recipients rated the deliveries of a seller, by the day of their first answer."""
    found = await caller.read(allowed(Permission.ORDERS_READ, _ratings), code=code, period=period)
    return {
        "partner": code,
        "counts": list(found.counts),
        "answer_count": found.answer_count,
        "mean_hundredths": found.mean_hundredths,
    }


def _ratings(session: Session, *, code: str, period: Period | None) -> Ratings:
    if period is None:
        raise InvalidError(field="from", reason=msg("name two days: from and to"))
    return ratings_of(session, partner_code=code, period=period)


@router.get("/tracks/{link}", openapi_extra=asks(answers=TRACKED))
async def read_track(caller: CallerDep, link: Link) -> Json:
    """What the tracking page of an order shows: no prices, no people; whoever holds the link may ask."""
    return row_json(await caller.read(_track, link=link))


def _track(session: Session, _actor: Actor, *, link: str) -> TrackedOrder:
    return track_order(session, token=link, now=utc_now())


@router.post("/tracks/{link}/rating", openapi_extra=asks(answers=RATED))
async def rate(caller: CallerDep, link: Link, body: Rating) -> Json:
    """Rate a delivery; changeable for a day."""

    def show(_session: Session, feedback: OrderFeedback) -> Json:
        rated_at: Any = feedback.rated_at
        return {"rating": feedback.rating, "word": feedback.word, "rated_at": rated_at.isoformat()}

    return await caller.write(shown(rate_order, show), token=link, rating=body.rating, word=body.word)


@router.post("/tracks/{link}/complaint", status_code=201, openapi_extra=asks(answers=COMPLAINED))
async def complain_of(caller: CallerDep, link: Link, body: Complaint) -> Json:
    """Complain about an order; its seller gets it as a task."""

    def show(_session: Session, task: Task) -> Json:
        return {"is_passed_on": True, "due_at": task.due_at.isoformat() if task.due_at else None}

    return await caller.write(
        shown(complain, show), token=link, kind=body.kind, text=body.text, contact=body.contact
    )
