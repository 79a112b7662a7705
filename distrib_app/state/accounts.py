"""Trading accounts: the list, and one account with its exposure, open items and statement."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote, urlencode

import reflex as rx
from sqlmodel import Session, col, select

from .. import routes
from ..core.accounts import (
    CREDIT_LIMIT,
    AccountRow,
    AccountStatement,
    OpenItem,
    ReceiptMethod,
    account_actions,
    account_statement,
    account_subject,
    get_account,
    get_account_row,
    open_items,
    record_receipt,
    set_credit,
    set_urgent_buyer,
)
from ..core.channels import Partner, get_network
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import Period, business_day, parse_day, utc_now
from ..core.kernel.errors import ForbiddenError, NotFoundError, msg
from ..core.kernel.lifecycle import ActionRow
from ..core.workbench import TaskRow, find_open_task
from . import accounts_view as view
from . import record_view
from .listed import Listed
from .partners_view import options
from .record import Record
from .record_view import Words
from .tasks_view import waiting


class AccountList(Listed, rx.State):
    """Trading accounts within scope, with their exposure today."""

    _list: str = "accounts"

    def _row(self, row: AccountRow, language: str, zone: str) -> dict[str, str]:
        del zone
        return view.account_row(row, language)


@dataclass(frozen=True, slots=True)
class _Record:
    """What the page of one account needs, read in one session."""

    account: AccountRow
    today: date
    founded_on: date
    items: list[OpenItem]
    asked: str
    period: Period
    statement: AccountStatement
    seen_codes: frozenset[str]
    actions: tuple[ActionRow, ...]
    waiting: TaskRow | None


def _record(
    session: Session, actor: Actor, *, seller_code: str, buyer_code: str, asked: str, now: datetime
) -> _Record:
    actor.require(Permission.ACCOUNTS_READ)
    network = get_network(session)
    today = business_day(now, network.zone)
    parties = {"seller_code": seller_code, "buyer_code": buyer_code}
    account = get_account(session, **parties)
    name, period = view.parse_period(asked, today)
    seen = select(Partner.code).where(col(Partner.code).in_((seller_code, buyer_code)))
    row = get_account_row(session, **parties, day=today)
    return _Record(
        account=row,
        today=today,
        founded_on=network.founded_on,
        items=open_items(session, account, day=today),
        asked=name,
        period=period,
        statement=account_statement(session, **parties, period=period),
        seen_codes=frozenset(session.exec(seen)),
        actions=account_actions(session, actor, seller_code=seller_code, is_urgent=row.is_urgent),
        waiting=find_open_task(session, kind=CREDIT_LIMIT, subject=account_subject(seller_code, buyer_code)),
    )


class AccountRecord(Record, rx.State):
    """One trading account; the statement's period lives in the URL."""

    steps: list[dict[str, str]] = []
    items: list[dict[str, str]] = []
    statement: list[dict[str, str]] = []
    totals: dict[str, str] = {}
    period: str = ""
    period_options: list[dict[str, str]] = []
    credit: dict[str, str] = {}
    method_options: list[dict[str, str]] = []
    today: str = ""
    form_key: str = ""
    waiting: dict[str, str] = {}
    _seller_code: str = ""
    _buyer_code: str = ""
    _currency: str = ""
    _version: int = 0
    _key: str = ""
    _saved: int = 0

    @rx.event
    async def load(self) -> None:
        """Read the account the URL names."""
        parts = ["", *self.router.url.path.strip("/").split("/")]
        self._seller_code, self._buyer_code = (unquote(part)[:40] for part in parts[-2:])
        await self._reload()

    async def _reload(self) -> None:
        try:
            found = await self._read(
                _record,
                seller_code=self._seller_code,
                buyer_code=self._buyer_code,
                asked=self.router.url.query_parameters.get("period", ""),
                now=utc_now(),
            )
        except (NotFoundError, ForbiddenError):
            self._miss()
            return
        language = await self._language()
        row = found.account
        key = f"{row.seller.code}:{row.buyer.code}"
        await self._follow("account", key, Words(currency=row.currency))
        self.facts = view.facts(row, found.today, language) | {
            f"{side}_page": routes.partner(name.code) if name.code in found.seen_codes else ""
            for side, name in (("seller", row.seller), ("buyer", row.buyer))
        }
        self.steps = view.steps(row.exposure, language, await self._zone())
        self.items = view.open_items(found.items, row.currency, found.today, language)
        self.statement = view.statement(found.statement, language)
        self.totals = view.totals(found.statement, found.period, language) | view.paper(key, found.period)
        self.period = found.asked
        self.period_options = view.period_options(found.today, found.founded_on, language)
        self.credit = view.credit_form(row, language)
        self.method_options = options(view.METHODS, language)
        self.today = found.today.isoformat()
        self.actions = record_view.actions(found.actions, language)
        self.waiting = waiting(found.waiting, language, await self._zone())
        self.form_key = f"{row.seller.code}:{row.buyer.code}:{self._saved}"
        self._currency = row.currency
        self._version = row.version
        self._key = uuid.uuid4().hex
        self.is_missing = False
        self.is_loaded = True

    @rx.event
    async def choose_period(self, value: str) -> Any:
        """Put the statement's period into the URL."""
        await self._read(_nobody)
        query = dict(self.router.url.query_parameters) | {"period": value[:10]}
        return rx.redirect(f"{self.router.url.path}?{urlencode(query)}", replace=True)

    @rx.event
    async def act(self, verb: str) -> None:
        """Put the buyer first or not at once, or open the form an action needs."""
        await self._ask_in()
        if verb != "urgency":
            self.form = "" if self.form == verb else verb[:20]
            return
        await self._write(
            set_urgent_buyer,
            seller_code=self._seller_code,
            buyer_code=self._buyer_code,
            is_urgent=self.facts["urgent"] == "",
            version=self._version,
        )
        await self._reload()

    @rx.event
    async def receive(self, values: dict[str, Any]) -> Any:
        """Record money received; the key of the form makes a second click harmless."""
        number = await self._write(
            _receive,
            form=_texts(values),
            currency=self._currency,
            seller_code=self._seller_code,
            buyer_code=self._buyer_code,
            idempotency_key=self._key,
        )
        self._saved += 1
        await self._reload()
        self.form = ""
        return await self._say(msg("Receipt {number} was recorded."), number=number)

    @rx.event
    async def agree_credit(self, values: dict[str, Any]) -> Any:
        """Set the credit limit and, up to a day, a temporary one; or ask for the approval it needs."""
        number = await self._write(
            _agree_credit,
            form=_texts(values),
            currency=self._currency,
            seller_code=self._seller_code,
            buyer_code=self._buyer_code,
            version=self._version,
        )
        self._saved += 1
        await self._reload()
        self.form = ""
        if number:
            return await self._say(msg("Sent for approval: {number}"), number=number)
        return await self._say(msg("Saved."))


# What was typed is parsed behind the gate, so that its refusals speak the reader's language, too.


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {key: str(value).strip() for key, value in values.items()}


def _receive(session: Session, actor: Actor, *, form: dict[str, str], currency: str, **known: Any) -> str:
    is_bill = form.get("method") == ReceiptMethod.ACCEPTANCE_BILL
    matures = form.get("cleared_on", "") if is_bill else ""
    receipt = record_receipt(
        session,
        actor,
        amount=view.parse_amount(form.get("amount", ""), currency, msg("Amount")),
        method=form.get("method", ""),
        received_on=parse_day(form.get("received_on", ""), msg("Received on")),
        cleared_on=parse_day(matures, msg("Maturity")) if matures else None,
        reference=form.get("reference", ""),
        **known,
    )
    return receipt.number


def _agree_credit(
    session: Session, actor: Actor, *, form: dict[str, str], currency: str, **known: Any
) -> str:
    """The number of the task that the change waits for; empty where it holds at once."""
    temporary, until = form.get("temporary", ""), form.get("until", "")
    task = set_credit(
        session,
        actor,
        credit_limit_amount=view.parse_amount(form.get("limit", ""), currency, msg("Credit limit")),
        temporary_limit_amount=view.parse_amount(temporary, currency, msg("Temporary limit"))
        if temporary
        else 0,
        temporary_limit_until_on=parse_day(until, msg("Valid until")) if until else None,
        **known,
    )
    return task.number if task else ""


def _nobody(_session: Session, _actor: Actor) -> None:
    """Only asks the gate who is there."""
