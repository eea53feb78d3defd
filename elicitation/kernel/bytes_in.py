"""Lines of text from files that nobody vouches for: plain or gzip, within limits."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

MAX_LINE = 1024 * 1024
MAX_BYTES = 2 * 1024**3
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class TabularError(ValueError):
    """A file that cannot be read on: which, at which line (0: all of it), which field, and why."""

    def __init__(self, file: str, line: int, field: str, reason: str) -> None:
        place = f"{file}, line {line}" if line else file
        super().__init__(f"{place}, {field}: {reason}" if field else f"{place}: {reason}")
        self.file, self.line, self.field, self.reason = file, line, field, reason


class Lines(Iterator[str]):
    """The lines of a stream, decoded, counted and limited; `number` is the last line's."""

    def __init__(self, stream: BinaryIO, file: str, *, max_line: int, max_bytes: int) -> None:
        self.file = file
        self.number = 0
        self._stream = stream
        self._max_line, self._max_bytes = max_line, max_bytes
        self._read = self._row = 0

    def start_row(self) -> None:
        """Count the bytes of a row from here: a row may span lines, but not without end."""
        self._row = 0

    def __next__(self) -> str:
        raw = self._readline()
        if not raw:
            raise StopIteration
        self.number += 1
        self._check_size(len(raw))
        if self.number == 1:
            raw = self._without_mark(raw)
        if b"\0" in raw:
            raise self._error("There is a NUL byte: this is no text file, or it is damaged.")
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            reason = (
                f"This is not UTF-8: byte {error.start + 1} of the line is {raw[error.start]:#x}."
            )
            raise self._error(reason) from error

    def _readline(self) -> bytes:
        try:
            return self._stream.readline(self._max_line + 1)
        except EOFError as error:
            raise self._error("The file is cut off: its gzip data ends too early.", 1) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise self._error(
                "The file is damaged: its gzip data cannot be unpacked.", 1
            ) from error

    def _check_size(self, size: int) -> None:
        self._read += size
        self._row += size
        if self._row > self._max_line:
            raise self._error(f"The row is longer than {self._max_line:,} bytes.")
        if self._read > self._max_bytes:
            raise self._error(f"The file is longer than {self._max_bytes:,} bytes, unpacked.")

    def _without_mark(self, raw: bytes) -> bytes:
        if raw.startswith(UTF_16):
            raise self._error("This is UTF-16; save the file as UTF-8.")
        return raw.removeprefix(BOM)

    def _error(self, reason: str, ahead: int = 0) -> TabularError:
        return TabularError(self.file, self.number + ahead, "", reason)


@contextmanager
def opened(path: str | Path) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked where they are gzip, whatever the name says."""
    path = Path(path)
    with path.open("rb") as file:
        start = file.read(2)
        file.seek(0)
        if start == GZIP:
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield cast("BinaryIO", unpacked)
            return
        if path.suffix == ".gz":
            raise TabularError(path.name, 0, "", "The name ends in .gz, but this is not gzip.")
        yield file
