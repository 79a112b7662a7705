"""Every list of the platform, once: columns, filters and permission, for page, export and job alike.

Stands on top of the floors, which never import it. A list that gets an entry in `LISTS` can be shown,
filtered, saved as a view and exported.
"""

from .exporting import MAX_DOWNLOAD, TooManyRowsError, count_rows, export_job, export_list, file_name
from .frame import Asked, FacetWords, ListColumn, ListPage, Reader, install_words, parse_query
from .table import LISTS, find_list

__all__ = [
    "LISTS",
    "MAX_DOWNLOAD",
    "Asked",
    "FacetWords",
    "ListColumn",
    "ListPage",
    "Reader",
    "TooManyRowsError",
    "count_rows",
    "export_job",
    "export_list",
    "file_name",
    "find_list",
    "install_words",
    "parse_query",
]
