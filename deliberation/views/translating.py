"""Putting what phones show into other languages: on a page, or in a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from deliberation.forms_translating import LanguageForm, TranslationFileForm, TranslationForm
from deliberation.services.translating import Held, Saved, save_translations
from deliberation.translation_boxes import (
    first_language,
    groups_held,
    groups_of,
    is_of_phones,
    language_name,
    languages_of,
    number_of_texts,
)
from deliberation.translation_files import MOST_BYTES, file_lines, read_filled
from deliberation.translations import number_missing, places_of
from elicitation.access import FACILITATES, MODERATES, has_role, signed_in, workshop_or_404
from elicitation.errors import ImportRefused
from elicitation.kernel.row_numbers import row_number
from elicitation.kernel.tabular import BadRow
from elicitation.models import Workshop

PER_PAGE = 20
WRONG_SHOWN = 200
PAGE = "deliberation/translations.html"


def translations(request: HttpRequest, slug: str) -> HttpResponse:
    """Boxes beside what is not in a language yet, or beside all; and storing what was typed."""
    workshop = workshop_or_404(request.user, slug, *MODERATES)
    asked = asked_language(request)
    if request.method == "POST" and asked.is_valid():
        return save(request, workshop, asked.cleaned_data["to"])
    locale = asked.cleaned_data["to"] if asked.is_valid() else first_language()
    places = places_of(workshop, locale, missing=request.GET.get("list") != "all")
    page = Paginator(places, PER_PAGE).get_page(request.GET.get("page"))
    groups = groups_of(workshop, list(page.object_list), locale, show="show" in request.GET)
    parts = {
        "page": page,
        "groups": groups,
        "can_save": any(not group.hidden for group in groups),
        "file_form": TranslationFileForm(auto_id="file-%s"),
    }
    status = 422 if asked.errors else 200
    return render(
        request, PAGE, context_of(request, workshop, locale, asked) | parts, status=status
    )


def asked_language(request: HttpRequest) -> LanguageForm:
    """The language that the address names, or the first of the phones' own."""
    return LanguageForm({"to": request.GET.get("to") or first_language()}, auto_id="language-%s")


def context_of(
    request: HttpRequest, workshop: Workshop, locale: str, asked: LanguageForm
) -> dict[str, Any]:
    """What every page about translations into one language shows."""
    return {
        "workshop": workshop,
        "line_at": "workshop",
        "here": "screening",
        "facilitates": has_role(request.user, workshop, *FACILITATES),
        "languages": languages_of(workshop, locale),
        "locale": locale,
        "into": language_name(locale),
        "is_of_phones": is_of_phones(locale),
        "list": "all" if request.GET.get("list") == "all" else "missing",
        "missing": number_missing(workshop, locale),
        "texts": number_of_texts(workshop),
        "language_form": asked,
        "asked": address_of(request, locale),
    }


def address_of(request: HttpRequest, locale: str) -> str:
    """What of the address tells which texts are on the screen."""
    kept = {"to": locale}
    if request.GET.get("list") == "all":
        kept["list"] = "all"
    if page := row_number(request.GET.get("page", "")):
        kept["page"] = str(page)
    if "show" in request.GET:
        kept["show"] = "1"
    return urlencode(kept)


def save(request: HttpRequest, workshop: Workshop, locale: str) -> HttpResponse:
    """Store one screenful; what cannot be stored is shown again, with what was typed."""
    saved = save_translations(
        workshop=workshop,
        locale=locale,
        by=signed_in(request.user),
        typed=TranslationForm(request.POST).typed(),
    )
    if saved.stored or saved.removed or not saved.held:
        messages.success(request, said_of(saved))
    if not saved.held:
        return redirect(f"{request.path}?{address_of(request, locale)}")
    messages.warning(request, f"Not stored: {len(saved.held)}. What you typed is below.")
    parts = {
        "groups": groups_held(saved.held),
        "can_save": True,
        "lost": [held for held in saved.held if held.now is None],
        "held": True,
    }
    context = context_of(request, workshop, locale, asked_language(request))
    return render(request, PAGE, context | parts, status=422)


def said_of(saved: Saved) -> str:
    """What became of it, in a sentence."""
    if not (saved.stored or saved.removed):
        return "Nothing was changed."
    removed = f", {len(saved.removed)} removed" if saved.removed else ""
    return f"{len(saved.stored)} stored{removed}."


# Who may, and how much, is decided before a byte is read; reading the token would read it all.
@csrf_exempt
def translations_file(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The same as a file to fill in; and what was filled in."""
    workshop = workshop_or_404(request.user, slug, *MODERATES)
    asked = asked_language(request)
    if not asked.is_valid():
        return redirect(f"{reverse('translations', args=[slug])}?{request.GET.urlencode()}")
    locale = asked.cleaned_data["to"]
    if request.method != "POST":
        return file_to_fill_in(request, workshop, locale)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        messages.error(request, "The file is too large: at most 10 MB. Split it.")
        return redirect(f"{reverse('translations', args=[slug])}?to={locale}")
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    return take_file(request, workshop, asked)


def file_to_fill_in(request: HttpRequest, workshop: Workshop, locale: str) -> HttpResponseBase:
    """What is not in a language yet, or all, with a column to write in."""
    lines = file_lines(
        workshop,
        locale,
        missing=request.GET.get("list") != "all",
        warned="show" in request.GET,
    )
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"translations-{workshop.slug}-{locale}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@csrf_protect
def take_file(request: HttpRequest, workshop: Workshop, asked: LanguageForm) -> HttpResponse:
    """Store what was filled in, and say line by line what was not stored."""
    locale = asked.cleaned_data["to"]
    form = TranslationFileForm(request.POST, request.FILES, auto_id="file-%s")
    parts: dict[str, Any] = {"file_form": form, "file": True}
    if form.is_valid():
        try:
            parts |= stored_from(request, workshop, locale, form)
        except ImportRefused as refused:
            form.add_error("upload", f"{refused} Nothing was stored.")
    context = context_of(request, workshop, locale, asked)
    return render(request, PAGE, context | parts, status=422 if form.errors else 200)


def stored_from(
    request: HttpRequest, workshop: Workshop, locale: str, form: TranslationFileForm
) -> dict[str, Any]:
    """What became of a file. Raises ImportRefused where it cannot be read."""
    upload = form.cleaned_data["upload"]
    path = Path(upload.temporary_file_path())
    filled = read_filled(path, locale, origin=form.cleaned_data["origin"])
    saved = save_translations(
        workshop=workshop,
        locale=locale,
        by=signed_in(request.user),
        typed=filled.typed,
        may_remove=False,
    )
    wrong = sorted(
        [*((row, "") for row in filled.wrong), *(held_line(held) for held in saved.held)],
        key=lambda pair: pair[0].line,
    )
    return {
        "saved": saved,
        "file_name": upload.name,
        "empty": filled.empty,
        "wrong": wrong[:WRONG_SHOWN],
        "wrong_number": len(wrong),
    }


def held_line(held: Held) -> tuple[BadRow, str]:
    """A line that was not stored, and the translation that stands instead."""
    row = BadRow(held.typed.line, held.field, held.reason)
    return row, held.now.translation if held.now else ""
