"""How far two regions lie apart, as the crow flies."""

from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371
MILLIONTHS = 1_000_000


def distance_km(first: tuple[int, int], second: tuple[int, int]) -> int:
    """The great-circle distance in whole km of two places (longitude, latitude in millionths of a degree).

    Source: the haversine formula (Sinnott, Sky and Telescope 68, 1984).
    """
    (lon1, lat1), (lon2, lat2) = (
        tuple(radians(one / MILLIONTHS) for one in place) for place in (first, second)
    )
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return round(2 * EARTH_KM * asin(sqrt(half)))
