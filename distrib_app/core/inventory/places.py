"""How documents name places."""

from dataclasses import dataclass

from .models import Location


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A place as a document names it."""

    code: str
    name: str
    name_en: str


def place_name(location: Location) -> PlaceName:
    """A place as documents name it."""
    return PlaceName(location.code, location.name, location.name_en)
