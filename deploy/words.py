"""The words of pages in other languages: what has to be translated, and the files it is in.

`deploy/locale/<language>/LC_MESSAGES/django.po` holds the translated sentences of all apps, so that
a translator has one file. The compiled .mo beside it is made at every start and not kept in git.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.template import Engine
from django.template.base import NodeList, Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

APPS = ("elicitation", "deliberation", "policy", "training", "deploy")
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
# As Django counts them, so that its own sentences and ours agree (CLDR 46).
PLURALS = {
    "es": "nplurals=3; plural=(n == 1 ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2)",
    "ar": (
        "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
        "n%100>=11 && n%100<=99 ? 4 : 5)"
    ),
}
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals};\\n"

"""
# One form of a count may leave its number out: "one answer", or the Arabic dual.
COUNTS = frozenset({"count", "number", "n", "done", "counter"})


@dataclass(frozen=True)
class Sentence:
    """One sentence to translate, and the file that it stands in. plural: empty for most."""

    singular: str
    plural: str
    path: str

    @property
    def identity(self) -> str | tuple[str, str]:
        """What a catalogue files it under."""
        return (self.singular, self.plural) if self.plural else self.singular


def sentences(root: Path) -> list[Sentence]:
    """Every sentence that pages and answers to people ask a translation of, in order of files."""
    found = []
    for app in APPS:
        for path in sorted((root / app).rglob("*")):
            if path.suffix == ".py" and "migrations" not in path.parts:
                found += list(python_sentences(path, root))
            elif "templates" in path.parts and path.suffix in (".html", ".txt"):
                found += list(template_sentences(path, root))
    return found


def python_sentences(path: Path, root: Path) -> Iterator[Sentence]:
    """What a module asks for by gettext and its kin."""
    source = io.BytesIO(path.read_bytes())
    for _, message, _, _ in extract("python", source, KEYWORDS):
        one, *more = message if isinstance(message, tuple) else (message,)
        yield Sentence(one, more[0] if more else "", str(path.relative_to(root)))


def template_sentences(path: Path, root: Path) -> Iterator[Sentence]:
    """What a template asks for by translate and blocktranslate."""
    template = Template(path.read_text(), engine=Engine.get_default())
    nodes = NodeList(template.nodelist)
    for plain in nodes.get_nodes_by_type(TranslateNode):
        literal = plain.filter_expression.var.literal  # type: ignore[attr-defined]
        if isinstance(literal, str):
            yield Sentence(literal, "", str(path.relative_to(root)))
    for block in nodes.get_nodes_by_type(BlockTranslateNode):
        singular, _ = block.render_token_list(block.singular)  # type: ignore[attr-defined]
        plural, _ = block.render_token_list(block.plural or [])  # type: ignore[attr-defined]
        yield Sentence(singular, plural, str(path.relative_to(root)))


def catalogue_path(language: str) -> Path:
    """Where a language's sentences are."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def languages() -> list[str]:
    """The languages that pages are translated to; they are written in English."""
    return [code for code, _ in settings.LANGUAGES if code != "en"]


def read_catalogue(language: str) -> Catalog:
    """A language's sentences; an empty catalogue where there is no file yet."""
    path = catalogue_path(language)
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, wanted: list[Sentence]) -> int:
    """Add what is new to a language's file and drop what nobody asks for; how many are missing."""
    kept = read_catalogue(language)
    header = HEADER.format(language=language, plurals=PLURALS[language]).encode()
    # Begun from the header: Babel counts some languages' plurals in fewer forms than Django.
    made = read_po(io.BytesIO(header), locale=language)
    for sentence in wanted:
        known = kept.get(sentence.singular)
        same_kind = known is not None and isinstance(known.id, str) == (not sentence.plural)
        string = known.string if known is not None and same_kind else None
        made.add(sentence.identity, string, locations=[(sentence.path, 0)])
    content = io.BytesIO(header)
    content.seek(0, io.SEEK_END)
    write_po(content, made, width=110, sort_by_file=True, omit_header=True, include_lineno=False)
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.getvalue())
    return len(missing(language, wanted))


def missing(language: str, wanted: list[Sentence]) -> list[str]:
    """What a language does not say, or says with other placeholders than the English."""
    catalogue = read_catalogue(language)
    wrong = []
    for sentence in wanted:
        message = catalogue.get(sentence.singular)
        strings = message.string if message is not None else ""
        forms = (strings,) if isinstance(strings, str) else tuple(strings or ("",))
        needed = catalogue.num_plurals if sentence.plural else 1
        if len(forms) != needed or not all(forms):
            wrong.append(f"{language}: not translated: {sentence.singular} ({sentence.path})")
        elif any(differs(sentence, form) for form in forms):
            wrong.append(f"{language}: other placeholders: {sentence.singular} ({sentence.path})")
    return wrong


def differs(sentence: Sentence, form: str) -> bool:
    """Whether a translation lacks a placeholder or has one that nobody fills."""
    english = set(PLACEHOLDER.findall(sentence.singular + sentence.plural))
    said = set(PLACEHOLDER.findall(form))
    may_lack = COUNTS if sentence.plural else frozenset()
    return bool(said - english) or bool(english - said - may_lack)


def compile_catalogues() -> None:
    """Write the .mo file of each language where its sentences are newer."""
    for language in languages():
        source = catalogue_path(language)
        target = source.with_suffix(".mo")
        if source.is_file() and not is_newer(target, source):
            # Under another name first: somebody else may be reading, or writing the same.
            half = target.with_suffix(f".mo.{os.getpid()}")
            with half.open("wb") as file:
                write_mo(file, read_catalogue(language))
            half.replace(target)


def is_newer(target: Path, source: Path) -> bool:
    """Whether a file is there and was written after the other."""
    return target.is_file() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns
