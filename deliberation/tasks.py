"""Work on statements and votes that outlives the request that asked for it."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.text import slugify

from deliberation.services import import_polis_folder, import_statement_file
from deliberation.uploads import drop_uploads, unpack_csv_files, uploads_folder
from elicitation.kernel.hashing import content_hash, file_hash
from elicitation.kernel.work import WorkHandle, WorkStopped
from elicitation.models import ImportedFile, User, Workshop
from elicitation.services import import_preference_file, name_community

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
    work: WorkHandle, *, kind: str, format: str, folder: Path, community: str, **who: Any
) -> ImportedFile:
    """Call the importer of this kind; who: workshop and by."""
    # Said now: what is reported inside the import shows only once all of it is stored.
    work.report(say="Reading the files")
    who["report"] = work.report
    if kind == "polis":
        export = polis_folder(folder)
        whose = name_community(name=community)
        return import_polis_folder(folder=export, community=whose, **who)
    [path] = [path for path in folder.iterdir() if path.is_file()]
    if kind == "preferences":
        whose = name_community(name=community)
        return import_preference_file(path=path, format=format, community=whose, **who)
    return import_statement_file(path=path, **who)


def polis_folder(folder: Path) -> Path:
    """The folder with the csv files, named as its .zip, or else by what the files hold."""
    archive = next((path for path in folder.iterdir() if path.suffix.lower() == ".zip"), None)
    if archive is not None:
        unpacked = folder / (slugify(archive.stem.replace(".", "-")) or "polis")
        unpack_csv_files(archive, unpacked, settings.IMPORT_MAX_BYTES)
        return unpacked
    files = sorted(path for path in folder.rglob("*.csv") if path.is_file())
    # The name of the folder tells apart the people of two conversations that bring no name.
    named = folder / f"polis-{content_hash([file_hash(path) for path in files])[:8]}"
    named.mkdir(exist_ok=True)
    for path in files:
        path.replace(named / path.name)
    return named
