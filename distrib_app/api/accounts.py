"""Trading accounts over REST: credit, invoices, receipts, statements of account."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.accounts import (
    AccountRow,
    InvoiceDetail,
    InvoiceRow,
    Receipt,
    TradingAccount,
    account_statement,
    get_account,
    get_account_row,
    get_invoice,
    list_accounts,
    list_invoices,
    list_receipts,
    open_account,
    open_items,
    record_receipt,
    set_credit,
    set_urgent_buyer,
)
from ..core.channels import get_network
from ..core.kernel.access import Actor, Permission
from ..core.kernel.errors import NotFoundError
from ..core.kernel.listing import Listing, ListQuery
from ..core.workbench import Task
from ..gate import allowed
from .accounts_json import (
    account_json,
    invoice_detail_json,
    invoice_json,
    item_json,
    receipt_json,
    statement_json,
)
from .caller import CallerDep, shown
from .models import (
    MAX_LINES,
    PLAIN,
    Body,
    Code,
    CodePath,
    CodeQuery,
    CodesQuery,
    Day,
    Json,
    Key,
    Money,
    PeriodDep,
    Search,
    SortQuery,
    Version,
    WindowDep,
    Word,
    page_json,
    step_json,
    to_minor,
    today,
    waiting_json,
)
from .schemas import asks, list_of
from .shapes import ACCOUNT, ACCOUNT_DETAIL, INVOICE, INVOICE_DETAIL, RECEIPT, STATEMENT

router = APIRouter(tags=["accounts"])

TermsDays = Annotated[int, Field(ge=0, le=3650)]


class NewAccount(Body):
    """Terms and credit of a buyer with a seller, in the network's currency."""

    seller: Code
    buyer: Code
    terms_days: TermsDays = 30
    credit_limit_amount: Money = "0"


class UrgencyChange(Body):
    """Whether everything this buyer orders goes first."""

    is_urgent: bool
    version: Version | None = None


class CreditChange(Body):
    """What changes; a field left out stays. A temporary limit has an amount and a last day."""

    version: Version | None = None
    credit_limit_amount: Money | None = None
    temporary_limit_amount: Money | None = None
    temporary_limit_until_on: Day | None = None
    terms_days: TermsDays | None = None


class NewReceipt(Body):
    """Money a seller received: for the named invoices first, then the oldest due."""

    seller: Code
    buyer: Code
    amount: Money
    method: Word
    received_on: Day
    cleared_on: Day | None = None
    reference: Annotated[str, Field(max_length=80, pattern=PLAIN)] = ""
    invoice_numbers: Annotated[list[Code], Field(max_length=MAX_LINES, default_factory=list)]


@router.get("/accounts", openapi_extra=asks(Permission.ACCOUNTS_READ, answers=list_of(ACCOUNT)))
async def read_accounts(
    caller: CallerDep, window: WindowDep, search: Search = "", partner: CodeQuery = "", sort: SortQuery = ""
) -> Json:
    """Trading accounts within scope, newest first, with their exposure today."""

    def query(session: Session) -> Listing[AccountRow]:
        asked = window.query(search=search, sort=sort)
        return list_accounts(session, day=today(session), query=asked, partner_code=partner)

    return page_json(await caller.read(allowed(Permission.ACCOUNTS_READ, query)), window, account_json)


@router.get(
    "/accounts/{seller}/{buyer}", openapi_extra=asks(Permission.ACCOUNTS_READ, answers=ACCOUNT_DETAIL)
)
async def read_account(caller: CallerDep, seller: CodePath, buyer: CodePath) -> Json:
    """One account: terms, exposure with its steps, open items."""

    def query(session: Session) -> Json:
        return _one(session, seller, buyer, caller.language)

    return await caller.read(allowed(Permission.ACCOUNTS_READ, query))


@router.post(
    "/accounts", status_code=201, openapi_extra=asks(Permission.ACCOUNTS_WRITE, answers=ACCOUNT_DETAIL)
)
async def add_account(caller: CallerDep, body: NewAccount) -> Json:
    """Let a buyer trade with a seller."""

    def verb(session: Session, actor: Actor, **facts: Any) -> TradingAccount:
        currency = get_network(session).currency
        limit = to_minor(body.credit_limit_amount, currency, "credit_limit_amount")
        return open_account(session, actor, credit_limit_amount=limit, **facts)

    def show(session: Session, _account: TradingAccount) -> Json:
        return _one(session, body.seller, body.buyer, caller.language)

    return await caller.write(
        shown(verb, show), seller_code=body.seller, buyer_code=body.buyer, terms_days=body.terms_days
    )


@router.patch(
    "/accounts/{seller}/{buyer}", openapi_extra=asks(Permission.ACCOUNTS_WRITE, answers=ACCOUNT_DETAIL)
)
async def change_account(caller: CallerDep, seller: CodePath, buyer: CodePath, body: CreditChange) -> Json:
    """Set credit limit, temporary limit or terms: at once, or when the task `task_number` is approved."""

    def verb(session: Session, actor: Actor, **facts: Any) -> Task | None:
        account = get_account(session, seller_code=seller, buyer_code=buyer)
        return set_credit(session, actor, **facts, **_credit(account, body))

    def show(session: Session, task: Task | None) -> Json:
        return _one(session, seller, buyer, caller.language) | waiting_json(task)

    return await caller.write(
        shown(verb, show),
        seller_code=seller,
        buyer_code=buyer,
        terms_days=body.terms_days,
        version=caller.seen(body.version),
    )


def _credit(account: TradingAccount, body: CreditChange) -> Json:
    """The limits as they are to be: what the body names in minor units, the rest as it stands."""
    limits: Json = {
        name: getattr(account, name)
        for name in ("credit_limit_amount", "temporary_limit_amount", "temporary_limit_until_on")
    }
    for name in ("credit_limit_amount", "temporary_limit_amount"):
        text = getattr(body, name)
        if text is not None:
            limits[name] = to_minor(text, account.currency, name)
    if "temporary_limit_until_on" in body.model_fields_set:
        limits["temporary_limit_until_on"] = body.temporary_limit_until_on
    return limits


@router.put(
    "/accounts/{seller}/{buyer}/urgency",
    openapi_extra=asks(Permission.ACCOUNTS_WRITE, answers=ACCOUNT_DETAIL),
)
async def change_urgency(caller: CallerDep, seller: CodePath, buyer: CodePath, body: UrgencyChange) -> Json:
    """Say whether all that a buyer orders from a seller goes first."""

    def show(session: Session, _account: TradingAccount) -> Json:
        return _one(session, seller, buyer, caller.language)

    return await caller.write(
        shown(set_urgent_buyer, show),
        seller_code=seller,
        buyer_code=buyer,
        is_urgent=body.is_urgent,
        version=body.version,
    )


@router.get(
    "/accounts/{seller}/{buyer}/statement", openapi_extra=asks(Permission.ACCOUNTS_READ, answers=STATEMENT)
)
async def read_statement(caller: CallerDep, period: PeriodDep, seller: CodePath, buyer: CodePath) -> Json:
    """The statement of account: every invoice, credit note and receipt with a running balance."""
    query = allowed(Permission.ACCOUNTS_READ, account_statement)
    return statement_json(await caller.read(query, seller_code=seller, buyer_code=buyer, period=period))


@router.post("/receipts", status_code=201, openapi_extra=asks(Permission.ACCOUNTS_WRITE, answers=RECEIPT))
async def add_receipt(caller: CallerDep, key: Key, body: NewReceipt) -> Json:
    """Record money received; the same key again answers the first receipt."""

    def verb(session: Session, actor: Actor, **facts: Any) -> Receipt:
        account = get_account(session, seller_code=body.seller, buyer_code=body.buyer)
        amount = to_minor(body.amount, account.currency, "amount")
        return record_receipt(session, actor, amount=amount, **facts)

    return await caller.write(
        shown(verb, _show_receipt),
        seller_code=body.seller,
        buyer_code=body.buyer,
        method=body.method,
        received_on=body.received_on,
        cleared_on=body.cleared_on,
        reference=body.reference,
        invoice_numbers=body.invoice_numbers,
        idempotency_key=key,
    )


@router.get("/receipts", openapi_extra=asks(Permission.ACCOUNTS_READ, answers=list_of(RECEIPT)))
async def read_receipts(
    caller: CallerDep, window: WindowDep, method: CodesQuery, search: Search = "", sort: SortQuery = ""
) -> Json:
    """Receipts within scope, newest first."""
    query = window.query(search=search, sort=sort, method=method)
    page = await caller.read(allowed(Permission.ACCOUNTS_READ, list_receipts), query=query)
    return page_json(page, window, receipt_json)


@router.get("/invoices", openapi_extra=asks(Permission.ACCOUNTS_READ, answers=list_of(INVOICE)))
async def read_invoices(
    caller: CallerDep,
    window: WindowDep,
    state: CodesQuery,
    kind: CodesQuery,
    search: Search = "",
    sort: SortQuery = "",
    only_open: bool = False,
) -> Json:
    """Invoices and credit notes within scope, newest first; `state` (open, overdue, paid) is as of today.

    `only_open` is short for `state=open`.
    """
    states = [*state, "open"] if only_open else state
    asked = window.query(search=search, sort=sort, state=states, kind=kind)

    def query(session: Session) -> Listing[InvoiceRow]:
        return list_invoices(session, day=today(session), query=asked)

    return page_json(await caller.read(allowed(Permission.ACCOUNTS_READ, query)), window, invoice_json)


@router.get("/invoices/{number}", openapi_extra=asks(Permission.ACCOUNTS_READ, answers=INVOICE_DETAIL))
async def read_invoice(caller: CallerDep, number: CodePath) -> Json:
    """One invoice or credit note with its lines and what was applied to it."""

    def query(session: Session) -> InvoiceDetail:
        return get_invoice(session, number, day=today(session))

    return invoice_detail_json(await caller.read(allowed(Permission.ACCOUNTS_READ, query)))


def _one(session: Session, seller: str, buyer: str, language: str) -> Json:
    day = today(session)
    row = get_account_row(session, seller_code=seller, buyer_code=buyer, day=day)
    items = open_items(session, get_account(session, seller_code=seller, buyer_code=buyer), day=day)
    return account_json(row) | {
        "exposure_steps": [step_json(step, language) for step in row.exposure.steps()],
        "open_items": [item_json(item, row.currency) for item in items],
    }


def _show_receipt(session: Session, receipt: Receipt) -> Json:
    rows = list_receipts(session, query=ListQuery(receipt.number)).rows
    found = next((row for row in rows if row.number == receipt.number), None)
    if found is None:
        raise NotFoundError(kind="receipt", key=receipt.number)
    return receipt_json(found)
