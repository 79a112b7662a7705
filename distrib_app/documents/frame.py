"""The sheet every document is laid out on: head, parties, facts, lines, totals, signatures, QR code."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from ..core.accounts import PartyName
from ..core.kernel.errors import msg
from ..i18n import gettext
from ..i18n.presentation import in_language

STYLE = (Path(__file__).parent / "paper.css").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the lines: its heading (a message) and how it stands."""

    title: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a document, formatted; texts are messages where they say so.

    `photo` is a picture as a data URI, `codes` are QR codes as inline SVG with what stands below them.
    """

    title: str
    number: str
    issuer: PartyName
    parties: Sequence[tuple[str, PartyName]]
    facts: Sequence[tuple[str, str]]
    columns: Sequence[Column]
    lines: Sequence[Sequence[str]]
    sums: Sequence[tuple[str, str]] = ()
    words: str = ""
    note: str = ""
    signers: Sequence[str] = ()
    photo: str = ""
    codes: Sequence[tuple[str, str]] = ()


def draw(sheet: Sheet, *, language: str, qr: str, pdf_url: str, notice: str = "") -> str:
    """The whole HTML page; `qr` is inline SVG, `notice` a sentence only the screen shows."""
    heading = gettext(sheet.title, language)
    return "".join(
        (
            f'<!doctype html><html lang="{language.replace("_", "-")}"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(heading)} {escape(sheet.number)}</title><style>{STYLE}</style></head><body>",
            _for_the_screen(language, pdf_url, notice),
            '<main class="sheet">',
            _head(sheet, heading, language),
            _parties(sheet, language),
            _facts(sheet, language),
            _table(sheet, language),
            _totals(sheet, language),
            f'<p class="note">{escape(gettext(sheet.note, language))}</p>' if sheet.note else "",
            _photo(sheet, language),
            _close(sheet, language, qr),
            "</main></body></html>",
        )
    )


def _for_the_screen(language: str, pdf_url: str, notice: str) -> str:
    say = _say(language)
    warning = f'<span class="warn" role="status">{escape(notice)}</span>' if notice else ""
    return (
        f'<div class="screen"><span>{say(msg("Print view: Ctrl+P prints it."))}</span>'
        f'<a href="{escape(pdf_url)}">{say(msg("Download PDF"))}</a>{warning}</div>'
    )


def _say(language: str) -> Any:
    return lambda text: escape(gettext(text, language))


def _party(name: PartyName, language: str) -> str:
    return escape(in_language(name.name, name.name_en, language))


def _head(sheet: Sheet, heading: str, language: str) -> str:
    return (
        f'<header class="head"><div class="issuer">{_party(sheet.issuer, language)}</div>'
        f'<div><h1>{escape(heading)}</h1><p class="number">{escape(sheet.number)}</p></div></header>'
    )


def _parties(sheet: Sheet, language: str) -> str:
    cells = [
        f'<div><p class="label">{escape(gettext(label, language))}</p>'
        f'<p class="strong">{_party(name, language)}</p><p class="label">{escape(name.code)}</p></div>'
        for label, name in sheet.parties
    ]
    return f'<section class="parties">{"".join(cells)}</section>'


def _facts(sheet: Sheet, language: str) -> str:
    cells = [
        f'<div><p class="label">{escape(gettext(label, language))}</p><p>{escape(value)}</p></div>'
        for label, value in sheet.facts
    ]
    return f'<section class="facts">{"".join(cells)}</section>'


def _table(sheet: Sheet, language: str) -> str:
    head = "".join(
        f'<th class="{column.tone}">{escape(gettext(column.title, language))}</th>'
        for column in sheet.columns
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{column.tone}">{escape(cell)}</td>'
            for column, cell in zip(sheet.columns, line, strict=True)
        )
        + "</tr>"
        for line in sheet.lines
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _totals(sheet: Sheet, language: str) -> str:
    if not sheet.sums:
        return ""
    last = len(sheet.sums) - 1
    sums = "".join(
        f'<div class="{"last" if index == last else ""}"><span>{escape(gettext(label, language))}</span>'
        f"<span>{escape(value)}</span></div>"
        for index, (label, value) in enumerate(sheet.sums)
    )
    words = ""
    if sheet.words:
        label = escape(gettext(msg("Amount in words"), language))
        words = f'<p class="label">{label}</p><p class="strong">{escape(sheet.words)}</p>'
    return f'<section class="totals"><div class="words">{words}</div><div class="sums">{sums}</div></section>'


def _photo(sheet: Sheet, language: str) -> str:
    if not sheet.photo:
        return ""
    label = escape(gettext(msg("Photo of the delivery"), language))
    image = f'<img class="photo" src="{escape(sheet.photo)}" alt="{label}">'
    return f'<section class="totals"><div class="words"><p class="label">{label}</p>{image}</div></section>'


def _close(sheet: Sheet, language: str, qr: str) -> str:
    say = _say(language)
    boxes = "".join(
        f'<div class="sign"><p class="label">{say(signer)}</p><div class="line">'
        f"<span>{say(msg('Signature and seal'))}</span><span>{say(msg('Day'))}</span></div></div>"
        for signer in sheet.signers
    )
    check = f'<div class="check">{qr}{say(msg("Scan to check that this document is genuine"))}</div>'
    codes = "".join(f'<div class="check">{svg}{escape(text)}</div>' for text, svg in sheet.codes)
    return f'<section class="close">{boxes}{codes}{check}</section>'
