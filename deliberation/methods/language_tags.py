"""Names of languages as they are stored and as HTML says them: BCP 47 (RFC 5646)."""

from __future__ import annotations

import re

# What a translation's column holds; script and region fit, variants do not.
LONGEST = 10
TAG = re.compile(r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?")


def language_tag(text: str) -> str:
    """A tag such as es, pt-br or zh-hant-tw, in small letters, which mean the same as capitals.

    Raises ValueError for what is no language, or more of one than a script and a region.
    """
    tag = text.strip().replace("_", "-").lower()
    if len(tag) > LONGEST or not TAG.fullmatch(tag):
        raise ValueError("Name a language by its tag, such as es, ar, pt-br or zh-hant.")
    return tag
