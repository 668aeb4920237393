"""The budget of an actor: how many commands it may send, whether they are recorded or refused."""

from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.services import services


def spend(request: Request, commands: int = 1) -> None:
    """Count commands of the requesting actor, each one of several too.

    Raises ProblemError ("too-many", 429) with the time to wait; then none of them is counted.
    """
    services(request).limits.spend(current_actor(request).id, commands)
