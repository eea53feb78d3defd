"""Work on statements and votes that outlives the request that asked for it."""

from pathlib import Path
from typing import Any

from django.conf import settings

from deliberation.uploads import drop_uploads, unpack_csv_files, uploads_folder
from elicitation.kernel.work import WorkHandle, WorkStopped
from elicitation.models import ImportedFile, User, Workshop

IMPORT_UPLOAD = "deliberation.tasks.import_upload"


def import_upload(
    work: WorkHandle,
    *,
    kind: str,
    format: str,
    upload: str,
    workshop: int,
    community: str,
    by: int,
) -> dict[str, int]:
    """Bring one upload into a workshop. The files go when the work has ended, well or badly.

    A worker that dies leaves them, so that the next attempt finds them.
    """
    try:
        imported = import_files(
            work,
            kind=kind,
            format=format,
            folder=uploads_folder() / upload,
            workshop=Workshop.objects.get(pk=workshop),
            community=community,
            by=User.objects.get(pk=by),
        )
    except WorkStopped:
        raise
    except Exception:
        drop_uploads(upload)
        raise
    drop_uploads(upload)
    return {"imported_file": imported.pk}


def import_files(
    work: WorkHandle, *, kind: str, format: str, folder: Path, **who: Any
) -> ImportedFile:
    """Call the importer of this kind; who: workshop, community and by."""
    if kind == "polis":
        return import_polis_folder(folder=polis_folder(folder), report=work.report, **who)
    [path] = [path for path in folder.iterdir() if path.is_file()]
    if kind == "preferences":
        return import_preference_file(path=path, format=format, report=work.report, **who)
    who.pop("community")  # a statement names its own community, or none
    return import_statement_file(path=path, report=work.report, **who)


def polis_folder(folder: Path) -> Path:
    """The folder with the csv files: this one, or what its .zip unpacks to."""
    archive = next((path for path in folder.iterdir() if path.suffix.lower() == ".zip"), None)
    if archive is None:
        return folder
    unpacked = folder / "unpacked"
    unpack_csv_files(archive, unpacked, settings.IMPORT_MAX_BYTES)
    return unpacked
