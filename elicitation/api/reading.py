"""JSON from clients that nobody vouches for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

from elicitation.kernel.json_in import object_from

# A hundred answers of the longest kind, in a script of three bytes a letter.
MOST_BYTES = 2 * 1024 * 1024


class TooMuch(APIException):
    """More was sent than is read at once."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_much"


class StrictJSON(BaseParser):
    """One JSON object, not too large, that a database can hold."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The object in the request. Raises TooMuch, ParseError."""
        raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise TooMuch(_("At most %(most)s bytes are read at once.") % {"most": MOST_BYTES})
        try:
            return object_from(raw.decode())
        except UnicodeDecodeError as error:
            raise ParseError(_("This is not UTF-8.")) from error
        except ValueError as error:
            raise ParseError(str(error)) from error
