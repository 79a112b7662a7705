"""What a file is: its extension, the type its sender declared and its first bytes must agree."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from ..kernel.errors import DomainError, msg

MAX_NAME = 120
MAX_ENDING = 12


class FileRefusedError(DomainError):
    """The file is of no allowed kind, or not what it says it is."""

    code = "file_refused"
    status = 422
    template = msg("{name} was not taken: {reason}")


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file that is taken; `aliases` are what else browsers declare for it."""

    media_type: str
    is_of: Callable[[bytes], bool]
    is_image: bool = False
    is_shown: bool = False
    aliases: frozenset[str] = frozenset()


def _is_webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def _is_xlsx(content: bytes) -> bool:
    if content[:4] != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return False
    return {"[Content_Types].xml", "xl/workbook.xml"} <= names


def _is_text(content: bytes) -> bool:
    """Text as people's programs write it: UTF-8 or GB18030, without control characters."""
    if re.search(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]", content):
        return False
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


_JPEG = FileType("image/jpeg", lambda content: content[:3] == b"\xff\xd8\xff", is_image=True, is_shown=True)
FILE_TYPES: dict[str, FileType] = {
    "png": FileType(
        "image/png", lambda content: content[:8] == b"\x89PNG\r\n\x1a\n", is_image=True, is_shown=True
    ),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "webp": FileType("image/webp", _is_webp, is_image=True, is_shown=True),
    "pdf": FileType("application/pdf", lambda content: content[:5] == b"%PDF-", is_shown=True),
    "csv": FileType(
        "text/csv",
        _is_text,
        aliases=frozenset({"text/plain", "application/csv", "application/vnd.ms-excel"}),
    ),
    "xlsx": FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _is_xlsx),
    "txt": FileType("text/plain", _is_text),
}
# what a sender says that does not know better
_UNKNOWN = frozenset({"", "application/octet-stream"})


def extension(name: str) -> str:
    """The extension in small letters, without the dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def identify(name: str, content: bytes, declared_type: str = "") -> FileType:
    """The kind of a file. Raises `FileRefusedError` when name, declared type and bytes disagree."""
    kind = FILE_TYPES.get(extension(name))
    if kind is None:
        raise FileRefusedError(name=name, reason=msg("this kind of file is not accepted"))
    if not content:
        raise FileRefusedError(name=name, reason=msg("the file is empty"))
    declared = declared_type.partition(";")[0].strip().lower()
    if declared not in _UNKNOWN | {kind.media_type} | kind.aliases:
        raise FileRefusedError(name=name, reason=msg("its declared type does not fit its name"))
    if not kind.is_of(content):
        raise FileRefusedError(name=name, reason=msg("its content does not fit its name"))
    return kind


def clean_name(name: str) -> str:
    """A file name that is safe in headers, links and folders: no path, no control or direction characters."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(one for one in base if unicodedata.category(one)[0] != "C")
    plain = re.sub(r"\s+", " ", re.sub(r'[<>:"|?*;%]', "_", kept))
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        return plain.strip()[:MAX_NAME].strip() or "file"
    return f"{stem.strip(' .')[:MAX_NAME].strip(' .') or 'file'}.{ending.strip()[:MAX_ENDING].strip()}"
