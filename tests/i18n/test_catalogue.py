"""Every text has both languages, the same placeholders, and nobody carries dead ones."""

import ast
import re
from pathlib import Path

import distrib_app
from distrib_app.core.kernel.errors import InvalidError, NotFoundError
from distrib_app.i18n import translate_error, translate_step
from distrib_app.i18n.catalogue import catalogue

PACKAGE = Path(distrib_app.__file__).parent
PLACEHOLDER = re.compile(r"\{\w+\}")


def messages() -> dict[str, str]:
    """Every literal inside `msg(…)` with where it stands."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "msg" and node.args:
                found.setdefault(_text(node.args[0], path), f"{path.relative_to(PACKAGE)}:{node.lineno}")
    return found


def _text(node: ast.expr, path: Path) -> str:
    if isinstance(node, ast.Name):  # the definition of msg itself
        return ""
    if isinstance(node, ast.IfExp):
        raise AssertionError(f"{path}: msg() takes one literal")
    value = ast.literal_eval(node)
    assert isinstance(value, str)
    return value


def test_every_message_is_chinese_too() -> None:
    chinese = catalogue("zh_CN")
    missing = {text: place for text, place in messages().items() if text and text not in chinese}
    assert missing == {}


def test_placeholders_are_the_same() -> None:
    wrong = {
        text: translation
        for text, translation in catalogue("zh_CN").items()
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(translation))
    }
    assert wrong == {}


def test_no_message_is_left_over() -> None:
    used = set(messages())
    facts = set(catalogue("en"))  # words that come as facts: field names, states, verbs
    known = used | facts
    left = [text for text in catalogue("zh_CN") if text not in known and not _is_word(text)]
    assert left == []


def _is_word(text: str) -> bool:
    """A code that appears as a fact of an error (`order`, `temporary_limit_amount`)."""
    return re.fullmatch(r"[a-z_ ]+", text) is not None


def test_an_error_speaks_the_readers_language() -> None:
    error = NotFoundError(kind="order", key="SO-1")
    assert translate_error(error, "zh_CN") == "没有找到订单 SO-1。"
    assert translate_error(error, "en") == "order SO-1 was not found."
    assert translate_error(InvalidError(field="qty", reason="x"), "en") == "quantity: x"


def test_a_frozen_step_speaks_both_languages() -> None:
    step = {"text": "Net amount", "facts": {}, "result": "1.00 CNY"}
    assert translate_step(step, "zh_CN") == "不含税金额"
    assert translate_step(step, "en") == "Net amount"
