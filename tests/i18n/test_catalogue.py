"""Every text has both languages, the same placeholders, and nobody carries dead ones."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages import Message
from babel.messages.pofile import read_po

import distrib_app
from distrib_app.core.kernel.errors import InvalidError, NotFoundError
from distrib_app.i18n import translate_error, translate_step
from distrib_app.i18n.catalogue import FOLDER, LANGUAGES, catalogue, pseudo

PACKAGE = Path(distrib_app.__file__).parent
PLACEHOLDER = re.compile(r"\{\w+\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# words that the trade writes alike in both languages
READ_ALIKE = {"SKU", "SKUs", "{skus} SKUs", "PDF", "Excel", "CSV", "ID", "sku", "API", "IP", "XLSX"}


def entries(language: str) -> list[Message]:
    """All entries of a catalogue, also those that are not used for being fuzzy or empty."""
    with (FOLDER / f"{language}.po").open("rb") as handle:
        return [message for message in read_po(handle, locale=language) if message.id]


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same(language: str) -> None:
    wrong = {
        text: translation
        for text, translation in catalogue(language).items()
        if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(translation))
    }
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_is_fuzzy_empty_or_there_twice(language: str) -> None:
    assert [entry.id for entry in entries(language) if entry.fuzzy or not entry.string] == []
    ids = re.findall(r"^msgid (.+)$", (FOLDER / f"{language}.po").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(text for text, count in Counter(ids).items() if count > 1 and text != '""') == []


def test_chinese_is_chinese() -> None:
    """An entry with words in English has at least one Chinese character, unless the trade writes it alike."""
    untranslated = [
        str(entry.id)
        for entry in entries("zh_CN")
        if re.search(r"[A-Za-z]{2}", PLACEHOLDER.sub("", str(entry.id)))
        and not CHINESE.search(str(entry.string))
        and entry.id not in READ_ALIKE
    ]
    assert untranslated == []


def test_the_pseudo_locale_keeps_placeholders_and_is_a_third_longer() -> None:
    assert pseudo("Save") == "⟦Save~~⟧"
    assert pseudo("{first}–{last} of {total}").format(first=1, last=2, total=3) == "⟦1–2 of 3~~~~~~~~~⟧"


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
