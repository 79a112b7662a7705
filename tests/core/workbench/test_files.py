"""Files: what is kept, who opens them, who removes them, and what a failure leaves behind."""

import io
import struct
import zlib
from datetime import datetime, timedelta

import pytest
from PIL import Image
from sqlmodel import Session, col, select

from distrib_app.core.kernel.access import SYSTEM, Actor
from distrib_app.core.kernel.errors import ForbiddenError, NotFoundError
from distrib_app.core.kernel.events import Event
from distrib_app.core.workbench import (
    FileRefusedError,
    FileStore,
    FileTooLargeError,
    prepare_file,
    read_file,
    remove_file,
    store_file,
    sweep_files,
    thumbnail_key,
)
from distrib_app.core.workbench.thumbnails import make_thumbnail
from tests.core.inventory.shop import NOW

from . import office as rooms
from .office import Office, picture

office = rooms.office
sqlite_offices = rooms.sqlite_offices
postgres_offices = rooms.postgres_offices


def put(office: Office, username: str, **facts: object) -> str:
    """Attach a picture to the order; returns its key."""
    known = {"files": office.files, "name": "照片.png", "content": picture(), "subject": office.order}
    return str(office.do(username, store_file, **(known | facts)).key)


def test_a_file_is_kept_whole_with_its_thumbnail(office: Office) -> None:
    key = put(office, "ops")
    row = office.ask("ops", read_file, key=key)
    assert (row.name, row.media_type, row.size) == ("照片.png", "image/png", len(picture()))
    assert (row.subject, row.is_shared, row.has_thumbnail, row.can_remove) == (
        office.order,
        False,
        True,
        True,
    )
    assert (row.uploaded_by, row.uploaded_at, row.is_shown) == ("ops", NOW, True)
    with office.files.open(key) as stored:
        assert stored.read() == picture()
    with office.files.open(thumbnail_key(key)) as stored, Image.open(stored) as small:
        assert (small.format, small.size) == ("WEBP", (320, 240))
    with office.database.read(SYSTEM) as session:
        event = session.exec(select(Event).order_by(col(Event.id).desc())).first()
    assert event is not None
    assert (event.kind, event.subject_kind, event.payload["file"]) == ("file.stored", "order", key)


def test_a_file_is_seen_by_the_company_and_when_shared_by_who_sees_the_record(office: Office) -> None:
    internal, shared = put(office, "ops"), put(office, "ops", is_shared=True)
    lone = put(office, "ops", subject=("", ""))

    def opens(username: str, key: str) -> bool:
        try:
            office.ask(username, read_file, key=key)
        except NotFoundError:
            return False
        return True

    assert {name for name in ("ops", "boss", "fin", "gd", "gz", "sz", "shop") if opens(name, internal)} == {
        "ops",
        "boss",
        "fin",
    }
    assert {name for name in ("ops", "boss", "gd", "gz", "sz", "shop") if opens(name, shared)} == {
        "ops",
        "boss",
        "gd",
        "gz",
    }
    assert [name for name in ("ops", "boss", "gz") if opens(name, lone)] == ["ops"]


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"content": b"GIF89a"}, FileRefusedError),
        ({"content": picture(kind="JPEG")}, FileRefusedError),
        ({"content": picture()[:90]}, FileRefusedError),
        ({"name": "a.exe"}, FileRefusedError),
        ({"content": b"x" * 100_001, "name": "a.txt"}, FileTooLargeError),
        ({"subject": ("order", "SO-1")}, NotFoundError),
        ({"subject": ("moon", "SO-1")}, NotFoundError),
    ],
)
def test_what_is_refused_leaves_nothing(office: Office, facts: dict[str, object], error: type) -> None:
    known = {"files": office.files, "name": "a.png", "content": picture(), "subject": office.order}
    assert isinstance(office.refused("ops", store_file, **(known | facts)), error)


def test_nobody_attaches_to_a_record_of_others(office: Office) -> None:
    facts = {"files": office.files, "name": "a.png", "content": picture(), "subject": office.order}
    assert isinstance(office.refused("sz", store_file, **facts), NotFoundError)
    nobody = Actor(user_id=None, username="nobody", name="nobody")
    with pytest.raises(ForbiddenError), office.database.write(nobody) as session:
        store_file(session, nobody, **(facts | {"subject": ("", "")}), now=NOW)
    assert office.kept() == []


def test_bytes_of_a_failed_transaction_are_forgotten(office: Office) -> None:
    facts = {"files": office.files, "name": "a.png", "content": picture(), "subject": office.order}

    def fail_late(session: Session, actor: Actor, *, now: datetime) -> None:
        store_file(session, actor, **facts, now=now)
        assert len(office.kept()) == 2
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        office.do("ops", fail_late)
    assert office.kept() == []


def test_a_file_is_removed_by_its_company_only(office: Office) -> None:
    key = put(office, "ops", is_shared=True)
    assert isinstance(office.refused("gz", remove_file, files=office.files, key=key), ForbiddenError)
    assert isinstance(office.refused("sz", remove_file, files=office.files, key=key), NotFoundError)
    assert office.ask("gz", read_file, key=key).can_remove is False
    office.do("fin", remove_file, files=office.files, key=key)
    assert office.kept() == []
    assert isinstance(office.refused("ops", remove_file, files=office.files, key=key), NotFoundError)


def test_what_has_expired_is_gone(office: Office) -> None:
    later = NOW + timedelta(hours=1)
    key = put(office, "ops", subject=("", ""), expires_at=later)
    kept = put(office, "ops")
    assert office.ask("ops", read_file, key=key, now=NOW).key == key
    with pytest.raises(NotFoundError):
        office.ask("ops", read_file, key=key, now=later)
    with office.database.write(SYSTEM) as session:
        assert sweep_files(session, SYSTEM, files=office.files, now=NOW) == 0
    with office.database.write(SYSTEM) as session:
        assert sweep_files(session, SYSTEM, files=office.files, now=later) == 1
    assert office.kept() == [kept, thumbnail_key(kept)]


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [7_000, 20_000, 60_000])
def test_a_decompression_bomb_is_refused(side: int) -> None:
    with pytest.raises(FileRefusedError):
        prepare_file("a.png", bomb(side, side))


def test_a_thumbnail_stands_upright_and_tells_nothing_of_its_origin() -> None:
    source = Image.new("RGB", (400, 200), (0, 0, 255))
    source.paste((255, 0, 0), (0, 0, 200, 200))  # left half red
    exif = source.getexif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    exif[0x010F] = "SecretCamera"
    out = io.BytesIO()
    source.save(out, "JPEG", exif=exif, quality=95)
    small = make_thumbnail("a.jpg", out.getvalue())
    with Image.open(io.BytesIO(small)) as image:
        assert image.size == (160, 320)
        assert not image.getexif()
        top, bottom = image.getpixel((80, 40)), image.getpixel((80, 280))
    assert top[0] > 200 and top[2] < 60
    assert bottom[2] > 200 and bottom[0] < 60
    assert b"SecretCamera" not in small


def test_a_small_picture_is_not_blown_up_and_keeps_its_transparency() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 10), (1, 2, 3, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(make_thumbnail("a.png", out.getvalue()))) as image:
        assert (image.size, image.mode, image.getpixel((5, 5))[3]) == ((20, 10), "RGBA", 0)


def test_storage_takes_a_url_and_refuses_paths() -> None:
    store = FileStore("memory://files")
    store.put("abc", b"1")
    with store.open("abc") as stored:
        assert stored.read() == b"1"
    store.delete("abc")
    store.delete("abc")
    with pytest.raises(FileNotFoundError):
        store.open("abc")
    for key in ("../x", "a/b", "", "ab", ".hidden", "a" * 81):
        with pytest.raises(ValueError, match="not a key"):
            store.put(key, b"1")
