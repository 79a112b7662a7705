"""What the server says reaches a catalogue: no sentence stands in the sources outside `msg(…)`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import distrib_app

PACKAGE = Path(distrib_app.__file__).parent
# where texts for people are made; core is looked at for its errors only
ROOMS = ("state", "pages", "figures", "api")
SAYERS = {"t", "gettext", "_say", "translate_notice"}
TOASTS = {"success", "error", "info", "warning"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SENTENCE = re.compile(r"[A-Z][a-z]+( [A-Za-z{]|[.,:]( |$))")
# literals with words in them that are no texts of the platform, by file
DATA = {
    "pages/registry.py": {"渠道云", "渠道云 Distrib"},
    "pages/layout.py": {"中文", "切换到中文", "Switch to English"},
    "pages/preferences.py": {"简体中文"},
    "api/catalog.py": {"件"},  # the unit goods are counted in unless said otherwise
    "api/validation.py": {"Value error, "},  # what pydantic puts before a reason
    "core/kernel/clock.py": {"no time zone"},  # a mistake of the programmer, never of a reader
    "core/workbench/calendar.py": {"no time zone"},
    "figures/theme.py": {"Inter, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"},
}
# what the description of the API says is English for its readers, programmers
SPECIFICATION = ("api/tags.py", "api/openapi.py", "api/examples.py", "api/schemas.py")
DESCRIBED = {"description", "title", "summary", "examples", "openapi_extra", "answers", "responses"}


def findings(source: str, *, is_core: bool = False) -> Iterator[tuple[int, str]]:
    """Line and text of every sentence that no catalogue would see."""
    tree = ast.parse(source)
    marked = set(_inside_msg(tree)) | set(_docstrings(tree)) | set(_described(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _said(node)
            yield from _reasons(node)
        elif isinstance(node, ast.ClassDef):
            yield from _templates(node)
        elif not is_core and isinstance(node, ast.Constant) and node not in marked:
            text = node.value
            if isinstance(text, str) and (CHINESE.search(text) or SENTENCE.match(text)):
                yield node.lineno, text


def _said(call: ast.Call) -> Iterator[tuple[int, str]]:
    """A literal handed to what speaks."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    is_toast = name in TOASTS and isinstance(call.func, ast.Attribute) and _is_toast(call.func.value)
    if (name in SAYERS or is_toast) and call.args and _literal(call.args[0]):
        yield call.lineno, _literal(call.args[0])


def _is_toast(node: ast.expr) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) == "toast"


def _reasons(call: ast.Call) -> Iterator[tuple[int, str]]:
    """A sentence as the reason of a refusal."""
    for keyword in call.keywords:
        if keyword.arg in {"reason", "hint", "message"} and " " in _literal(keyword.value).strip():
            yield keyword.value.lineno, _literal(keyword.value)


def _templates(node: ast.ClassDef) -> Iterator[tuple[int, str]]:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "template":
            text = _literal(statement.value)
            if text:
                yield statement.lineno, text


def _literal(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _inside_msg(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "msg":
            yield from ast.walk(node)


def _described(tree: ast.Module) -> Iterator[ast.AST]:
    """What stands in the description of the API."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in DESCRIBED:
            yield from ast.walk(node)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None and _literal(key) in DESCRIBED:
                    yield from ast.walk(value)


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def test_no_sentence_stands_outside_the_catalogues() -> None:
    found: list[str] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        is_core = name.partition("/")[0] not in ROOMS or name in SPECIFICATION
        for line, text in findings(path.read_text(encoding="utf-8"), is_core=is_core):
            if text not in DATA.get(name, ()):
                found.append(f"{name}:{line} {text!r}")
    assert found == []


def test_what_the_check_finds() -> None:
    source = '''
"""Doc string."""
self._say("Saved.")
rx.toast.error("No")
t("Orders")
raise InvalidError(field="x", reason="is too long")
class OwnError(DomainError):
    template = "Refused."
name = "订单"
note = "Nothing here yet"
fine = [msg("All is well."), "class-name wide", "Name", t(msg("Orders")), InvalidError(reason=msg("no"))]
'''
    assert {(line, text) for line, text in findings(source)} == {
        (3, "Saved."),
        (4, "No"),
        (5, "Orders"),
        (6, "is too long"),
        (8, "Refused."),
        (9, "订单"),
        (10, "Nothing here yet"),
    }
