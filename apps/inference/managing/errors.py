"""What can go wrong when models are managed."""

from apps.inference.contracts import ProviderKind
from olympus.kernel.errors import Conflict, Invalid, LimitReached


class NotManaged(Conflict):
    """Only models on Ollama can be managed from here. This server manages its own."""

    code = "not_managed"


class AlreadyUnderWay(Conflict):
    """This model is on its way to this server already."""

    code = "already_under_way"


class JobOver(Conflict):
    """This is over already."""

    code = "job_over"


class NameTaken(Conflict):
    """There is a model of this name on this server already. Choose another name."""

    code = "name_taken"


class TooManyWaiting(LimitReached):
    """Many models are on their way already. Wait until some are there."""

    code = "too_many_waiting"


class NoModelName(Invalid):
    """This is no name of a model. It looks like llama3.2:3b or hf.co/someone/something."""

    code = "no_model_name"

    def __init__(self, message: str = "", *, field: str | None = "model") -> None:
        super().__init__(message, field=field)


# The kinds of server whose models can be managed.
MANAGED = frozenset({ProviderKind.OLLAMA})


class NothingToUndo(Conflict):
    """There is nothing to take back, or somebody changed it since."""

    code = "nothing_to_undo"
