"""The cockpit over REST."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from ..core.analytics import CockpitQuery, cockpit_json, get_cockpit
from ..core.kernel.clock import Period, parse_day
from ..core.kernel.errors import InvalidError
from ..lake import get_lake
from .caller import CallerDep

router = APIRouter(tags=["analytics"])


@router.get("/cockpit")
async def read_cockpit(
    caller: CallerDep,
    from_: Annotated[str, Query(alias="from", description="First day, YYYY-MM-DD; all time without.")] = "",
    to: Annotated[str, Query(description="Last day, inclusive.")] = "",
    region: Annotated[str, Query(max_length=40)] = "",
    category: Annotated[str, Query(max_length=40)] = "",
    view: Annotated[str, Query(max_length=10)] = "",
) -> dict[str, Any]:
    """The sales cockpit of the caller: brand view or partner view, within its scope."""
    query = CockpitQuery(
        period=parse_period(from_, to), region_code=region, category_code=category, view=view
    )
    return cockpit_json(await caller.read(get_cockpit, store=get_lake(), query=query))


def parse_period(first: str, last: str) -> Period | None:
    """Two inclusive days as a period; neither means all time, one alone is refused."""
    if not first and not last:
        return None
    if not first or not last:
        raise InvalidError(field="from" if not first else "to", reason="YYYY-MM-DD")
    return Period.inclusive(parse_day(first, "from"), parse_day(last, "to"))
