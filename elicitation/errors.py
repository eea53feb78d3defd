"""What elicitation refuses, in words people can read and in types code can catch."""


class Refused(Exception):
    """Something is not allowed; the message is a sentence for whoever asked."""


class SeatTaken(Refused):
    """A person would sit in two communities of one workshop."""


class AnswerRefused(Refused):
    """An answer that cannot be recorded; nothing of it was."""


class StageClosed(AnswerRefused):
    """The stage in which the answer would count is not open."""


class Withdrawn(AnswerRefused):
    """The participant withdrew."""


class ImportRefused(Refused):
    """A file that cannot be read; nothing of it was stored."""
