"""Why policy refused, in words people can read and a type that code can catch."""


class PolicyRefused(ValueError):
    """An analysis or constitution cannot be made as asked; the sentence says why."""
