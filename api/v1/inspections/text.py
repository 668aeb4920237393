"""The text of an inspection's report: as it went to the check, as it is final, as published."""

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

from adapters.inspections.drafts import issued_with, load
from adapters.inspections.releasing import salt_of
from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.services import services
from api.v1.inspections.subject import InspectionSubject
from api.v1.inspections.views import ChangeView, InspectionText, PartText, PartVersion
from domain.access.inspections import may_read_sent
from domain.events.inspection import PartSent, ReportReleased
from domain.events.recommendation import Issued
from domain.events.report import ReportPublished
from domain.history import inspection_entries
from domain.inspection.comparison import TextChange, changes_of
from domain.inspection.draft import missing_from, text_of
from domain.inspection.parts import ReportPart, parts_of, published_parts, seal_of
from domain.inspection.state import FINAL, InspectionStage
from domain.vocabulary.errors import NotFound
from domain.vocabulary.values import PartName, Sha256

NOTHING: Final = PartVersion()


def inspection_text(request: Request, subject: InspectionSubject) -> InspectionText:
    """Return the parts of the text. Raises NotFound if there is none that the actor may read."""
    actor, state, check = current_actor(request), subject.state, subject.state.check
    if check is None or not may_read_sent(actor, state):
        raise NotFound("No text was sent to the check yet, or it is not for you to read.")
    salt = salt_of(services(request).ledger, subject.history, state)
    texts: dict[int, Mapping[PartName, PartVersion]] = _sent_texts(request, subject)
    changed = changes_of(state)
    checked, seals, final = (
        texts[check.step],
        dict[PartName, Sha256](),
        dict[PartName, ReportPart](),
    )
    if state.embargo is not None and state.stage in {*FINAL, InspectionStage.RELEASED}:
        seals = {seal.part: seal.sha256 for seal in state.embargo.parts}
        final = {part.name: part for part in _final_parts(request, subject)}
        texts[state.embargo.step] = {name: _version(final.get(name)) for name in seals}
    is_published = state.stage is InspectionStage.RELEASED
    parts = tuple(
        PartText(
            part=name,
            sent_facts=checked.get(name, NOTHING).facts,
            sent_words=checked.get(name, NOTHING).words,
            facts=final[name].facts if name in final else None,
            words=final[name].words if name in final else None,
            changed=any(change.part == name for change in changed),
            proven=seal_of(final[name], salt) == seals.get(name)
            if is_published and salt and name in final
            else None,
        )
        for name in {**seals, **checked}
    )
    changes = tuple(_change(change, texts) for change in changed)
    return InspectionText(step=state.step, parts=parts, changes=changes, salt=salt)


def _change(change: TextChange, texts: Mapping[int, Mapping[PartName, PartVersion]]) -> ChangeView:
    return ChangeView(
        part=change.part,
        before_step=change.before,
        after_step=change.after,
        before=texts[change.before].get(change.part),
        after=texts[change.after].get(change.part),
        accepted=change.accepted,
    )


def _version(part: ReportPart | None) -> PartVersion:
    return PartVersion(part.facts, part.words) if part else NOTHING


def _final_parts(request: Request, subject: InspectionSubject) -> Iterator[ReportPart]:
    """Yield the parts of the final text: of the draft under embargo, of the record once public."""
    last, ledger = subject.history[-1].event, services(request).ledger
    if isinstance(last, ReportReleased):
        first = ledger.history(last.report)[0].event
        assert isinstance(first, ReportPublished)  # noqa: S101  the same submit published it
        yield from published_parts(first, _issued(request, subject, last.report))
        return
    saved = ledger.rows.run(load(subject.stream, subject.state.final_version))
    if saved is not None and not missing_from(saved.draft):
        yield from parts_of(text_of(saved.draft, subject.planned))


def _issued(request: Request, subject: InspectionSubject, report: UUID) -> list[Issued]:
    """Return the recommendations that the release issued, in order; each has one addressee."""
    ledger = services(request).ledger
    streams = ledger.rows.run(issued_with(subject.stream, report))
    histories = ledger.histories(streams)
    events = [histories[stream][0].event for stream in streams]
    return [event for event in events if isinstance(event, Issued)]


def _sent_texts(
    request: Request, subject: InspectionSubject
) -> dict[int, Mapping[PartName, PartVersion]]:
    """Return the text of each check by its step, part by part in order."""
    entries = inspection_entries(subject.history)
    parts = {
        check.step: {
            entry.event.part: entry.id
            for entry in entries[check.step : check.step + len(check.parts)]
            if isinstance(entry.event, PartSent)
        }
        for check in subject.state.checks
    }
    ids = [identity for of_check in parts.values() for identity in of_check.values()]
    notes = services(request).ledger.notes(ids)
    return {
        step: {part: PartVersion(**notes.get(identity, {})) for part, identity in of_check.items()}
        for step, of_check in parts.items()
    }
