"""Administration over REST: roles, tiers, the audit."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from sqlmodel import Session

from ..core.channels import (
    RoleRow,
    create_role,
    create_tier,
    edit_role,
    list_roles,
    list_tiers,
    order_tiers,
    rename_tier,
    set_tier_permission,
)
from ..core.kernel.access import Actor, Permission
from ..core.kernel.audit import AuditRow, search_audit
from ..core.kernel.clock import utc_now
from .caller import CallerDep
from .models import (
    PLAIN,
    Body,
    Code,
    CodePath,
    CodesQuery,
    Json,
    Search,
    SortQuery,
    Version,
    WindowDep,
    list_json,
    page_json,
    row_json,
)
from .schemas import OBJECT, array_of, asks, list_of, object_of, row_of
from .shapes import TIER

router = APIRouter(tags=["admin"])
ROLE = row_of("Role", RoleRow)
AUDIT = row_of(
    "AuditEvent",
    AuditRow,
    payload=OBJECT | {"description": "The facts as they were recorded; amounts are minor units."},
)
TIERS = object_of(items=array_of(TIER))
ADMIN = Permission.ADMIN_ACCESS
TierName = Annotated[str, Field(min_length=1, max_length=80, pattern=PLAIN)]
OtherName = Annotated[str, Field(max_length=80, pattern=PLAIN)]
NewKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,39}$")]


class RoleBody(Body):
    """What a role is called and what it may do."""

    name: TierName
    name_en: OtherName = ""
    permissions: Annotated[list[Code], Field(max_length=100)]
    version: Version | None = None


class NewRole(Body):
    """A role to add."""

    code: NewKey
    name: TierName
    name_en: OtherName = ""
    permissions: Annotated[list[Code], Field(max_length=100)]


class NewTier(Body):
    """A tier to add below all others."""

    code: NewKey
    name: TierName
    name_en: OtherName = ""


class TierNames(Body):
    """What a tier is called."""

    name: TierName
    name_en: OtherName = ""


class TierOrder(Body):
    """Every tier once, from the top."""

    codes: Annotated[list[Code], Field(min_length=1, max_length=100)]


class Allowance(Body):
    """Whether a role held in the tier may have the permission at all."""

    is_allowed: bool


@router.get("/roles", openapi_extra=asks(ADMIN, Permission.USERS_INVITE, answers=list_of(ROLE)))
async def read_roles(caller: CallerDep, window: WindowDep) -> Json:
    """The roles with their permissions, and whether the caller may give them."""
    return list_json(await caller.read(list_roles, now=utc_now()), window)


@router.post("/roles", status_code=201, openapi_extra=asks(ADMIN, answers=ROLE))
async def add_role(caller: CallerDep, body: NewRole) -> Json:
    """Add a role; nobody gives it a permission they lack."""
    return await caller.write(_role(create_role), **body.model_dump())


@router.put("/roles/{code}", openapi_extra=asks(ADMIN, answers=ROLE))
async def change_role(caller: CallerDep, code: CodePath, body: RoleBody) -> Json:
    """Rename a role and change what it may do."""
    return await caller.write(_role(edit_role), code=code, **body.model_dump())


@router.post("/tiers", status_code=201, openapi_extra=asks(ADMIN, answers=TIERS))
async def add_tier(caller: CallerDep, body: NewTier) -> Json:
    """Add a tier that may nothing and sees nothing yet; answers all tiers."""
    return await caller.write(_tiers(create_tier), **body.model_dump())


@router.put("/tiers/{code}", openapi_extra=asks(ADMIN, answers=TIERS))
async def name_tier(caller: CallerDep, code: CodePath, body: TierNames) -> Json:
    """Rename a tier; answers all tiers."""
    return await caller.write(_tiers(rename_tier), code=code, **body.model_dump())


@router.post("/tiers/order", openapi_extra=asks(ADMIN, answers=TIERS))
async def put_in_order(caller: CallerDep, body: TierOrder) -> Json:
    """Put the tiers in order; answers all tiers."""
    return await caller.write(_tiers(order_tiers), codes=body.codes)


@router.put("/tiers/{code}/permissions/{permission}", openapi_extra=asks(ADMIN, answers=TIERS))
async def allow(caller: CallerDep, code: CodePath, permission: CodePath, body: Allowance) -> Json:
    """Let roles held in a tier have a permission, or not; answers all tiers."""
    return await caller.write(
        _tiers(set_tier_permission), tier_code=code, permission=permission, is_allowed=body.is_allowed
    )


@router.get("/audit", openapi_extra=asks(ADMIN, answers=list_of(AUDIT)))
async def read_audit(
    caller: CallerDep,
    window: WindowDep,
    kind: CodesQuery,
    user: CodesQuery,
    subject: CodesQuery,
    search: Search = "",
    first: Annotated[str, Query(alias="from", max_length=10, description="First day, YYYY-MM-DD.")] = "",
    last: Annotated[str, Query(alias="to", max_length=10, description="Last day, inclusive.")] = "",
    sort: SortQuery = "",
) -> Json:
    """What happened, newest first."""
    days = {name: (day,) for name, day in (("from", first), ("to", last)) if day}
    query = window.query(search=search, sort=sort, kind=kind, user=user, subject=subject, **days)
    return page_json(await caller.read(search_audit, query=query), window, _event_json)


def _event_json(row: AuditRow) -> Json:
    return row_json(row, omit=("payload",)) | {"payload": dict(row.payload)}


def _role(verb: Callable[..., Any]) -> Callable[..., Json]:
    def call(session: Session, actor: Actor, *, code: str, **facts: Any) -> Json:
        verb(session, actor, code=code, **facts)
        session.flush()
        rows = list_roles(session, actor, now=facts["now"])
        return next(row_json(row) for row in rows if row.code == code)

    return call


def _tiers(verb: Callable[..., Any]) -> Callable[..., Json]:
    def call(session: Session, actor: Actor, **facts: Any) -> Json:
        verb(session, actor, **facts)
        session.flush()
        return {"items": [row_json(row) for row in list_tiers(session)]}

    return call
