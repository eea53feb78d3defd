"""Files that people send: kept on disk until the worker has read them, and unpacked with care."""

import secrets
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import get_valid_filename

from elicitation.errors import ImportRefused

MAX_FILES = 50
CHUNK = 1024 * 1024
UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError)


def uploads_folder() -> Path:
    """Where uploads wait for the worker; never served."""
    return Path(settings.MEDIA_ROOT) / "imports"


def keep_uploads(files: Iterable[UploadedFile]) -> str:
    """Write uploaded files into a new folder, piece by piece; the folder's name is returned."""
    name = secrets.token_hex(16)
    folder = uploads_folder() / name
    folder.mkdir(parents=True, mode=0o700)
    try:
        for file in files:
            with open(folder / get_valid_filename(file.name or "file"), "xb") as kept:
                for chunk in file.chunks(CHUNK):
                    kept.write(chunk)
    except FileExistsError as error:
        drop_uploads(name)
        raise ImportRefused("Two of the files have the same name.") from error
    except OSError as error:
        drop_uploads(name)
        raise ImportRefused("The file could not be kept: the disk may be full.") from error
    return name


def drop_uploads(name: str) -> None:
    """Delete one upload's folder."""
    shutil.rmtree(uploads_folder() / PurePosixPath(name).name, ignore_errors=True)


def unpack_csv_files(archive: Path, folder: Path, max_bytes: int) -> None:
    """Write an archive's csv files into a folder, by their last name only.

    Raises ImportRefused for links, names that lead elsewhere or come twice, encryption, too many
    files, what is no zip, or more than max_bytes once unpacked (counted as it is written: an
    archive's own word for its size is not believed).
    """
    shutil.rmtree(folder, ignore_errors=True)  # an attempt that died half-way
    folder.mkdir()
    left = max_bytes
    try:
        with zipfile.ZipFile(archive) as packed:
            for entry in checked_entries(packed):
                left = unpack_entry(packed, entry, folder, left)
    except UNREADABLE as error:
        raise ImportRefused("The .zip is damaged or of a kind that cannot be read.") from error


def checked_entries(packed: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The csv files of an archive, once everything in it has been found harmless."""
    entries = [entry for entry in packed.infolist() if not entry.is_dir()]
    if len(entries) > MAX_FILES:
        raise ImportRefused(f"The .zip holds {len(entries)} files; {MAX_FILES} is the most.")
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise ImportRefused("A file in the .zip has a name that leads out of its folder.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ImportRefused("The .zip holds a link; put the file itself into it.")
        if entry.flag_bits & 1:
            raise ImportRefused("The .zip is locked with a password; make one without.")
    tables = [entry for entry in entries if is_table(entry.filename)]
    names = [PurePosixPath(entry.filename).name for entry in tables]
    if len(set(names)) < len(names):
        raise ImportRefused("Two files in the .zip have the same name.")
    if not tables:
        raise ImportRefused("There is no csv file in the .zip.")
    return tables


def is_table(name: str) -> bool:
    """Whether it is a csv file, and not what macOS puts beside one."""
    path = PurePosixPath(name)
    hidden = path.name.startswith("._") or "__MACOSX" in path.parts
    return path.suffix.lower() == ".csv" and not hidden


def unpack_entry(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, left: int) -> int:
    """Write one file; how many bytes may still follow."""
    name = get_valid_filename(PurePosixPath(entry.filename).name)
    with packed.open(entry) as source, open(folder / name, "xb") as kept:
        while chunk := source.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise ImportRefused("Unpacked, the .zip is larger than this installation takes.")
            kept.write(chunk)
    return left
