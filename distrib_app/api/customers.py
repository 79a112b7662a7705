"""End customers over REST: each company sees and keeps its own."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlmodel import Session

from ..core.channels import (
    CustomerRow,
    EndCustomer,
    Partner,
    get_customer,
    list_customers,
    remove_customer,
    save_customer,
)
from ..core.kernel.access import Permission
from .caller import CallerDep, shown
from .models import (
    MAX_INT,
    PLAIN,
    Body,
    CodePath,
    CodeQuery,
    CodesQuery,
    Json,
    LongName,
    Search,
    SortQuery,
    Text,
    WindowDep,
    page_json,
    row_json,
)
from .schemas import asks, list_of, row_of

router = APIRouter(tags=["customers"])
CUSTOMER = row_of("Customer", CustomerRow)
Line = Annotated[str, Field(max_length=400, pattern=PLAIN)]
VersionQuery = Annotated[int | None, Query(ge=1, le=MAX_INT)]


class Customer(Body):
    """What is known of a customer; `version` 0 asks for a new one, none takes whatever is there."""

    name: LongName
    kind: Annotated[str, Field(max_length=10, pattern=PLAIN)] = "person"
    phone: Annotated[str, Field(max_length=30, pattern=PLAIN)] = ""
    email: Text = ""
    region: Annotated[str, Field(max_length=40, pattern=PLAIN)] = ""
    address: Annotated[str, Field(max_length=300, pattern=PLAIN)] = ""
    note: Line = ""
    version: Annotated[int, Field(ge=0, le=MAX_INT)] | None = None


@router.get("/customers", openapi_extra=asks(Permission.CUSTOMERS_READ, answers=list_of(CUSTOMER)))
async def read_customers(
    caller: CallerDep, window: WindowDep, kind: CodesQuery, search: Search = "", sort: SortQuery = "code"
) -> Json:
    """Customers of the caller's companies by code."""
    page = await caller.read(list_customers, query=window.query(search=search, sort=sort, kind=kind))
    return page_json(page, window)


@router.get("/customers/{code}", openapi_extra=asks(Permission.CUSTOMERS_READ, answers=CUSTOMER))
async def read_customer(caller: CallerDep, code: CodePath, partner: CodeQuery = "") -> Json:
    """One customer; `partner` says which of the caller's companies is meant (the first without it)."""
    return row_json(await caller.read(get_customer, code=code, partner_code=partner))


@router.put("/customers/{code}", openapi_extra=asks(Permission.CUSTOMERS_WRITE, answers=CUSTOMER))
async def put_customer(caller: CallerDep, code: CodePath, body: Customer, partner: CodeQuery = "") -> Json:
    """Record a customer, or change what is recorded under its code."""

    def show(session: Session, row: EndCustomer) -> Json:
        owner = session.get_one(Partner, row.partner_id)
        return row_json(get_customer(session, session.info["actor"], code=row.code, partner_code=owner.code))

    return await caller.write(
        shown(save_customer, show),
        code=code,
        name=body.name,
        partner_code=partner,
        kind=body.kind,
        phone=body.phone,
        email=body.email,
        region_code=body.region,
        address=body.address,
        note=body.note,
        version=body.version,
    )


@router.delete("/customers/{code}", status_code=204, openapi_extra=asks(Permission.CUSTOMERS_WRITE))
async def delete_customer(
    caller: CallerDep, code: CodePath, partner: CodeQuery = "", version: VersionQuery = None
) -> None:
    """Forget a customer."""
    await caller.write(remove_customer, code=code, partner_code=partner, version=version)
