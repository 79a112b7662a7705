"""Which part of the network is looked at: the brand's places, partners' places, stores."""

from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from ..channels import get_network
from .models import Location, LocationKind


class NetworkView(StrEnum):
    """Whose stock: the brand's own, that of partners between, that of the stores at the end."""

    BRAND = "brand"
    PARTNER = "partner"
    STORE = "store"


def places_of(session: Session, view: str) -> ColumnElement[bool]:
    """The condition on `Location` of a view."""
    brand_id = get_network(session).brand_id
    is_store = col(Location.kind) == LocationKind.STORE
    match view:
        case NetworkView.BRAND:
            return col(Location.partner_id) == brand_id
        case NetworkView.STORE:
            return is_store & (col(Location.partner_id) != brand_id)
        case _:
            return ~is_store & (col(Location.partner_id) != brand_id)


def available_views(session: Session) -> list[NetworkView]:
    """The views in which the actor sees a place."""
    return [
        view
        for view in NetworkView
        if session.exec(select(Location.id).where(places_of(session, view)).limit(1)).first()
    ]
