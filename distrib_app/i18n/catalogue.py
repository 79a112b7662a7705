"""The catalogues: msgids are English sentences; `zh_CN.po` holds the Chinese ones.

The `.po` files are read as they are, so nothing has to be compiled and nothing can be stale.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from ..core.kernel.access import LANGUAGES
from ..core.kernel.errors import DomainError
from ..core.kernel.settings import get_settings

FOLDER = Path(__file__).parent


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> Mapping[str, str]:
    """All translated messages of a language; English is the msgid itself unless the file says otherwise."""
    found = _messages(language)
    if language == "en" and get_settings().pseudo_locale:
        return {text: pseudo(found.get(text, text)) for text in _messages("zh_CN")}
    return found


def pseudo(text: str) -> str:
    """A text as the pseudo-locale shows it: in brackets, a third longer, its placeholders untouched."""
    return f"⟦{text}{'~' * (len(text) // 3 + 1)}⟧"


def _messages(language: str) -> Mapping[str, str]:
    path = FOLDER / f"{language}.po"
    with path.open("rb") as handle:
        messages = read_po(handle, locale=language)
    return {
        str(message.id): str(message.string)
        for message in messages
        if message.id and message.string and not message.fuzzy
    }


def gettext(text: str, language: str, /, **facts: object) -> str:
    """`text` in `language`, with its facts filled in; an unknown message stays English."""
    template = catalogue(language).get(text, text) if language in LANGUAGES else text
    return template.format(**facts) if facts else template


def translate_error(error: DomainError, language: str) -> str:
    """The sentence of an error; its facts that are messages themselves (a reason) are translated too."""
    facts = {key: _fact(value, language) for key, value in error.facts.items()}
    reasons = getattr(error, "reasons", ())
    if reasons:
        facts["reasons"] = " ".join(gettext(reason.text, language, **reason.facts) for reason in reasons)
    return gettext(error.template, language, **facts) if facts else gettext(error.template, language)


def translate_step(step: Mapping[str, Any], language: str) -> str:
    """The sentence of a frozen explanation step."""
    facts = {key: _fact(value, language) for key, value in own_facts(step.get("facts", {}), language).items()}
    return gettext(step["text"], language, **facts) if facts else gettext(step["text"], language)


def translate_notice(title: str, facts: Mapping[str, Any], language: str) -> str:
    """The sentence of a notice or a task; a fact named `text` is quoted as somebody wrote it."""
    mine = own_facts(facts, language)
    known = {key: value if key == "text" else _fact(value, language) for key, value in mine.items()}
    return gettext(title, language, **known) if known else gettext(title, language)


def own_facts(facts: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Facts in the reader's language where they carry it: a name `buyer` may have a twin `buyer_en`."""
    if language == LANGUAGES[0]:
        return dict(facts)
    return {key: facts.get(f"{key}_en") or value for key, value in facts.items()}


def _fact(value: object, language: str) -> object:
    return gettext(value, language) if isinstance(value, str) else value
