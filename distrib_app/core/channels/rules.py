"""Pure rules of the network: paths, territory overlap, what may be granted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..kernel.access import Level
from ..kernel.effective import overlaps


def child_path(parent_path: str, key: object) -> str:
    """The path of a node below `parent_path` (each ends with `/`)."""
    return f"{parent_path}{key}/"


def is_below(path: str, ancestor: str) -> bool:
    """Whether `path` is `ancestor` itself or lies below it."""
    return path.startswith(ancestor)


def rebased(path: str, old_prefix: str, new_prefix: str) -> str:
    """`path` after its ancestor moved from `old_prefix` to `new_prefix`."""
    return new_prefix + path.removeprefix(old_prefix)


@dataclass(frozen=True, slots=True)
class Grant:
    """A territory as the overlap rule sees it; an empty line path means all product lines."""

    partner_path: str
    region_path: str
    line_path: str
    is_exclusive: bool
    valid_from: date
    valid_to: date | None
    label: str = ""


def _shares_tree(first: str, second: str) -> bool:
    return first.startswith(second) or second.startswith(first)


def find_overlap(wanted: Grant, existing: Sequence[Grant]) -> Grant | None:
    """The first grant that refuses `wanted`: shared region, line and day, one of both exclusive.

    Ancestors and descendants of a region share it. One's own upstream and downstream line is exempt: a
    child's grant lies inside its parent's.
    """
    for grant in existing:
        if not (wanted.is_exclusive or grant.is_exclusive):
            continue
        if _shares_tree(wanted.partner_path, grant.partner_path):
            continue
        if (
            _shares_tree(wanted.region_path, grant.region_path)
            and _shares_tree(wanted.line_path, grant.line_path)
            and overlaps((wanted.valid_from, wanted.valid_to), (grant.valid_from, grant.valid_to))
        ):
            return grant
    return None


def is_inside(wanted: Grant, parents: Sequence[Grant]) -> bool:
    """Whether one of the parent's grants covers `wanted` in region, line and time."""
    return any(
        is_below(wanted.region_path, parent.region_path)
        and is_below(wanted.line_path, parent.line_path)
        and parent.valid_from <= wanted.valid_from
        and (parent.valid_to is None or (wanted.valid_to is not None and wanted.valid_to <= parent.valid_to))
        for parent in parents
    )


def can_grant(own: Level, wanted: Level) -> bool:
    """A granter cannot grant above its own level."""
    return wanted.rank <= own.rank
