"""The public pages of the API: its reference, and what each problem code means. Plain HTML, no script."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from .. import routes
from ..core.kernel.errors import NotFoundError, msg
from ..i18n import LANGUAGES, gettext
from .problems import ADVICE, TITLES, ProblemKind, language_of, problem_kinds
from .reference_html import Html, esc, operation_html, page_html, schema_html, tag, text_html

router = APIRouter(include_in_schema=False)
_SAMPLE_FACTS = msg("In braces stand the facts of the case.")


@router.get("/docs", response_class=HTMLResponse)
async def read_reference(request: Request) -> str:
    """Every operation by group, with its parameters, bodies, answers and a call to copy."""
    document, language = request.app.openapi(), language_of(request)
    origin = f"{request.url.scheme}://{request.url.netloc}"
    groups: dict[str, list[tuple[str, str, Html]]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            shown = operation_html(origin, path, method, operation, document, language)
            groups.setdefault(operation["tags"][0], []).append((operation["operationId"], path, shown))
    described = {one["name"]: one["description"] for one in document["tags"]}
    nav, main = [], [tag("h1", esc(document["info"]["title"]) + " REST API"), text_html(_about(document))]
    for name, operations in groups.items():
        links = "".join(
            tag("li", tag("a", esc(key.partition("_")[2].replace("_", " ")), href=f"#{key}"))
            for key, _, _ in operations
        )
        nav.append(tag("h2", tag("a", esc(name), href=f"#{name}")) + tag("ul", Html(links)))
        main.append(tag("h2", esc(name), id=name) + tag("p", esc(described.get(name, ""))))
        main += [shown for _, _, shown in operations]
    main.append(tag("h2", esc(gettext(msg("Schemas"), language)), id="schemas"))
    schemas = document["components"]["schemas"]
    main += [schema_html(name, schema, language) for name, schema in sorted(schemas.items())]
    nav.append(tag("h2", tag("a", esc(gettext(msg("Schemas"), language)), href="#schemas")))
    nav.append(tag("h2", tag("a", esc(gettext(msg("Problem codes"), language)), href=_problems())))
    return page_html("REST API", Html("".join(nav)), Html("".join(main)), language)


@router.get("/problems", response_class=HTMLResponse)
async def read_problems(request: Request) -> str:
    """Every problem code."""
    language = language_of(request)
    rows = "".join(
        tag(
            "tr",
            tag("td", tag("a", tag("code", esc(kind.code)), href=_problems(kind.code)))
            + tag("td", esc(str(kind.status)), cls="number")
            + tag("td", esc(gettext(kind.sentences[0], language))),
        )
        for kind in problem_kinds()
    )
    title = gettext(msg("Problem codes"), language)
    main = tag("h1", esc(title)) + tag("table", Html(rows))
    return page_html(title, _back(language), main, language)


@router.get("/problems/{code}", response_class=HTMLResponse)
async def read_problem(request: Request, code: str) -> str:
    """What a problem code means, in both languages."""
    kinds = [kind for kind in problem_kinds() if kind.code == code]
    if not kinds:
        raise NotFoundError(kind="problem", key=code)
    language = language_of(request)
    both = (language, *(one for one in LANGUAGES if one != language))
    main = tag("h1", tag("code", esc(code)))
    for kind in kinds:
        main += Html("".join(_explanation(kind, one) for one in both))
    return page_html(code, _back(language), main, language)


def _explanation(kind: ProblemKind, language: str) -> Html:
    title = TITLES.get(kind.status, TITLES[500 if kind.status >= 500 else 400])
    advice = ADVICE.get(kind.status, ADVICE[500 if kind.status >= 500 else 400])
    said = "".join(tag("li", esc(gettext(text, language))) for text in kind.sentences)
    hint = gettext(_SAMPLE_FACTS, language) if "{" in said else ""
    content = (
        tag("h2", esc(f"{kind.status} · {gettext(title, language)}"))
        + tag("ul", Html(said))
        + tag("p", esc(hint), cls="quiet")
        + tag("p", esc(gettext(advice, language)))
    )
    return tag("section", content, lang="zh-CN" if language.startswith("zh") else "en")


def _back(language: str) -> Html:
    links = tag("h2", tag("a", esc("REST API"), href=f"{routes.API}/docs"))
    return links + tag("h2", tag("a", esc(gettext(msg("Problem codes"), language)), href=_problems()))


def _problems(code: str = "") -> str:
    return f"{routes.API}/problems" + (f"/{code}" if code else "")


def _about(document: dict[str, dict[str, str]]) -> str:
    return document["info"]["description"]
