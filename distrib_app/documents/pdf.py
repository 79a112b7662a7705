"""HTML to PDF with WeasyPrint; what is missing on the machine is one clear sentence."""

from ..core.kernel.errors import DomainError, msg

# ideographs: a document with Chinese in it needs a font that has them
_CHINESE = range(0x4E00, 0xA000)


class PdfUnavailableError(DomainError):
    """This machine cannot make PDFs; the print view works all the same."""

    code = "pdf_unavailable"
    status = 503
    template = msg(
        "PDF files need Pango and a Chinese font on the server ({missing}). "
        "The print view works: print it from the browser."
    )


def to_pdf(html: str) -> bytes:
    """The document as a PDF file. Raises `PdfUnavailableError`."""
    try:
        import weasyprint  # noqa: PLC0415 - loads system libraries, which may be missing
    except OSError as error:
        raise PdfUnavailableError(missing="libpango-1.0-0 libpangoft2-1.0-0") from error
    # a document holds all it shows: whatever an address in it says, nothing is fetched
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
    rendered = weasyprint.HTML(string=html, url_fetcher=nothing).render()
    content: bytes = rendered.write_pdf()
    if any(code in _CHINESE for font in rendered.fonts.values() for code in font.missing):
        raise PdfUnavailableError(missing="fonts-noto-cjk")
    return content
