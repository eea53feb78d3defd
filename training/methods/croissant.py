"""A dataset in Croissant 1.0 (JSON-LD, https://docs.mlcommons.org/croissant/docs/croissant-spec.html).

One file per split, JSON lines, one record set each; every field says by which path it is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
LINES = "application/jsonlines"
# Required of every dataset by the specification, "Dataset-level Information".
REQUIRED = (
    "@context",
    "@type",
    "conformsTo",
    "name",
    "description",
    "license",
    "url",
    "creator",
    "datePublished",
    "distribution",
)
# The specification's Appendix 1.
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "conformsTo": "dct:conformsTo",
    **{
        name: f"cr:{name}"
        for name in (
            *("citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty"),
            *("fileObject", "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key"),
            *("md5", "parentField", "path", "recordSet", "references", "regex", "repeated"),
            *("replace", "samplingRate", "separator", "source", "subField", "transform"),
        )
    },
}
TYPES = {
    "id": "sc:Text",
    "chosen": "sc:Text",
    "rejected": "sc:Text",
    "completion": "sc:Text",
    "community": "sc:Text",
    "source": "sc:Text",
    "answer": "sc:Text",
    "solution": "sc:Text",
    "desirable": "sc:Boolean",
    "synthetic": "sc:Boolean",
    "share": "sc:Float",
    "weight": "sc:Float",
    "n": "sc:Integer",
    "principles": "sc:Integer",
    "against": "sc:Integer",
    "steps": "sc:Text",
    "labels": "sc:Boolean",
}
LISTS = ("principles", "against", "steps", "labels")
SAYS = {
    "prompt": "The conversation that was answered.",
    "chosen": "The completion that this community preferred.",
    "rejected": "The other completion of the same prompt.",
    "completion": "One completion.",
    "desirable": "Whether most of this community wanted it.",
    "share": "The part of n people that preferred (or wanted) it, about equal counted half.",
    "n": "How many people of this community judged it.",
    "weight": "How much the row counts in training; the mean is one.",
    "principles": "Numbers of the principles that it is here for.",
    "against": "Those of them that people's answers stand against.",
    "synthetic": "Whether nobody wrote or judged the completion.",
    "source": "Where it comes from.",
    "answer": "What a right answer ends with.",
    "solution": "A worked solution.",
    "steps": "The steps of a solution.",
    "labels": "Whether each step is right.",
    "community": "Whose answers it rests on.",
    "id": "The row's name, a hash of what it says.",
}


@dataclass(frozen=True)
class DataFile:
    """A written file: its name, size in bytes, hash, and the fields of its rows."""

    name: str
    size: int
    sha256: str
    fields: Sequence[str]


def describe(
    *,
    name: str,
    description: str,
    url: str,
    licence: str,
    creators: Sequence[str],
    published: str,
    version: str,
    cite: str,
    files: Sequence[DataFile],
) -> dict[str, Any]:
    """The dataset as JSON-LD. published: an ISO date. Paths are relative to the description."""
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": name,
        "description": description,
        "url": url,
        "license": licence,
        "creator": [{"@type": "sc:Organization", "name": one} for one in creators],
        "datePublished": published,
        "version": version,
        "citeAs": cite,
        "isLiveDataset": False,
        "distribution": [_file_object(file) for file in files],
        "recordSet": [_record_set(file) for file in files],
    }


def problems(metadata: Mapping[str, Any]) -> list[str]:
    """What the specification asks for and is missing or points nowhere; empty where it is whole."""
    found = [f"There is no {name}." for name in REQUIRED if not metadata.get(name)]
    if metadata.get("conformsTo") != CONFORMS_TO:
        found.append(f"It does not say that it conforms to {CONFORMS_TO}.")
    files = {one["@id"] for one in metadata.get("distribution", ())}
    for file in metadata.get("distribution", ()):
        missing = [
            name for name in ("contentUrl", "encodingFormat", "sha256") if not file.get(name)
        ]
        found += [f"The file {file['@id']} has no {name}." for name in missing]
    names: list[str] = [*files]
    for records in metadata.get("recordSet", ()):
        names += [records["@id"], *(field["@id"] for field in records["field"])]
        found += _field_problems(records, files)
    return found + [
        f"{name} is there twice." for name in sorted(set(names)) if names.count(name) > 1
    ]


def _field_problems(records: Mapping[str, Any], files: set[str]) -> list[str]:
    found = []
    for field in records["field"]:
        for leaf in field.get("subField", [field]):
            if not leaf["@id"].startswith(f"{records['@id']}/"):
                found.append(f"{leaf['@id']} does not begin with its record set's name.")
            if leaf["source"]["fileObject"]["@id"] not in files:
                found.append(f"{leaf['@id']} is read from a file that is not there.")
            if not leaf.get("dataType"):
                found.append(f"{leaf['@id']} has no dataType.")
    return found


def _file_object(file: DataFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "contentUrl": file.name,
        "contentSize": f"{file.size} B",
        "encodingFormat": LINES,
        "sha256": file.sha256,
    }


def _record_set(file: DataFile) -> dict[str, Any]:
    split = file.name.removesuffix(".jsonl")
    return {
        "@type": "cr:RecordSet",
        "@id": split,
        "name": split,
        "key": {"@id": f"{split}/id"},
        "field": [_field(split, file.name, name) for name in file.fields],
    }


def _field(split: str, file: str, name: str) -> dict[str, Any]:
    base = {
        "@type": "cr:Field",
        "@id": f"{split}/{name}",
        "name": f"{split}/{name}",
        "description": SAYS[name],
    }
    source = {"fileObject": {"@id": file}, "extract": {"column": name}}
    if name == "prompt":
        turns = [_turn(split, part, source) for part in ("role", "content")]
        return base | {"repeated": True, "subField": turns}
    several = {"repeated": True} if name in LISTS else {}
    return base | {"dataType": TYPES[name], **several, "source": source}


def _turn(split: str, part: str, source: Mapping[str, Any]) -> dict[str, Any]:
    """One part of every turn of a conversation."""
    name = f"{split}/prompt/{part}"
    read = {**source, "transform": {"jsonPath": part}}
    return {"@type": "cr:Field", "@id": name, "name": name, "dataType": "sc:Text", "source": read}
