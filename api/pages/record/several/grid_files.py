"""Files of a form for several recommendations: kept once for each of those that are ticked."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from api.http.forms import SentFile
from api.http.problems import Request
from api.pages.forms.attached import Attached, attach_each
from api.pages.record.form_parser import DOCUMENTS
from api.pages.rendering import reading
from api.pages.rendering.language import gettext as _
from api.v1.record.documents import share
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import Sha256


async def keep_files(
    request: Request, files: Sequence[SentFile], typed: Mapping[str, str], ticked: Sequence[UUID]
) -> tuple[dict[str, str], dict[str, str]]:
    """The typed answers with the documents that were kept, and the errors.

    Each document is checked and scanned once, and is then one of every ticked recommendation.
    Raises ProblemError for anything that is not about one file.
    """
    answers = dict(typed)
    names = answers.get(DOCUMENTS, "").split()
    try:
        if files and not ticked:
            return answers, {
                DOCUMENTS: _("Tick a recommendation first, and choose the files again.")
            }
        attached = await attach_each(request, ticked[0], files) if files else Attached()
        names = [*dict.fromkeys([*names, *attached.kept])]
        answers[DOCUMENTS] = " ".join(names)
        if names and ticked:
            await share(request, ticked, msgspec.convert(names, list[Sha256]))
    except msgspec.ValidationError:
        return answers, {}  # the form's own error says so
    except Refused as refused:
        return answers, {DOCUMENTS: reading.refusal(refused)}
    return answers, {DOCUMENTS: attached.error} if attached.error else {}
