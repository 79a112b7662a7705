"""Drafts of orders over REST: what the caller is about to order, kept until it is placed or emptied."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from ..core.kernel.access import Permission
from ..core.orders import keep_draft, read_draft
from .caller import CallerDep
from .models import MAX_LINES, Body, CodePath, Json
from .orders import WantedLine
from .schemas import asks
from .shapes import DRAFT

router = APIRouter(tags=["orders"])


class Draft(Body):
    """What somebody is about to order."""

    lines: Annotated[list[WantedLine], Field(max_length=MAX_LINES)]


@router.get("/order-drafts/{buyer}/{seller}", openapi_extra=asks(Permission.ORDERS_PLACE, answers=DRAFT))
async def read_order_draft(caller: CallerDep, buyer: CodePath, seller: CodePath) -> Json:
    """What the caller is about to order from a seller for a company of its own."""
    lines = await caller.read(read_draft, buyer_code=buyer, seller_code=seller)
    return _draft_json(buyer, seller, lines)


@router.put("/order-drafts/{buyer}/{seller}", openapi_extra=asks(Permission.ORDERS_PLACE, answers=DRAFT))
async def write_order_draft(caller: CallerDep, buyer: CodePath, seller: CodePath, body: Draft) -> Json:
    """Keep what is about to be ordered; no lines are no draft."""
    lines: dict[str, int] = {}
    for line in body.lines:
        lines[line.sku] = lines.get(line.sku, 0) + line.qty
    await caller.write(keep_draft, buyer_code=buyer, seller_code=seller, lines=lines)
    return _draft_json(buyer, seller, lines)


def _draft_json(buyer: str, seller: str, lines: Mapping[str, int]) -> Json:
    return {
        "buyer": buyer,
        "seller": seller,
        "lines": [{"sku": sku, "qty": qty} for sku, qty in lines.items()],
    }
