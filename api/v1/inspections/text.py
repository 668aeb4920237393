"""The text of an inspection's report: as it went to the check, as it is final, as published."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from adapters.inspections.drafts import load
from adapters.inspections.releasing import salt_of
from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.services import services
from api.v1.inspections.subject import InspectionSubject
from api.v1.inspections.views import InspectionText, PartText
from domain.access.inspections import may_read_sent
from domain.events.inspection import PartSent, ReportReleased
from domain.events.recommendation import Issued
from domain.events.report import ReportPublished
from domain.history import inspection_entries
from domain.inspection.draft import missing_from, text_of
from domain.inspection.parts import (
    ReportPart,
    changed_parts,
    parts_of,
    published_parts,
    seal_of,
)
from domain.inspection.state import FINAL, Check, InspectionStage
from domain.vocabulary.errors import NotFound
from domain.vocabulary.ids import recommendation_id
from domain.vocabulary.values import PartName


def inspection_text(request: Request, subject: InspectionSubject) -> InspectionText:
    """Return the parts of the text. Raises NotFound if there is none that the actor may read."""
    actor, state, check = current_actor(request), subject.state, subject.state.check
    if check is None or not may_read_sent(actor, state):
        raise NotFound("No text was sent to the check yet, or it is not for you to read.")
    salt = salt_of(services(request).ledger, subject.history, state)
    checked = _sent_parts(request, subject, check)
    if state.embargo is None or state.stage not in {*FINAL, InspectionStage.RELEASED}:
        return InspectionText(step=state.step, parts=tuple(checked.values()), salt=salt)
    final = {part.name: part for part in _final_parts(request, subject)}
    seals = {seal.part: seal.sha256 for seal in state.embargo.parts}
    changed = changed_parts(check.parts, state.embargo.parts)
    is_published = state.stage is InspectionStage.RELEASED
    parts = tuple(
        PartText(
            part=name,
            sent_facts=checked[name].sent_facts if name in checked else None,
            sent_words=checked[name].sent_words if name in checked else None,
            facts=final[name].facts if name in final else None,
            words=final[name].words if name in final else None,
            changed=name in changed,
            proven=seal_of(final[name], salt) == seals.get(name)
            if is_published and salt and name in final
            else None,
        )
        for name in {**seals, **checked}
    )
    return InspectionText(step=state.step, parts=parts, salt=salt)


def _final_parts(request: Request, subject: InspectionSubject) -> Iterator[ReportPart]:
    """Yield the parts of the final text: of the draft under embargo, of the record once public."""
    last, ledger = subject.history[-1].event, services(request).ledger
    if isinstance(last, ReportReleased):
        first = ledger.history(last.report)[0].event
        assert isinstance(first, ReportPublished)  # noqa: S101  the same submit published it
        yield from published_parts(first, _issued(request, subject, first))
        return
    saved = ledger.rows.run(load(subject.stream, subject.state.final_version))
    if saved is not None and not missing_from(saved.draft):
        yield from parts_of(text_of(saved.draft, subject.planned))


def _issued(
    request: Request, subject: InspectionSubject, report: ReportPublished
) -> dict[int, Issued]:
    """Return the recommendations of a report that are each for one addressee, by number."""
    embargo = subject.state.embargo
    many = len(embargo.parts) - 1 if embargo else 0
    streams: Mapping[UUID, int] = {
        recommendation_id(f"{report.reference}-r{number:02}"): number
        for number in range(1, many + 1)
    }
    histories = services(request).ledger.histories([*streams])
    return {
        streams[stream]: history[0].event
        for stream, history in histories.items()
        if history and isinstance(history[0].event, Issued)
    }


def _sent_parts(
    request: Request, subject: InspectionSubject, check: Check
) -> dict[PartName, PartText]:
    """Return the parts that a check sent, in order, with their texts."""
    entries = inspection_entries(subject.history)[check.step : check.step + len(check.parts)]
    parts = {entry.id: entry.event.part for entry in entries if isinstance(entry.event, PartSent)}
    texts = services(request).ledger.notes([*parts])
    return {
        part: PartText(
            part=part,
            sent_facts=texts.get(identity, {}).get("facts"),
            sent_words=texts.get(identity, {}).get("words"),
        )
        for identity, part in parts.items()
    }
