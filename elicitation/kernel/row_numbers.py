"""Primary keys as they come from outside: in an address, or in a form."""

# What every database holds in eight bytes.
LONGEST = 18


def row_number(text: str) -> int | None:
    """The primary key that a text names; None for what is no number, or none of ours."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= LONGEST
    return int(text) if is_number else None
