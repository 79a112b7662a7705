"""The network over REST: partners, tiers, regions."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.channels import (
    Partner,
    PartnerDetail,
    Territory,
    create_partner,
    get_partner,
    grant_territory,
    list_partners,
    list_regions,
    list_tiers,
    move_partner,
    set_partner_status,
    set_scope_level,
)
from ..core.kernel.access import Permission
from ..core.kernel.clock import utc_now
from ..core.kernel.listing import MAX_LIMIT
from ..gate import allowed
from .caller import CallerDep, shown
from .models import (
    PLAIN,
    Body,
    Code,
    CodePath,
    CodeQuery,
    CodesQuery,
    Day,
    Json,
    LongName,
    NewCode,
    Search,
    SortQuery,
    Version,
    WindowDep,
    Word,
    list_json,
    page_json,
    row_json,
)
from .schemas import asks, list_of
from .shapes import PARTNER, PARTNER_DETAIL, REGION, TIER

router = APIRouter(tags=["channels"])


class NewPartner(Body):
    """A partner to admit below a parent."""

    code: NewCode
    name: LongName
    name_en: Annotated[str, Field(max_length=160, pattern=PLAIN)] = ""
    kind: Literal["agent", "outlet", "service"] = "agent"
    tier: Code
    parent: Code
    region: Code
    since: Day | None = None


class Move(Body):
    """Another parent."""

    parent: Code
    version: Version | None = None


class StatusChange(Body):
    """Another status."""

    status: Word
    version: Version | None = None


class NewTerritory(Body):
    """A region × product line (all without) from `valid_from` until before `valid_to`."""

    region: Code
    line: Code | None = None
    is_exclusive: bool = False
    valid_from: Day
    valid_to: Day | None = None


class ScopeLevel(Body):
    """How far a tier sees."""

    level: Word


@router.get("/partners", openapi_extra=asks(Permission.PARTNERS_READ, answers=list_of(PARTNER)))
async def read_partners(
    caller: CallerDep,
    window: WindowDep,
    tier: CodesQuery,
    status: CodesQuery,
    region: CodesQuery,
    search: Search = "",
    parent: CodeQuery = "",
    sort: SortQuery = "",
) -> Json:
    """Partners within scope, by tier and code."""
    query = window.query(search=search, sort=sort, tier=tier, status=status, region=region)
    reading = allowed(Permission.PARTNERS_READ, list_partners)
    return page_json(await caller.read(reading, query=query, parent_code=parent), window)


@router.get("/partners/{code}", openapi_extra=asks(Permission.PARTNERS_READ, answers=PARTNER_DETAIL))
async def read_partner(caller: CallerDep, code: CodePath) -> Json:
    """One partner with its own partners, territories, members and history."""
    query = allowed(Permission.PARTNERS_READ, get_partner)
    return _detail_json(await caller.read(query, code, now=utc_now()))


@router.post(
    "/partners", status_code=201, openapi_extra=asks(Permission.PARTNERS_WRITE, answers=PARTNER_DETAIL)
)
async def admit_partner(caller: CallerDep, body: NewPartner) -> Json:
    """Admit a partner below a parent the caller sees."""
    return await caller.write(
        shown(create_partner, _show),
        code=body.code,
        name=body.name,
        name_en=body.name_en,
        kind=body.kind,
        tier_code=body.tier,
        parent_code=body.parent,
        region_code=body.region,
        since=body.since,
    )


@router.post("/partners/{code}/move", openapi_extra=asks(Permission.PARTNERS_WRITE, answers=PARTNER_DETAIL))
async def move(caller: CallerDep, code: CodePath, body: Move) -> Json:
    """Put a partner and all below it under another parent from today on."""
    return await caller.write(
        shown(move_partner, _show), code=code, parent_code=body.parent, version=body.version
    )


@router.post("/partners/{code}/status", openapi_extra=asks(Permission.PARTNERS_WRITE, answers=PARTNER_DETAIL))
async def change_status(caller: CallerDep, code: CodePath, body: StatusChange) -> Json:
    """Activate, suspend or terminate a partner."""
    return await caller.write(
        shown(set_partner_status, _show), code=code, status=body.status, version=body.version
    )


@router.post(
    "/partners/{code}/territories",
    status_code=201,
    openapi_extra=asks(Permission.PARTNERS_WRITE, answers=PARTNER_DETAIL),
)
async def grant(caller: CallerDep, code: CodePath, body: NewTerritory) -> Json:
    """Grant a territory; answers the partner with its territories of today."""

    def show(session: Session, _territory: Territory) -> Json:
        return _detail_json(get_partner(session, code, now=utc_now()))

    return await caller.write(
        shown(grant_territory, show),
        partner_code=code,
        region_code=body.region,
        line_code=body.line,
        is_exclusive=body.is_exclusive,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
    )


@router.get("/tiers", openapi_extra=asks(Permission.PARTNERS_READ, answers=list_of(TIER)))
async def read_tiers(caller: CallerDep, window: WindowDep) -> Json:
    """The tiers with their permissions and their level per resource."""
    return list_json(await caller.read(allowed(Permission.PARTNERS_READ, list_tiers)), window)


@router.put("/tiers/{code}/scopes/{resource}", openapi_extra=asks(Permission.ADMIN_ACCESS, answers=TIER))
async def set_level(caller: CallerDep, code: CodePath, resource: CodePath, body: ScopeLevel) -> Json:
    """Set how far a tier sees into a resource: none, own, partner, subtree, territory, all."""

    def show(session: Session, _nothing: None) -> Json:
        return next(row_json(row) for row in list_tiers(session) if row.code == code)

    return await caller.write(
        shown(set_scope_level, show), tier_code=code, resource=resource, level=body.level
    )


@router.get("/regions", openapi_extra=asks(Permission.PARTNERS_READ, answers=list_of(REGION)))
async def read_regions(
    caller: CallerDep, window: WindowDep, parent: CodeQuery = "", search: Search = ""
) -> Json:
    """The children of a region, the roots, or (at most 1000) regions that begin with `search`."""
    query = allowed(Permission.PARTNERS_READ, list_regions)
    return list_json(await caller.read(query, parent_code=parent, search=search, limit=MAX_LIMIT), window)


def _show(session: Session, partner: Partner) -> Json:
    return _detail_json(get_partner(session, partner.code, now=utc_now()))


def _detail_json(detail: PartnerDetail) -> Json:
    return row_json(detail.partner) | row_json(detail, omit=("partner",))
