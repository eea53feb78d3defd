"""Numbers that an address carries."""

from django.http import HttpRequest

from elicitation.kernel.row_numbers import row_number

MOST = 200


def number_asked(request: HttpRequest, name: str) -> int:
    """A primary key in the address; 0 where there is none."""
    return next(iter(numbers_asked(request, name)), 0)


def numbers_asked(request: HttpRequest, name: str) -> set[int]:
    """Primary keys in the address, with commas between them; what is no number is passed over."""
    parts = request.GET.get(name, "").split(",")[:MOST]
    return {number for part in parts if (number := row_number(part)) is not None}
