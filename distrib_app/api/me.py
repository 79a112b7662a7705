"""The caller itself over REST: companies, permissions, preferences."""

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter
from sqlmodel import Session

from ..core.channels import ProfileRow, get_profile
from ..core.kernel.access import Actor, set_preferences
from .caller import CallerDep
from .models import Body, Code, Json, row_json
from .schemas import asks, row_of

router = APIRouter(tags=["me"])
ME = row_of("Me", ProfileRow)


class PreferenceChanges(Body):
    """What changes; what is left out stays."""

    language: Literal["zh_CN", "en"] | None = None
    zone: Code | None = None
    numbers: Literal["auto", "wan", "thousand", "full"] | None = None
    rise: Literal["auto", "red", "green"] | None = None
    theme: Literal["auto", "light", "dark", "system"] | None = None
    currency: Literal["symbol", "code"] | None = None


class MeChanges(Body):
    """What the caller changes of itself."""

    preferences: PreferenceChanges


@router.get("/me", openapi_extra=asks(answers=ME))
async def read_me(caller: CallerDep) -> Json:
    """Who the caller is: companies by membership, permissions, preferences."""
    return row_json(await caller.read(get_profile))


@router.put("/me", openapi_extra=asks(answers=ME))
async def change_me(caller: CallerDep, body: MeChanges) -> Json:
    """Change one's own preferences; a narrowed token may not."""
    return await caller.write(_change, **body.preferences.model_dump(exclude_none=True))


def _change(session: Session, actor: Actor, /, *, now: datetime, **changes: Any) -> Json:
    set_preferences(session, actor, now=now, **changes)
    return row_json(get_profile(session, actor))
