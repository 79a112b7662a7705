"""Where the bytes of files lie: a folder, S3 or anything else that fsspec opens by a URL."""

import re
from typing import BinaryIO, cast

import fsspec

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,79}")


class FileStore:
    """Bytes by key. `max_bytes` is the largest file taken here; None takes any (results of jobs)."""

    def __init__(self, url: str, *, max_bytes: int | None = None) -> None:
        self.max_bytes = max_bytes
        self._files, self._root = fsspec.core.url_to_fs(url)

    def put(self, key: str, content: bytes) -> None:
        """Keep `content` under `key`; the whole file is there, or none of it."""
        path = self._path(key)
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        if "file" in self._files.protocol:
            self._files.pipe_file(f"{path}.part", content)
            self._files.mv(f"{path}.part", path)
        else:  # object stores show an object when it is complete
            self._files.pipe_file(path, content)

    def open(self, key: str) -> BinaryIO:
        """The bytes of `key` for reading. Raises `FileNotFoundError`."""
        return cast(BinaryIO, self._files.open(self._path(key), "rb"))

    def delete(self, key: str) -> None:
        """Forget `key`; an unknown one is no error."""
        try:
            self._files.rm_file(self._path(key))
        except FileNotFoundError:
            return

    def _path(self, key: str) -> str:
        if not _KEY.fullmatch(key):
            raise ValueError(f"not a key of a file: {key!r}")
        return f"{self._root}/{key[:2]}/{key}"
