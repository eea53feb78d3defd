"""Why a recipe stopped, in a type that code can catch and a sentence that people can read."""


class RecipeStopped(Exception):
    """A recipe ended before its work was done; `kind` and `code` say how."""

    kind = "failed"
    code = 1


class BadInput(RecipeStopped):
    """The run directory, its configuration or its rows cannot be used as they are."""

    kind = "bad_input"
    code = 2


class Cancelled(RecipeStopped):
    """Somebody asked the run to stop; it can be continued from its last checkpoint."""

    kind = "cancelled"
    code = 3


class WatchedLimit(RecipeStopped):
    """A step went beyond a limit of `stop_when`; the run was saved and can be continued."""

    kind = "stopped"
    code = 4


class Diverged(RecipeStopped):
    """The loss or the gradient stopped being a finite number."""

    kind = "diverged"
