"""Why training refused, in words people can read and a type that code can catch."""


class TrainingRefused(ValueError):
    """A snapshot, run or report cannot be made as asked; the sentence says why."""
