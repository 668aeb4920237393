"""Reading an inspection on pages, where one that is not to be known is an unknown page."""

from uuid import UUID

from api.http.problems import Request
from api.v1.inspections.subject import InspectionSubject, subject_of
from domain.vocabulary.errors import NotFound


def shown_subject(request: Request, stream: UUID) -> InspectionSubject:
    """Return an inspection. Raises NotFound, as for any unknown page, if it is not to be known."""
    try:
        return subject_of(request, stream)
    except NotFound:
        raise NotFound from None
