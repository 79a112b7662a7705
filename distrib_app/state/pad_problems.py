"""What speaks against the lines of an order pad, each by its field."""

from ..core.orders import UNKNOWN_SKU, OrderQuote
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE


def problems(quote: OrderQuote | None, language: str) -> dict[str, str]:
    """Every reason against a single line, by its SKU code."""
    found: dict[str, list[str]] = {}
    for reason in quote.reasons if quote is not None else ():
        if "sku" in reason.facts:
            text = gettext(reason.text, language, **reason.facts)
            found.setdefault(str(reason.facts["sku"]), []).append(text)
    return {code: " ".join(texts) for code, texts in found.items()}


def with_problems(
    lines: list[dict[str, str]], quote: OrderQuote | None, language: str
) -> list[dict[str, str]]:
    """The quoted lines with what speaks against each; codes that no SKU has last, to be taken out."""
    found = problems(quote, language)
    rows = [line | {"problem": found.get(line["sku"], "")} for line in lines]
    for reason in quote.reasons if quote is not None else ():
        if reason.code == UNKNOWN_SKU:
            code, qty = str(reason.facts["sku"]), str(reason.facts["qty"])
            rows.append(_NO_LINE | {"sku": code, "qty": qty, "problem": found[code]})
    return rows


_NO_LINE = {
    **dict.fromkeys(("name", "available", "promised", "price", "gross"), NO_VALUE),
    **dict.fromkeys(("line_no", "bumped", "quota"), ""),
    "available_tone": "warn",
}
