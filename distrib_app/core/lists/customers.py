"""The list of end customers."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from ..channels import CustomerKind, list_customers
from ..kernel.access import Actor, Permission
from ..kernel.errors import msg
from ..kernel.listing import Listing
from .frame import Asked, FacetWords, ListColumn, ListPage

CUSTOMER_KINDS: dict[str, str] = {CustomerKind.PERSON: msg("person"), CustomerKind.FIRM: msg("firm")}


def _read(session: Session, actor: Actor, asked: Asked, _now: datetime) -> Listing[Any]:
    return list_customers(session, actor, query=asked.query)


CUSTOMERS = ListPage(
    title=msg("End customers"),
    permission=Permission.CUSTOMERS_READ,
    read=_read,
    columns=(
        ListColumn("code", msg("Code"), lambda row, to: row.code, "code"),
        ListColumn("name", msg("Name"), lambda row, to: row.name, "name"),
        ListColumn("kind", msg("Kind"), lambda row, to: to.say(CUSTOMER_KINDS[row.kind])),
        ListColumn("phone", msg("Telephone"), lambda row, to: row.phone),
        ListColumn("email", msg("E-mail"), lambda row, to: row.email),
        ListColumn("region", msg("Region"), lambda row, to: to.name(row.region_name, row.region_name_en)),
        ListColumn("address", msg("Address"), lambda row, to: row.address),
    ),
    facets={"kind": FacetWords(msg("Kind"), CUSTOMER_KINDS)},
)
