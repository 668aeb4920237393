"""Answers of which there is no file: a client that prefers one is told what there is."""

from adapters.tables.formats import MEDIA_TYPES
from api.http.headers import preferred
from api.http.problems import ProblemError, Request


def refuse_files(request: Request, files: str) -> None:
    """Raise ProblemError if a client prefers a file; `files` names the addresses that there are."""
    media_type = preferred(request.headers.get("accept", ""))
    if media_type in MEDIA_TYPES:
        raise ProblemError(
            "not-acceptable",
            f"There is no {media_type} of this answer, which is JSON. The files are {files}, each "
            "with the ending of its format.",
        )
