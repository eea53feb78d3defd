"""What elicitation refuses, in words people can read and in types code can catch."""


class Refused(Exception):
    """Something is not allowed; the message is a sentence for whoever asked.

    code: the same for programs, one word that does not change.
    """

    code = "refused"


class SeatTaken(Refused):
    """A person would sit in two communities of one workshop."""


class AnswerRefused(Refused):
    """An answer that cannot be recorded; nothing of it was."""


class StageClosed(AnswerRefused):
    """The stage in which the answer would count is not open."""

    code = "closed"


class NumberUsed(AnswerRefused):
    """The device numbered another answer so before; with a new number this one can be stored."""

    code = "number_used"


class Withdrawn(AnswerRefused):
    """The participant withdrew."""

    code = "left"


class TooLate(Refused):
    """The day until which answers can be taken back has passed."""

    code = "too_late"


class ImportRefused(Refused):
    """A file that cannot be read; nothing of it was stored."""
