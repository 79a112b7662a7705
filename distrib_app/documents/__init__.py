"""Documents on paper: rows to HTML (the print view) to PDF. Layout only; nothing is decided here."""

from .pdf import PdfUnavailableError, to_pdf
from .reading import KINDS, Document, read_document
from .seal import Seal, get_secret, open_seal, qr_data_uri, seal_token
from .verification import verification_page

__all__ = [
    "KINDS",
    "Document",
    "PdfUnavailableError",
    "Seal",
    "get_secret",
    "open_seal",
    "qr_data_uri",
    "read_document",
    "seal_token",
    "to_pdf",
    "verification_page",
]
