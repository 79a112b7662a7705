"""End customers: whom a partner sells to, known to that partner only."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from ..kernel.access import Actor, Permission
from ..kernel.db import check_version, get_by, row_id
from ..kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, msg
from ..kernel.events import emit
from ..kernel.listing import Facet, Listing, ListQuery, ListSpec, run
from .models import CustomerKind, EndCustomer, Partner, Region

_PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{4,28}")
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,120}\.[^@\s.]{2,20}")
_MOST = {"code": 40, "name": 160, "phone": 30, "email": 200, "address": 300, "note": 400}


class NotYourCustomerError(ForbiddenError):
    """Customers are kept by the people of the company that sells to them."""

    code = "not_your_customer"
    template = msg("You do not keep customers for {partner}; only its own staff may.")


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """An end customer of a partner."""

    partner_code: str
    code: str
    kind: str
    name: str
    phone: str
    email: str
    region_code: str
    region_name: str
    region_name_en: str
    address: str
    note: str
    version: int


def save_customer(
    session: Session,
    actor: Actor,
    *,
    code: str,
    name: str,
    partner_code: str = "",
    kind: str = CustomerKind.PERSON,
    phone: str = "",
    email: str = "",
    region_code: str = "",
    address: str = "",
    note: str = "",
    version: int | None = None,
    now: datetime,
) -> EndCustomer:
    """Record a customer of one's own company, or change what is recorded under its code.

    `version` is the one the editor saw; 0 asks for a new customer. Without `partner_code` the first company
    of the actor is meant. Raises `InvalidError`, `ConflictError`, `StaleError`, `NotFoundError`,
    `NotYourCustomerError`.
    """
    actor.require(Permission.CUSTOMERS_WRITE)
    partner = own_partner(session, actor, partner_code)
    texts = {"code": code, "name": name, "phone": phone, "email": email, "address": address, "note": note}
    facts = _checked(texts, kind)
    region = get_by(session, Region, "region", code=region_code) if region_code else None
    facts["region_id"] = row_id(region) if region else None
    found = find_customer(session, partner, facts["code"])
    if found is None:
        if version:
            raise NotFoundError(kind="customer", key=code)
        found = EndCustomer(partner_id=row_id(partner), created_at=now, **facts)
        session.add(found)
        session.flush()
        emit(session, actor, "customer.created", subject=_subject(partner, found), now=now)
        return found
    if version == 0:
        raise ConflictError(subject=code)
    if any(getattr(found, field) != value for field, value in facts.items()):
        check_version(found, version, code)
        for field, value in facts.items():
            setattr(found, field, value)
        session.flush()
        emit(session, actor, "customer.changed", subject=_subject(partner, found), now=now)
    return found


def remove_customer(
    session: Session,
    actor: Actor,
    *,
    code: str,
    partner_code: str = "",
    version: int | None = None,
    now: datetime,
) -> None:
    """Forget a customer of one's own company.

    Raises `NotFoundError`, `StaleError`, `NotYourCustomerError`.
    """
    actor.require(Permission.CUSTOMERS_WRITE)
    partner = own_partner(session, actor, partner_code)
    found = find_customer(session, partner, code)
    if found is None:
        raise NotFoundError(kind="customer", key=code)
    check_version(found, version, code)
    emit(session, actor, "customer.removed", subject=_subject(partner, found), now=now)
    session.delete(found)
    session.flush()


def find_customer(session: Session, partner: Partner, code: str) -> EndCustomer | None:
    """A customer of a partner by the partner's own code."""
    return session.exec(
        select(EndCustomer).where(EndCustomer.partner_id == partner.id, EndCustomer.code == code.strip())
    ).one_or_none()


def own_partner(session: Session, actor: Actor, code: str) -> Partner:
    """The company of the actor that is meant. Raises `NotFoundError`, `NotYourCustomerError`."""
    if not code:
        if not actor.partner_ids:
            raise NotYourCustomerError(partner="–")
        return session.get_one(Partner, actor.partner_ids[0])
    partner = get_by(session, Partner, "partner", code=code)
    if partner.id not in actor.partner_ids:
        raise NotYourCustomerError(partner=code)
    return partner


def _checked(texts: dict[str, str], kind: str) -> dict[str, Any]:
    """The facts of a customer without blanks around. Raises `InvalidError` naming the field."""
    facts: dict[str, Any] = {field: text.strip() for field, text in texts.items()}
    for field, most in _MOST.items():
        least = 1 if field in ("code", "name") else 0
        if not least <= len(facts[field]) <= most:
            raise InvalidError(field=field, reason=f"{len(facts[field])} – {least} … {most}")
    if kind not in set(CustomerKind):
        raise InvalidError(field="kind", reason=kind)
    if facts["phone"] and not _PHONE.fullmatch(facts["phone"]):
        raise InvalidError(field="phone", reason=msg("is no telephone number"))
    if facts["email"] and not _MAIL.fullmatch(facts["email"]):
        raise InvalidError(field="email", reason=msg("is no e-mail address"))
    return facts | {"kind": kind}


def _subject(partner: Partner, customer: EndCustomer) -> tuple[str, str]:
    return "customer", f"{partner.code}:{customer.code}"[:80]


_LIST = ListSpec(
    entity=EndCustomer,
    key=(col(EndCustomer.id),),
    columns=(col(Partner.code), col(Region.code), col(Region.name), col(Region.name_en)),
    join=lambda statement: statement.join(Partner, col(Partner.id) == col(EndCustomer.partner_id)).outerjoin(
        Region, col(Region.id) == col(EndCustomer.region_id)
    ),
    sorts={
        "code": (col(EndCustomer.code),),
        "name": (col(EndCustomer.name),),
        "created_at": (col(EndCustomer.created_at),),
    },
    default_sort="code",
    codes=(col(EndCustomer.code), col(EndCustomer.phone)),
    names=(col(EndCustomer.name),),
    initials=(col(EndCustomer.initials),),
    facets={"kind": Facet(col(EndCustomer.kind), allowed=frozenset(CustomerKind))},
)


def list_customers(session: Session, actor: Actor, *, query: ListQuery) -> Listing[CustomerRow]:
    """Customers of one's own companies. Searches code, telephone, name and initials; facet `kind`."""
    actor.require(Permission.CUSTOMERS_READ)
    found = run(session, _LIST, query)
    return found.showing([_row(*row) for row in found.rows])


def get_customer(session: Session, actor: Actor, *, code: str, partner_code: str = "") -> CustomerRow:
    """A customer of one's own company. Raises `NotFoundError`, `NotYourCustomerError`."""
    actor.require(Permission.CUSTOMERS_READ)
    partner = own_partner(session, actor, partner_code)
    found = find_customer(session, partner, code)
    if found is None:
        raise NotFoundError(kind="customer", key=code)
    region = session.get(Region, found.region_id) if found.region_id else None
    return _row(
        found,
        partner.code,
        region.code if region else None,
        region.name if region else None,
        region.name_en if region else None,
    )


def _row(
    row: EndCustomer,
    partner_code: str,
    region_code: str | None,
    region_name: str | None,
    region_name_en: str | None,
) -> CustomerRow:
    return CustomerRow(
        partner_code=partner_code,
        code=row.code,
        kind=row.kind,
        name=row.name,
        phone=row.phone,
        email=row.email,
        region_code=region_code or "",
        region_name=region_name or "",
        region_name_en=region_name_en or "",
        address=row.address,
        note=row.note,
        version=row.version,
    )
