"""Documents: print view and PDF for browsers, the same over REST, and the public check of a QR code."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from .. import gate, routes
from ..core.kernel.access import Permission
from ..core.kernel.clock import utc_now
from ..core.kernel.settings import get_settings
from ..documents import (
    Document,
    PdfUnavailableError,
    get_secret,
    open_seal,
    read_document,
    to_pdf,
    verification_page,
)
from ..gate import COOKIE, Credential
from ..i18n import LANGUAGES, translate_error
from .caller import CallerDep
from .models import PLAIN, PeriodDep
from .problems import language_of
from .schemas import asks

router = APIRouter(tags=["documents"])
pages = APIRouter(include_in_schema=False)

Kind = Annotated[Literal["order", "delivery", "statement"], Path(description="What is printed.")]
Number = Annotated[
    str,
    Path(
        min_length=1,
        max_length=100,
        pattern=PLAIN,
        description="Number of the order or shipment; for a statement `seller:buyer`.",
    ),
]
Language = Annotated[str, Query(alias="lang", max_length=5, pattern=PLAIN)]
_FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            "text/html": {"schema": {"type": "string"}},
        }
    }
}


@pages.get(routes.DOCUMENTS + "/{kind}/{number}.html")
async def print_view(
    request: Request, kind: str, number: str, period: PeriodDep, lang: Language = "", notice: str = ""
) -> HTMLResponse:
    """The document in the browser, ready to be printed, for whoever may see the record."""
    language = _language(request, lang)
    said = translate_error(_unavailable(), language) if notice == "pdf" else ""
    document = await _read(request, kind, number, period=period, language=language, notice=said)
    return HTMLResponse(document.html)


@pages.get(routes.DOCUMENTS + "/{kind}/{number}.pdf")
async def pdf_file(
    request: Request, kind: str, number: str, period: PeriodDep, lang: Language = ""
) -> Response:
    """The document as a PDF file; where none can be made, the print view and why."""
    document = await _read(request, kind, number, period=period, language=_language(request, lang))
    try:
        return await _pdf(document)
    except PdfUnavailableError:
        view = f"{routes.document(kind, number, 'html')}?{_with_notice(request)}"
        return RedirectResponse(view, status_code=303)


@pages.get(routes.VERIFY + "/{token}")
async def verify(request: Request, token: str) -> HTMLResponse:
    """Whether this platform issued the document behind a QR code; public, and says nothing else."""
    seal = open_seal(token, get_secret())
    html = verification_page(seal, language=language_of(request))
    return HTMLResponse(html, status_code=200 if seal else 404)


@router.get(
    "/documents/{kind}/{number}.{form}",
    response_class=Response,
    responses=_FORMS,
    openapi_extra=asks(Permission.ORDERS_READ, Permission.ACCOUNTS_READ),
)
async def read_paper(
    caller: CallerDep,
    request: Request,
    kind: Kind,
    number: Number,
    form: Literal["pdf", "html"],
    period: PeriodDep,
) -> Response:
    """An order confirmation, a delivery note or a statement of account as PDF or HTML.

    A statement takes `from` and `to`. Where the server lacks what PDFs need, HTML is still answered.
    """
    document = await caller.read(
        read_document,
        kind=kind,
        number=number,
        period=period,
        language=caller.language,
        origin=_origin(request),
        now=utc_now(),
    )
    return HTMLResponse(document.html) if form == "html" else await _pdf(document)


async def _read(request: Request, kind: str, number: str, **facts: Any) -> Document:
    credential = Credential(session_token=request.cookies.get(COOKIE, ""))
    return await run_in_threadpool(
        gate.read,
        credential,
        read_document,
        kind=kind,
        number=number,
        origin=_origin(request),
        now=utc_now(),
        **facts,
    )


async def _pdf(document: Document) -> Response:
    content = await run_in_threadpool(to_pdf, document.html)
    name = quote(f"{document.file_name}.pdf")
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename*=UTF-8''{name}",
            "Cache-Control": "private, no-store",
        },
    )


def _origin(request: Request) -> str:
    return get_settings().public_url.rstrip("/") or str(request.base_url).rstrip("/")


def _language(request: Request, wanted: str) -> str:
    return wanted if wanted in LANGUAGES else language_of(request)


def _unavailable() -> PdfUnavailableError:
    return PdfUnavailableError(missing="libpango-1.0-0, fonts-noto-cjk")


def _with_notice(request: Request) -> str:
    query = str(request.url.query)
    return f"{query}&notice=pdf" if query else "notice=pdf"
