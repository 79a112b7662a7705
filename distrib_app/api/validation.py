"""What is wrong with a request that does not fit its description, per field, in the caller's language."""

from collections.abc import Mapping
from typing import Any

from ..core.kernel.errors import msg
from ..i18n import gettext

# finding of the validator -> what a person reads; `{…}` are the bounds it names
REASONS: dict[str, str] = {
    "missing": msg("is missing"),
    "extra_forbidden": msg("is not known here"),
    "json_invalid": msg("is not JSON"),
    "string_type": msg("must be a text"),
    "string_too_short": msg("must have at least {min_length} characters"),
    "string_too_long": msg("must have at most {max_length} characters"),
    "string_pattern_mismatch": msg("must match {pattern}"),
    "string_unicode": msg("is not valid Unicode"),
    "int_type": msg("must be a whole number"),
    "int_parsing": msg("must be a whole number"),
    "int_parsing_size": msg("is too large"),
    "int_from_float": msg("must be a whole number"),
    "bool_type": msg("must be true or false"),
    "bool_parsing": msg("must be true or false"),
    "list_type": msg("must be a list"),
    "dict_type": msg("must be an object"),
    "model_type": msg("must be an object"),
    "model_attributes_type": msg("must be an object"),
    "too_short": msg("must have at least {min_length} entries"),
    "too_long": msg("must have at most {max_length} entries"),
    "greater_than_equal": msg("must be at least {ge}"),
    "greater_than": msg("must be more than {gt}"),
    "less_than_equal": msg("must be at most {le}"),
    "less_than": msg("must be less than {lt}"),
    "literal_error": msg("must be one of {expected}"),
    "enum": msg("must be one of {expected}"),
}


def finding_json(item: Mapping[str, Any], language: str) -> dict[str, str]:
    """A finding of the validator as field and reason."""
    template = REASONS.get(item["type"])
    facts = item.get("ctx", {})
    reason = item["msg"] if template is None else gettext(template, language)
    if template is not None and facts:
        reason = reason.format(**facts)
    return {"field": _field(item), "reason": reason.removeprefix("Value error, ")}


def _field(item: Mapping[str, Any]) -> str:
    """Which field a finding is about; the body as a whole where it could not be read."""
    where = item["loc"][1:]
    if item["type"] == "json_invalid" or not where:
        return "body"
    return ".".join(str(part) for part in where)
