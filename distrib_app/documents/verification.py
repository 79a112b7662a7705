"""What the public page behind a document's QR code says: genuine with number, day and amount, or not."""

from html import escape
from pathlib import Path

from ..core.kernel.errors import msg
from ..i18n import gettext
from ..i18n.presentation import money, number
from .seal import Seal

TITLES = {
    "order": msg("Order confirmation"),
    "delivery": msg("Delivery note"),
    "statement": msg("Statement of account"),
}
_STYLE = (Path(__file__).parent / "check.css").read_text(encoding="utf-8")


def verification_page(seal: Seal | None, *, language: str) -> str:
    """The page for a seal that was opened, or for a token that opened nothing."""
    if seal is None:
        content = (
            f'<h1 class="bad">✕ {_say(msg("Not a document of this platform"), language)}</h1>'
            f"<p>{_say(msg('The code was not issued here, or it was altered.'), language)}</p>"
        )
    else:
        facts = "".join(
            f"<dt>{_say(label, language)}</dt><dd>{escape(value)}</dd>"
            for label, value in _facts(seal, language)
        )
        content = (
            f'<h1 class="good">✓ {_say(msg("Genuine"), language)}</h1>'
            f"<p>{_say(msg('Compare these with the paper in your hand.'), language)}</p><dl>{facts}</dl>"
        )
    return (
        f'<!doctype html><html lang="{language.replace("_", "-")}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{_say(msg('Check of a document'), language)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{content}</main></body></html>"
    )


def _facts(seal: Seal, language: str) -> list[tuple[str, str]]:
    amount = money(seal.amount, seal.currency, language) if seal.currency else number(seal.amount, language)
    return [
        (msg("Document"), gettext(TITLES.get(seal.kind, seal.kind), language)),
        (msg("Number"), seal.number),
        (msg("Day"), seal.day),
        (msg("Amount") if seal.currency else msg("Quantity"), amount),
    ]


def _say(text: str, language: str) -> str:
    return escape(gettext(text, language))
