"""HTML of the reference pages: small builders that escape whatever they are given."""

import html
import json
import re
import shlex
from pathlib import Path
from typing import Any

from .. import routes
from ..core.kernel.errors import msg
from ..i18n import gettext
from .schemas import Schema

STYLE = Path(__file__).with_name("reference.css").read_text(encoding="utf-8")


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()

    def __add__(self, other: str) -> "Html":
        return Html(str.__add__(self, other if isinstance(other, Html) else esc(other)))


def esc(text: str) -> Html:
    """Plain text as HTML."""
    return Html(html.escape(text))


def tag(name: str, content: str = "", *, cls: str = "", **attributes: str) -> Html:
    """An element; its content is escaped unless it is `Html`."""
    inner = content if isinstance(content, Html) else esc(content)
    named = ({"class": cls} if cls else {}) | attributes
    shown = "".join(f' {key}="{html.escape(value)}"' for key, value in named.items())
    return Html(f"<{name}{shown}>{inner}</{name}>")


def text_html(text: str) -> Html:
    """Paragraphs, lists of `* `, `code`, **bold**: the little Markdown that descriptions are written in."""
    blocks = []
    for block in text.strip().split("\n\n"):
        lines = block.splitlines()
        if lines[0].startswith("* "):
            points = re.split(r"(?:^|\s)\* ", " " + " ".join(lines))[1:]
            blocks.append(tag("ul", Html("".join(tag("li", _inline(point)) for point in points))))
        else:
            blocks.append(tag("p", _inline(" ".join(lines))))
    return Html("".join(blocks))


def _inline(text: str) -> Html:
    shown = re.sub(r"`([^`]+)`", r"<code>\1</code>", esc(text))
    return Html(re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", shown))


def page_html(title: str, nav: Html, main: Html, language: str) -> str:
    """A whole page."""
    lang = "zh-CN" if language.startswith("zh") else "en"
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f'<title>{esc(title)} · Distrib</title><link rel="icon" href="/icon.svg">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head>'
        f"<body>{tag('nav', nav, **{'aria-label': 'API'})}{tag('main', main)}</body></html>"
    )


def operation_html(
    origin: str, path: str, method: str, operation: Schema, document: dict[str, Any], language: str
) -> Html:
    """One operation: closed it is a line, open it is everything."""
    head = (
        tag("span", method.upper(), cls=f"method {method}")
        + tag("code", path.removeprefix(routes.API))
        + tag("span", _inline(operation["summary"]))
    )
    rest = operation.get("description", "").partition("\n\n")[2]
    parts = [text_html(rest)] if rest else []
    permissions = operation.get("x-permission", [])
    if permissions:
        wanted = Html(" | ".join(tag("code", name) for name in permissions))
        parts.append(tag("p", esc(gettext(msg("Permission"), language) + ": ") + wanted, cls="quiet"))
    rows = [_parameter_row(one) for one in operation.get("parameters", [])]
    if rows:
        parts.append(_titled(msg("Parameters"), tag("table", Html("".join(rows))), language))
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        fields = _fields_html(body["schema"], document["components"]["schemas"])
        parts.append(_titled(msg("Body"), fields, language))
    call = _curl(origin, path, method, operation, body)
    parts.append(_titled(msg("Call"), tag("pre", tag("code", call)), language))
    answers = "".join(_answer_row(status, one) for status, one in sorted(operation["responses"].items()))
    parts.append(_titled(msg("Answers"), tag("table", Html(answers)), language))
    content = tag("summary", head) + tag("div", Html("".join(parts)))
    return tag("details", content, id=operation["operationId"])


def schema_html(name: str, schema: Schema, language: str) -> Html:
    """One named schema."""
    shown = _fields_html(schema, {})
    if schema.get("description"):
        shown = tag("p", schema["description"], cls="quiet") + shown
    return tag("details", tag("summary", tag("code", name)) + tag("div", shown), id=f"schema-{name}")


def _titled(title: str, content: Html, language: str) -> Html:
    return tag("h3", gettext(title, language)) + content


def _parameter_row(parameter: Schema) -> Html:
    kind = parameter["in"] + (" *" if parameter.get("required") else "")
    text = parameter.get("description", "")
    return _row(tag("code", parameter["name"]), esc(kind), _type_html(parameter.get("schema", {})), esc(text))


def _fields_html(schema: Schema, schemas: Schema) -> Html:
    found = schemas.get(schema["$ref"].rpartition("/")[2], schema) if "$ref" in schema else schema
    required = set(found.get("required", []))
    rows = [
        _row(
            tag("code", name + (" *" if name in required else "")),
            _type_html(one),
            esc(one.get("description", "")),
        )
        for name, one in found.get("properties", {}).items()
    ]
    return tag("table", Html("".join(rows))) if rows else tag("p", _type_html(found))


def _answer_row(status: str, response: Schema) -> Html:
    content = response.get("content", {})
    shown = "".join(_type_html(one.get("schema", {})) for one in content.values())
    return _row(tag("b", status), esc(response.get("description", "")), Html(shown))


def _row(*cells: Html) -> Html:
    return tag("tr", Html("".join(tag("td", cell) for cell in cells)))


def _type_html(schema: Schema) -> Html:
    """A type in a few words; a named schema as a link to it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return tag("a", tag("code", name), href=f"#schema-{name}")
    for name in ("anyOf", "oneOf"):
        if name in schema:
            return Html(" | ".join(_type_html(one) for one in schema[name]))
    if "enum" in schema:
        return Html(" | ".join(tag("code", json.dumps(one, ensure_ascii=False)) for one in schema["enum"]))
    kind = schema.get("type", "any")
    if kind == "array":
        return esc("list of ") + _type_html(schema.get("items", {}))
    words = [" | ".join(kind) if isinstance(kind, list) else kind]
    if "format" in schema:
        words.append(schema["format"])
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None or high is not None:
        words.append(f"{'' if low is None else low} … {'' if high is None else high}")
    return tag("span", " ".join(words), cls="quiet")


def _curl(origin: str, path: str, method: str, operation: Schema, body: Schema | None) -> str:
    lines = [f"curl {origin}{path}", '-H "Authorization: Bearer $TOKEN"']
    if method != "get":
        lines[0] = f"curl -X {method.upper()} {origin}{path}"
    if method == "post":
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if body:
        content = json.dumps(body["example"], ensure_ascii=False)
        lines += ['-H "Content-Type: application/json"', f"-d {shlex.quote(content)}"]
    return " \\\n  ".join(lines)
