"""Pure rules of the catalogue: barcodes and the category tree."""

from collections import defaultdict
from collections.abc import Mapping

GTIN_LENGTHS = frozenset({8, 12, 13, 14})


def check_digit(body: str) -> int:
    """The GS1 check digit of `body` (all digits but the last): weights 3, 1, 3 … from the right."""
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(body)))
    return -total % 10


def is_gtin(barcode: str) -> bool:
    """Whether `barcode` is a GTIN-8, -12, -13 or -14 with the right check digit."""
    if len(barcode) not in GTIN_LENGTHS or not (barcode.isascii() and barcode.isdigit()):
        return False
    return int(barcode[-1]) == check_digit(barcode[:-1])


def descendants(root: int, parents: Mapping[int, int | None]) -> set[int]:
    """`root` and everything below it in a tree given as child → parent."""
    children: dict[int, list[int]] = defaultdict(list)
    for child, parent in parents.items():
        if parent is not None:
            children[parent].append(child)
    found: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += children[node]
    return found
