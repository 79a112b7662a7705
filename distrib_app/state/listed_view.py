"""What a list page shows of filters, chips, saved views and results, as its state keeps it."""

from typing import TypedDict

from ..core.kernel.listing import FacetValue
from ..core.lists import LISTS, Asked
from ..core.workbench import ViewRow
from ..i18n import gettext
from ..i18n.presentation import in_language, number


class FacetOption(TypedDict):
    """A value to filter by."""

    value: str
    text: str
    count: str
    is_on: bool


class FacetBox(TypedDict):
    """A filter with its values; `chosen` is how many of them are on, empty for none."""

    name: str
    title: str
    chosen: str
    options: list[FacetOption]


def saved_view(row: ViewRow, path: str, here: str) -> dict[str, str]:
    """A saved view; `here` is the query that the page shows now."""
    return {
        "name": row.name,
        "href": f"{path}?{row.query}",
        "is_shared": "yes" if row.is_shared else "",
        "is_own": "yes" if row.is_own else "",
        "is_here": "yes" if row.query == here else "",
    }


def result(key: str, text: str, tone: str) -> dict[str, str]:
    """What became of one selected row."""
    return {"key": key, "text": text, "tone": tone}


def facet_box(
    name: str, page: str, values: tuple[FacetValue, ...], chosen: tuple[str, ...], language: str
) -> FacetBox:
    """A filter with its values; those chosen stand there even when no row has them."""
    words = LISTS[page].facets[name]
    counted = [*values, *(FacetValue(one, 0) for one in chosen if one not in {row.value for row in values})]
    return {
        "name": name,
        "title": gettext(words.title, language),
        "chosen": str(len(chosen)) if chosen else "",
        "options": [
            {
                "value": row.value,
                "text": _word(words.words.get(row.value, ""), row, language),
                "count": number(row.count, language),
                "is_on": row.value in chosen,
            }
            for row in counted
            if row.count or row.value in chosen
        ],
    }


def _word(word: str, row: FacetValue, language: str) -> str:
    if word:
        return gettext(word, language)
    return in_language(row.name, row.name_en, language) or row.value


def chips(boxes: list[FacetBox], page: str, asked: Asked, language: str) -> list[dict[str, str]]:
    """One for each value that is on, also of filters whose values are not listed."""
    texts = {(box["name"], one["value"]): one["text"] for box in boxes for one in box["options"]}
    titles = LISTS[page].facets
    return [
        {
            "name": name,
            "value": value,
            "title": gettext(titles[name].title, language) if name in titles else name,
            "text": texts.get((name, value), value),
        }
        for name, values in asked.query.facets.items()
        for value in values
    ]
