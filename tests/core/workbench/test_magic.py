"""Which files are taken, what their names become, and whom a text mentions. Pure."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distrib_app.core.workbench.magic import MAX_ENDING, MAX_NAME, FileRefusedError, clean_name, identify
from distrib_app.core.workbench.mentions import find_mentions


def sheet(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


XLSX = sheet("[Content_Types].xml", "xl/workbook.xml")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


@pytest.mark.parametrize(
    ("name", "content", "declared", "media_type"),
    [
        ("a.png", PNG, "image/png", "image/png"),
        ("A.JPG", b"\xff\xd8\xff\xe0", "image/jpeg", "image/jpeg"),
        ("a.jpeg", b"\xff\xd8\xff\xe0", "", "image/jpeg"),
        ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", "image/webp", "image/webp"),
        ("a.pdf", b"%PDF-1.7\n", "application/pdf", "application/pdf"),
        ("a.csv", "编码,名称\n1,空调\n".encode(), "text/csv", "text/csv"),
        ("a.csv", "编码,名称\n1,空调\n".encode("gb18030"), "application/vnd.ms-excel", "text/csv"),
        ("a.csv", b"\xef\xbb\xbfa;b", "text/csv; charset=utf-8", "text/csv"),
        (
            "a.xlsx",
            XLSX,
            "application/octet-stream",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        ("notes.txt", b"hello", "text/plain", "text/plain"),
    ],
)
def test_honest_files_are_taken(name: str, content: bytes, declared: str, media_type: str) -> None:
    assert identify(name, content, declared).media_type == media_type


@pytest.mark.parametrize(
    ("name", "content", "declared", "reason"),
    [
        ("a.exe", b"MZ", "", "this kind of file is not accepted"),
        ("a.html", b"<p>", "text/html", "this kind of file is not accepted"),
        ("a.svg", b"<svg/>", "image/svg+xml", "this kind of file is not accepted"),
        ("png", PNG, "image/png", "this kind of file is not accepted"),
        ("a.png.exe", PNG, "image/png", "this kind of file is not accepted"),
        ("a.png", b"", "image/png", "the file is empty"),
        ("a.png", b"\xff\xd8\xff\xe0", "image/png", "its content does not fit its name"),
        ("a.png", PNG, "text/html", "its declared type does not fit its name"),
        ("a.pdf", b"<script>%PDF-", "application/pdf", "its content does not fit its name"),
        ("a.xlsx", sheet("word/document.xml"), "", "its content does not fit its name"),
        ("a.xlsx", b"PK\x03\x04 not a zip", "", "its content does not fit its name"),
        ("a.csv", b"a,b\0", "text/csv", "its content does not fit its name"),
        ("a.txt", b"\xff\xfe\x00x", "text/plain", "its content does not fit its name"),
    ],
)
def test_other_files_are_refused(name: str, content: bytes, declared: str, reason: str) -> None:
    with pytest.raises(FileRefusedError) as caught:
        identify(name, content, declared)
    assert caught.value.facts == {"name": name, "reason": reason}


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("报价 单.PDF", "报价 单.PDF"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\photos\\a.png", "a.png"),
        ('a"b\r\nSet-Cookie: x.png', "a_bSet-Cookie_ x.png"),
        ("invoice\u202efdp.exe.png", "invoicefdp.exe.png"),
        (".png", "file.png"),
        ("  . .txt", "file.txt"),
        ("nothing", "nothing"),
    ],
)
def test_names_are_made_safe(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_name_is_safe_and_stays_so(name: str) -> None:
    clean = clean_name(name)
    assert len(clean) <= MAX_NAME + 1 + MAX_ENDING
    assert not set(clean) & set('/\\"\r\n\t\0<>|*?;%')
    assert clean_name(clean) == clean


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@li.wei please", ("li.wei",)),
        ("请@lisi看一下，@Wang-2。", ("lisi", "wang-2")),
        ("@a1@b2", ("a1@b2",)),
        ("mail li@example.com or @li.", ("li",)),
        ("@lisi, @LISI; @lisi", ("lisi",)),
        ("@ nobody @x 50@60", ()),
        ("(@ops) \n@fin", ("ops", "fin")),
    ],
)
def test_who_is_mentioned(text: str, names: tuple[str, ...]) -> None:
    assert find_mentions(text) == names
