"""What requests and answers share: texts with bounds, money as decimal strings, days, windows of lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from sqlmodel import Session
from starlette.datastructures import URL

from ..core.channels import get_network
from ..core.inventory import MAX_QTY
from ..core.kernel.clock import Period, business_day, parse_day, parse_days, utc_now
from ..core.kernel.errors import InvalidError
from ..core.kernel.explain import Step
from ..core.kernel.keyset import BadCursorError
from ..core.kernel.listing import Listing, ListQuery
from ..core.kernel.money import TaxSplit, decimal_to_minor, minor_to_decimal
from ..core.orders import Shortage
from ..core.workbench import Task
from ..i18n import translate_step
from .caller import KEY, KEY_PATTERN
from .cursors import MAX_CURSOR, decode, encode, question

Item = TypeVar("Item")
Json = dict[str, Any]

MAX_LIMIT = 200
MAX_OFFSET = 1_000_000_000
MAX_LINES = 500
MAX_INT = 2_147_483_647
# No control characters: PostgreSQL takes no NUL, and nobody types the others.
PLAIN = r"^[^\x00-\x1f\x7f]*$"
# New codes stand in URLs, so they hold no blank and nothing that cuts a URL.
NEW_CODE = r"^[^\s\x00-\x1f\x7f/\\?#%]+$"


class Body(BaseModel):
    """A request body: exact types, no unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)


def _day(value: object) -> date:
    if not isinstance(value, str):
        raise ValueError("a day as YYYY-MM-DD")
    try:
        return parse_day(value)
    except InvalidError as error:
        raise ValueError(error.facts["reason"]) from error


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Code = Annotated[str, Field(min_length=1, max_length=60, pattern=PLAIN)]
NewCode = Annotated[str, Field(min_length=1, max_length=40, pattern=NEW_CODE)]
NewLongCode = Annotated[str, Field(min_length=1, max_length=60, pattern=NEW_CODE)]
Word = Annotated[str, Field(min_length=1, max_length=40, pattern=PLAIN)]
LongName = Annotated[str, Field(min_length=1, max_length=160, pattern=PLAIN)]
Text = Annotated[str, Field(max_length=200, pattern=PLAIN)]
Money = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?$", examples=["1234.50"])]
Price = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$", examples=["3390", "0.0123"])]
Qty = Annotated[int, Field(ge=1, le=MAX_QTY)]
Version = Annotated[int, Field(ge=1, le=MAX_INT, description="The version the editor saw.")]


class Missing(Body):
    """A quantity of a line of the order that was not signed for."""

    line_no: Annotated[int, Field(ge=1, le=MAX_INT)]
    qty: Qty
    reason: Annotated[str, Field(pattern="^(short|damaged|refused)$")] = "short"


class Signing(Body):
    """Who signed for a delivery; when (now without), a photo kept on the order, what did not arrive.

    `proof_file` is the key of an image that was attached to the order for all its parties.
    """

    signed_by: Annotated[str, Field(min_length=1, max_length=60, pattern=PLAIN)]
    signed_at: Annotated[AwareDatetime, Field(strict=False)] | None = None
    proof_file: Annotated[str, Field(max_length=40, pattern=PLAIN)] = ""
    shortages: Annotated[list[Missing], Field(max_length=MAX_LINES)] = Field(default_factory=list)
    version: Version | None = None

    def facts(self) -> dict[str, Any]:
        """What the delivering verbs take."""
        return {
            "signed_by": self.signed_by,
            "signed_at": self.signed_at,
            "proof_file": self.proof_file,
            "shortages": [Shortage(one.line_no, one.qty, one.reason) for one in self.shortages],
            "version": self.version,
        }


CodePath = Annotated[str, Path(min_length=1, max_length=60, pattern=PLAIN)]
CodeQuery = Annotated[str, Query(max_length=60, pattern=PLAIN)]
CodesQuery = Annotated[
    list[Annotated[str, Field(max_length=60, pattern=PLAIN)]],
    Query(default_factory=list, max_length=50, description="One or several; a row that has any of them."),
]
SortQuery = Annotated[str, Query(max_length=60, pattern=PLAIN, description="`-` before it for descending.")]
Search = Annotated[str, Query(max_length=100, pattern=PLAIN, description="Part of a code or name.")]
# required where a document is created; every other POST takes it too
Key = Annotated[
    str,
    Header(
        alias=KEY,
        pattern=KEY_PATTERN,
        description="One per intention, visible ASCII; the same key with other content is refused.",
        examples=["5f2c8a1e-order-1"],
    ),
]


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is wanted: from `offset`, or from the row behind which `after` points.

    `asked` is what the list was asked for; `go_on` hands out where the next window begins.
    """

    offset: int
    limit: int
    after: tuple[Any, ...] | None = None
    asked: str = ""
    url: URL | None = None
    response: Response | None = None

    def query(self, *, search: str = "", sort: str = "", **facets: Sequence[str] | str) -> ListQuery:
        """What a list of core is asked for; a facet is one value or several, and none when empty."""
        chosen = {
            name: (values,) if isinstance(values, str) else tuple(values)
            for name, values in facets.items()
            if values
        }
        return ListQuery(search, sort, chosen, self.offset, self.limit, after=self.after)

    def go_on(self, end: tuple[Any, ...] | None) -> str | None:
        """The cursor behind the last row (`end`), also as a `Link` to the next window; None at the end."""
        if end is None:
            return None
        cursor = encode(self.asked, end)
        if self.url is not None and self.response is not None:
            following = self.url.remove_query_params("offset").include_query_params(cursor=cursor)
            self.response.headers["link"] = f'<{following.path}?{following.query}>; rel="next"'
        return cursor


def _window(
    request: Request,
    response: Response,
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET, description="Rows to skip; a cursor is better.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: Annotated[
        str,
        Query(max_length=MAX_CURSOR, description="`next_cursor` of the window before, all else as there."),
    ] = "",
) -> Window:
    asked = question(request.url.path, request.query_params.multi_items())
    after = decode(asked, cursor) if cursor else None
    return Window(0 if after else offset, limit, after, asked, request.url, response)


def _period(
    from_: Annotated[str, Query(alias="from", description="First day, YYYY-MM-DD; all time without.")] = "",
    to: Annotated[str, Query(description="Last day, inclusive.")] = "",
) -> Period | None:
    return parse_days(from_, to)


WindowDep = Annotated[Window, Depends(_window)]
PeriodDep = Annotated[Period | None, Depends(_period)]


def today(session: Session) -> date:
    """The present business day of the network."""
    return business_day(utc_now(), get_network(session).zone)


def to_minor(text: str, currency: str, field: str) -> int:
    """A decimal string as minor units. Raises `InvalidError` naming the field when it is too fine."""
    try:
        return decimal_to_minor(Decimal(text), currency)
    except InvalidError as error:
        raise InvalidError(field=field, reason=error.facts["reason"]) from error


def money(amount: int, currency: str) -> str:
    """Minor units as a decimal string."""
    return format(minor_to_decimal(amount, currency), "f")


def price(value: Decimal | None) -> str | None:
    """A unit price as a decimal string without needless zeros."""
    return None if value is None else format(value.normalize(), "f")


def micros_price(micros: int | None) -> str | None:
    """Millionths as a unit price."""
    return price(None if micros is None else Decimal(micros).scaleb(-6))


def amounts_json(amounts: TaxSplit, currency: str) -> Json:
    """Net, tax and gross as decimal strings."""
    return {
        "net_amount": money(amounts.net, currency),
        "tax_amount": money(amounts.tax, currency),
        "gross_amount": money(amounts.gross, currency),
    }


def step_json(step: Step | Mapping[str, Any], language: str) -> Json:
    """A step of an explanation as a sentence with its result."""
    frozen = step.frozen() if isinstance(step, Step) else step
    return {"text": translate_step(frozen, language), "result": frozen.get("result", "")}


def row_json(row: Any, *, omit: Sequence[str] = (), currency: str = "") -> Json:
    """A frozen row as JSON; columns `…_amount` are minor units of `currency`, prices are strings.

    Whoever calls names in `omit` what is for machines only (row ids) or is shown in another way.
    """
    return {
        field.name: _amount(field.name, getattr(row, field.name), currency)
        for field in fields(row)
        if field.name not in omit
    }


def facts_json(facts: Mapping[str, Any], currency: str) -> Json:
    """The facts of an event; amounts among them are minor units of `currency`."""
    return {key: _amount(key, value, currency) for key, value in facts.items()}


def _amount(name: str, value: Any, currency: str) -> Any:
    if name.endswith("_amount") and isinstance(value, int):
        return money(value, currency)
    return _plain(value, currency)


def _plain(value: Any, currency: str) -> Any:
    if isinstance(value, Decimal):
        return price(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if is_dataclass(value):
        return row_json(value, currency=currency)
    if isinstance(value, Mapping):
        return facts_json(value, currency)
    if isinstance(value, (list, tuple)):
        return [_plain(item, currency) for item in value]
    return value


def waiting_json(task: Task | None) -> Json:
    """What a change that waits for an approval says beside the record as it is."""
    return {"task_number": task.number} if task else {}


def page_json(page: Listing[Item], window: Window, show: Callable[[Item], Json] = row_json) -> Json:
    """One window of a list that core cut out; its `offset` is null where a cursor began it."""
    return {
        "items": [show(row) for row in page.rows],
        "total": page.total,
        "offset": None if window.after else window.offset,
        "limit": window.limit,
        "next_cursor": window.go_on(page.end),
    }


def list_json(rows: Sequence[Item], window: Window, show: Callable[[Item], Json] = row_json) -> Json:
    """One window of a list that core gives as a whole; its cursor is a position."""
    start = window.offset
    if window.after is not None:
        start = window.after[0]
        if len(window.after) != 1 or not isinstance(start, int) or start < 0:
            raise BadCursorError
    end = start + window.limit
    listing = Listing(tuple(rows[start:end]), len(rows), end=(end,) if end < len(rows) else None)
    return page_json(listing, window, show)
