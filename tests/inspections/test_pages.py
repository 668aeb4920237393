"""The pages of inspections before publication, as inspectors and the force walk the way."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta

import httpx
import pytest

from domain.vocabulary.actors import Actor
from domain.vocabulary.dates import in_london
from domain.vocabulary.ids import inspection_id, recommendation_id, report_id
from tests.support.data.examples import ADMIN, ESSEX, INSPECTOR, KENT, KENT_BODY, OTHER_INSPECTOR
from tests.support.data.inspections import CANARY, Inspecting, MovedClock, draft
from tests.support.served.forms import Form, forms, words_of
from tests.support.served.serving import AUDITOR, PUBLISHER, REPORTING, Served, Service

pytestmark = pytest.mark.slow

CLOCK = MovedClock()
WAIT_SECONDS = 10
PASTED = """Recommendation 1
Within three months, train all officers.

Recommendation 2
Review the helpdesk.

Recommendation 3
Record what children say.
"""


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(clock=CLOCK)


class Walk:
    """A walk through the pages of one inspection."""

    def __init__(self, service: Service, reference: str) -> None:
        self.service, self.reference = service, reference
        self.path = f"/inspections/{inspection_id(reference)}"

    def get(self, tail: str = "", actor: Actor | None = INSPECTOR) -> httpx.Response:
        return self.service.get(self.path + tail, actor, accept="text/html")

    def words(self, tail: str = "", actor: Actor = INSPECTOR) -> str:
        answer = self.get(tail, actor)
        assert answer.status_code == 200, answer.text
        return words_of(answer)

    def send(
        self,
        answer: httpx.Response,
        then: str,
        typed: Mapping[str, str] | None = None,
        actor: Actor = INSPECTOR,
    ) -> httpx.Response:
        """Fill in the form of a page, and press one of its buttons."""
        form = form_in(answer)
        assert then in form.buttons, form.buttons
        unknown = set(typed or {}) - form.fields.keys()
        assert not unknown, f"the form has no {unknown}"
        fields = {**form.fields, **(typed or {}), "then": then}
        return self.service.client.post(
            form.action, data=fields, headers=self.service.headers(actor, {"Accept": "text/html"})
        )

    def record(
        self, tag: str, typed: Mapping[str, str] | None = None, actor: Actor = INSPECTOR
    ) -> httpx.Response:
        """Give a command through its form, checked if it asks for anything."""
        asked_at = self.get(f"/record/{tag}", actor)
        assert asked_at.status_code == 200, asked_at.text
        if typed is None:
            return self.done(self.send(asked_at, "record", actor=actor))
        check = self.send(asked_at, "check", typed, actor)
        assert check.status_code == 200, words_of(check)
        return self.done(self.send(check, "record", actor=actor))

    def done(self, answer: httpx.Response) -> httpx.Response:
        assert answer.status_code == 303, words_of(answer)
        return answer


def form_in(answer: httpx.Response) -> Form:
    recording = [form for form in forms(answer) if "_csrf" in form.fields]
    assert len(recording) == 1, answer.text
    return recording[0]


def without_reference(answer: httpx.Response) -> str:
    """Return the words of an error page without the number of its request."""
    return words_of(answer).rpartition(" ")[0]


def minute_in(days: int) -> datetime:
    """Return a whole minute in some days."""
    return (CLOCK.at + timedelta(days=days)).replace(second=0, microsecond=0)


def day_fields(name: str, at: datetime) -> dict[str, str]:
    local = in_london(at)
    return {
        f"{name}-day": str(local.day),
        f"{name}-month": str(local.month),
        f"{name}-year": str(local.year),
    }


def moment_fields(name: str, at: datetime) -> dict[str, str]:
    return {**day_fields(name, at), f"{name}-time": in_london(at).strftime("%H:%M")}


def eventually_says(walk: Walk, words: str) -> None:
    ends = time.monotonic() + WAIT_SECONDS
    while words not in walk.words():
        assert time.monotonic() < ends, walk.words()
        time.sleep(0.1)


def plan(service: Service, reference: str) -> Walk:
    walk = Walk(service, reference)
    typed = {"addressee": "kent", "product": "ncpi", "edition": "2024", "reference": reference}
    asked_at = service.get("/inspections/new", INSPECTOR)
    walk.done(walk.send(asked_at, "record", typed))
    return walk


def test_an_inspection_is_walked_from_its_plan_to_its_release_on_pages(  # noqa: PLR0915  a walk
    service: Service,
) -> None:
    walk = plan(service, "kent-walk-2026")
    assert "kent-walk-2026" in words_of(service.get("/inspections", INSPECTOR))
    assert "They record when fieldwork begins." in walk.words()
    walk.record("begin_fieldwork", {})
    opened = walk.get("/draft")
    filled = walk.send(opened, "paste", {"pasted": PASTED})
    assert "3 recommendations were read." in words_of(filled)
    assert "Read from the text: check its words" in words_of(filled)
    typed = {
        "reference": "kent-walk-report", "title": f"{CANARY} of Kent",
        "address": "https://example.org/kent-walk", "recommendations_stated": "3",
        **{f"r{n}-area": "leadership" for n in (1, 2, 3)},
    }  # fmt: skip
    walk.done(walk.send(filled, "save", typed))
    saved = walk.get("/draft")
    assert "Version 1, saved on" in words_of(saved)
    assert "2 things are missing from the saved draft" in words_of(saved)
    assert "Recommendation 2: Time limit" in words_of(saved)
    assert form_in(saved).fields["r1-time_limit-months"] == "3"
    walk.done(walk.send(saved, "save", {"r2-time_limit": "none", "r3-time_limit": "none"}))
    assert "Nothing is missing from the saved draft." in walk.words("/draft")
    walk.record("moderate_draft", {})
    assert walk.get("", KENT).status_code == 404, "the force is not told yet"
    walk.record("send_to_check", day_fields("reply_by", minute_in(10)))
    assert "It is asked to check the facts by" in walk.words("", KENT)
    assert "train all officers." in walk.words("/text", KENT)
    for part, text in (("r1", "We have trained a half."), ("r2", "None."), ("r3", "We do.")):
        walk.record(f"comment_on_fact?part={part}", {"comment": text}, KENT)
    steps = {
        comment["part"]: comment["step"]
        for comment in service.get(f"/v1{walk.path}", INSPECTOR).json()["comments"]
    }
    walk.record(f"withdraw_comment?comment={steps['r3']}", None, KENT)
    assert "2 comments of the force wait for an answer." in walk.words()
    for part, outcome in (("r1", "accepted"), ("r2", "rejected")):
        typed = {"outcome": outcome, "reason": "We looked again."}
        walk.record(f"answer_comment?comment={steps[part]}", typed)
    answers = walk.words("", KENT)
    assert "Accepted We looked again." in answers
    assert "Rejected We looked again." in answers
    assert "The force took it back." in answers
    draft_page = walk.get("/draft")
    walk.done(walk.send(draft_page, "save", {"r1-text": "Train the other half."}))
    at = minute_in(20)
    walk.record("embargo_report", moment_fields("release_at", at))
    assert "Another person than the one who set the embargo has to agree" in walk.words()
    walk.record("defer_publication", {"reason": "An election."})
    for page in ("", "/text"):
        put_off = walk.words(page, KENT)
        assert "The publication is put off" in put_off
        assert "UK time" not in put_off, "no minute of release stands"
    walk.record("resume_inspection")
    walk.record("embargo_report", moment_fields("release_at", at))
    copy = walk.words("/text", KENT)
    assert "Not to be published or shared before its release" in copy
    assert "Train the other half." in copy
    agreeing = words_of(walk.get("/record/agree_to_release", OTHER_INSPECTOR))
    assert "Train the other half." in agreeing
    assert "You agree as the second person" in agreeing
    walk.record("agree_to_release", None, OTHER_INSPECTOR)
    assert "This service. It publishes the report at" in walk.words()
    assert "UK time" in walk.words()
    changes = walk.words("/changes", KENT)
    assert "Train the other half." in changes
    assert "Within three months, train all officers." in changes
    assert "We have trained a half." in changes
    CLOCK.at = at
    eventually_says(walk, "Nobody. The report is published.")
    for reader in (INSPECTOR, KENT, AUDITOR):
        proven = walk.words("/changes", reader)
        assert "The published text is the one that was embargoed." in proven
    stream = recommendation_id("kent-walk-report-r01")
    assert service.get(f"/v1/recommendations/{stream}").json()["text"] == "Train the other half."


def test_what_changed_between_two_checks_is_shown_to_the_force_and_inspectors(
    service: Service,
) -> None:
    kent = Inspecting(service, "kent-recheck-2026", CLOCK)
    kent.sent("Train all officers.", "Review the helpdesk.")
    walk = Walk(service, kent.reference)
    assert walk.get("/changes", KENT).status_code == 409
    kent.answer(kent.comment("r2", "There is none."), "rejected")
    kent.save(draft(kent.reference, "Train all officers.", "Review the desk."))
    walk.record("send_to_check", day_fields("reply_by", CLOCK.at))
    assert "See what changed after the check" in walk.words("", KENT)
    for reader in (INSPECTOR, KENT):
        changes = walk.words("/changes", reader)
        assert "to the text sent on" in changes
        assert "Review the helpdesk." in changes
        assert "Review the desk." in changes
        assert "No comment was accepted for it. The force was asked to look at it by" in changes
    assert "Make the text final" not in walk.words(), "the force is still asked"
    assert "until that day is over, or until the force says so" in walk.words("/text", KENT)
    walk.record("finish_check", None, KENT)
    assert "The force has said that it has no more comments." in walk.words("", KENT)
    assert "Say what is not accurate" not in walk.words("/text", KENT)
    CLOCK.at = kent.agreed(minute_in(9))
    eventually_says(walk, "Nobody. The report is published.")
    changes = walk.words("/changes", KENT)
    assert "Review the helpdesk." in changes
    assert "to the published text Nothing changed between them." in changes


def test_a_recommendation_to_several_forces_is_part_of_the_proof(service: Service) -> None:
    kent = Inspecting(service, "kent-shared-2026", CLOCK)
    content = draft(kent.reference, "Train all officers.", "Share what you know.")
    content["recommendations"][1]["addressees"] = ["kent", "essex"]
    kent.plan()
    kent.done("begin_fieldwork")
    kent.save(content)
    kent.done("moderate_draft", draft_version=kent.version)
    kent.done("send_to_check", draft_version=kent.version, reply_by=kent.day_in(10))
    CLOCK.at = kent.agreed(minute_in(9))
    walk = Walk(service, kent.reference)
    eventually_says(walk, "Nobody. The report is published.")
    changes = walk.words("/changes", KENT)
    assert (
        "The published text is the one that was embargoed. Each part has the same seal." in changes
    )
    assert "no such part" not in changes


@pytest.mark.parametrize("actor", [ESSEX, KENT_BODY, REPORTING, ADMIN], ids=lambda a: a.id)
def test_nobody_else_is_told_of_an_inspection(service: Service, actor: Actor) -> None:
    kent = Inspecting(service, f"kent-hidden-{actor.id}", CLOCK)
    kent.sent("Train all officers.")
    walk = Walk(service, kent.reference)
    unknown = service.get("/no-such-page", actor, accept="text/html")
    paths = ["", "/draft", "/text", "/changes", "/record/defer_publication"]
    answers = [walk.get(tail, actor) for tail in paths]
    answers += [
        service.get(path, actor, accept="text/html")
        for path in ("/inspections", "/inspections/new")
    ]
    for answer in answers:
        assert answer.status_code == 404
        assert without_reference(answer) == without_reference(unknown)
        assert answer.headers["cache-control"] == "no-store"
    assert "nspection" not in words_of(service.get("/work", actor))
    assert service.get("/inspections").status_code == 401


def test_a_force_has_a_link_once_a_draft_was_sent_to_it(service: Service) -> None:
    kent = Inspecting(service, "kent-linked-2026", CLOCK)
    kent.sent("Train all officers.")
    assert 'href="/inspections"' in service.get("/work", KENT).text
    assert 'href="/inspections"' not in service.get("/work", ESSEX).text
    for actor in (INSPECTOR, PUBLISHER, AUDITOR):
        assert 'href="/inspections"' in service.get("/work", actor).text


def test_a_stale_draft_keeps_the_typed_text_and_shows_the_saved_one(service: Service) -> None:
    kent = Inspecting(service, "kent-stale-2026", CLOCK)
    kent.plan()
    kent.save({"title": "A first title"})
    walk = Walk(service, kent.reference)
    opened = walk.get("/draft")
    assert kent.save({"title": "Another title"}, OTHER_INSPECTOR).status_code == 200
    stale = walk.send(opened, "save", {"title": "My title"})
    assert stale.status_code == 412
    assert form_in(stale).fields["title"] == "My title"
    assert "Title Another title" in words_of(stale)
    walk.done(walk.send(stale, "save"))
    assert kent.get("/draft").json()["draft"]["title"] == "My title"


def test_recommendations_of_a_draft_are_moved_and_removed(service: Service) -> None:
    kent = Inspecting(service, "kent-moved-2026", CLOCK)
    kent.plan()
    kent.save(draft(kent.reference, "First.", "Second.", "Third."))
    walk = Walk(service, kent.reference)

    def texts(answer: httpx.Response) -> list[str]:
        fields = form_in(answer).fields
        return [fields[f"r{n}-text"] for n in range(1, 9) if f"r{n}-text" in fields]

    up = walk.send(walk.get("/draft"), "up-3")
    assert texts(up) == ["First.", "Third.", "Second."]
    down = walk.send(up, "down-1", {"r1-text": "First, changed."})
    assert texts(down) == ["Third.", "First, changed.", "Second."]
    removed = walk.send(down, "remove-1")
    assert texts(removed) == ["First, changed.", "Second."]
    added = walk.send(removed, "add")
    assert texts(added) == ["First, changed.", "Second.", ""]
    walk.done(walk.send(removed, "save"))
    saved = kent.get("/draft").json()["draft"]["recommendations"]
    assert [request["text"] for request in saved] == ["First, changed.", "Second."]


@pytest.mark.parametrize(
    ("day", "minute", "why"),
    [
        ("28 3 2027", "1:30am", "1:30am on 28 March 2027 does not exist"),
        ("31 10 2027", "01:30", "1:30am on 31 October 2027 comes twice"),
        ("1 7 2027", "9", "Enter a time, such as 12:01am or 00:01."),
        ("1 7 2027", "", "Enter a time, such as 12:01am or 00:01."),
        ("", "9am", "When may everybody read it? Enter the day too."),
    ],
)
def test_a_minute_of_release_is_one_that_exists_once(
    service: Service, day: str, minute: str, why: str
) -> None:
    reference = f"kent-minute-{'-'.join([*day.split(), *minute.replace(':', '-').split()])}"
    kent = Inspecting(service, reference, CLOCK)
    kent.sent("Train all officers.")
    walk = Walk(service, reference)
    parts = dict(zip(("day", "month", "year"), day.split(), strict=False))
    typed = {f"release_at-{name}": text for name, text in parts.items()}
    typed["release_at-time"] = minute
    answer = walk.send(walk.get("/record/embargo_report"), "check", typed)
    assert answer.status_code == 400
    assert why in words_of(answer)


def test_a_passed_minute_of_release_is_said_with_what_to_do(service: Service) -> None:
    kent = Inspecting(service, "kent-passed-2026", CLOCK)
    kent.sent("Train all officers.")
    at = minute_in(2)
    kent.done("embargo_report", draft_version=kent.version, release_at=at.isoformat())
    walk = Walk(service, kent.reference)
    CLOCK.at = at + timedelta(minutes=1)
    said = walk.words()
    assert "The minute of release has passed" in said
    assert "Put the publication off, resume it, and set another minute." in said


def test_a_command_is_refused_in_words_and_the_typed_text_is_kept(service: Service) -> None:
    kent = Inspecting(service, "kent-refused-2026", CLOCK)
    kent.sent("Train all officers.", "Review the helpdesk.")
    walk = Walk(service, kent.reference)
    opened = walk.get("/record/embargo_report")
    kent.save(draft(kent.reference, "Train some officers.", "Review the helpdesk."))
    typed = moment_fields("release_at", minute_in(20))
    stale = walk.send(opened, "check", typed)
    assert stale.status_code == 412
    assert form_in(stale).fields["release_at-time"] == typed["release_at-time"]
    refused = walk.send(stale, "check")
    assert refused.status_code == 409
    assert "changed where no comment was accepted: number 1." in words_of(refused)


def test_an_incomplete_draft_is_not_sent_and_what_is_missing_is_linked(service: Service) -> None:
    kent = Inspecting(service, "kent-missing-2026", CLOCK)
    kent.plan()
    kent.done("begin_fieldwork")
    kent.save({"title": "A title", "recommendations": [{"text": "Do it."}]})
    kent.done("moderate_draft", draft_version=kent.version)
    walk = Walk(service, kent.reference)
    answer = walk.get("/record/send_to_check")
    assert f'href="{walk.path}/draft#r1-area"' in answer.text
    assert "Edit the draft" in walk.words()


def test_no_draft_is_said_to_be_written_or_moderated_before_one_was_saved(
    service: Service,
) -> None:
    kent = Inspecting(service, "kent-undrafted-2026", CLOCK)
    kent.plan()
    kent.done("begin_fieldwork")
    walk = Walk(service, kent.reference)
    assert "passed moderation" not in walk.words().partition("What else you can record")[2]
    assert "No draft was saved yet." in walk.words("/record/moderate_draft")
    assert not [
        each for each in forms(walk.get("/record/moderate_draft")) if "_csrf" in each.fields
    ]
    kent.save({"title": "A title"})
    assert "This is version 1 of the draft." in walk.words("/record/moderate_draft")
    walk.record("moderate_draft", {})
    assert "The draft passed moderation (version 1)" in walk.words()
    assert "Draft of the report written Done" in walk.words()


def test_a_plan_is_changed_from_what_it_says(service: Service) -> None:
    kent = Inspecting(service, "kent-replanned-2026", CLOCK)
    kent.plan()
    walk = Walk(service, kent.reference)
    fields = form_in(walk.get("/record/change_plan")).fields
    assert (fields["product"], fields["fieldwork_from-month"]) == ("ncpi", "1")
    walk.record("change_plan", {"edition": "pre-2024", "fieldwork_from-month": "2"})
    view = kent.get().json()
    assert (view["edition"], view["fieldwork_from"]) == ("pre-2024", "2026-02")
    assert "The plan was changed" in walk.words()
    assert "Fieldwork from February 2026" in walk.words()


def test_a_form_sent_twice_is_recorded_once(service: Service) -> None:
    kent = Inspecting(service, "kent-twice-2026", CLOCK)
    kent.sent("Train all officers.")
    walk = Walk(service, kent.reference)
    check = walk.send(walk.get("/record/defer_publication"), "check", {"reason": "An election."})
    first, second = (walk.send(check, "record") for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert service.get(f"/v1{walk.path}", INSPECTOR).json()["deferred"]


def test_the_text_is_not_editable_once_it_is_final(service: Service) -> None:
    kent = Inspecting(service, "kent-closed-2026", CLOCK)
    kent.sent("Train all officers.")
    kent.agreed(minute_in(200))
    walk = Walk(service, kent.reference)
    answer = walk.get("/draft")
    assert answer.status_code == 409
    assert "The text is final." in words_of(answer)


def test_recommendations_of_a_cause_of_concern_are_published_as_parts_of_it(
    service: Service,
) -> None:
    kent = Inspecting(service, "kent-cause-2026", CLOCK)
    kent.plan()
    kent.done("begin_fieldwork")
    kent.save(draft(kent.reference, "Train all officers.", "Children wait.", "Review it."))
    walk = Walk(service, kent.reference)
    typed = {"r2-kind": "cause_of_concern", "r1-under": "2", "r3-under": "1"}
    up = walk.send(walk.get("/draft"), "up-2", typed)
    fields = form_in(up).fields
    assert (fields["r1-text"], fields["r2-under"]) == ("Children wait.", "1")
    walk.done(walk.send(up, "save"))
    kent.version = kent.get("/draft").json()["version"]
    walk.record("moderate_draft", {})
    reply_by = day_fields("reply_by", minute_in(9))
    refused = walk.send(walk.get("/record/send_to_check"), "check", reply_by)
    assert refused.status_code == 409
    assert "Number 2 of the report is not a cause of concern." in words_of(refused)
    walk.done(walk.send(walk.get("/draft"), "save", {"r3-under": "1"}))
    kent.version += 1
    walk.record("send_to_check", reply_by)
    CLOCK.at = kent.agreed(minute_in(9))
    eventually_says(walk, "Nobody. The report is published.")
    stream = recommendation_id("kent-cause-2026-report-r02")
    assert service.get(f"/v1/recommendations/{stream}").json()["cause"] == 1
    said = "Part of cause of concern 1"
    assert said in words_of(service.get(f"/recommendations/{stream}", accept="text/html"))
    report = service.get(f"/reports/{report_id('kent-cause-2026-report')}", accept="text/html")
    assert words_of(report).count(said) == 2
    assert "The published text is the one that was embargoed." in walk.words("/changes")
