"""The page of one recommendation says what the record knows, who said it, and no more."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from msgspec.structs import replace

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.ledger.submission import Submission
from adapters.postgres.database import APP, Database
from domain.commands.command import Command
from domain.commands.recommendation import NoteMilestone, NoteOutcome
from domain.commands.report import NoteReportOutcome
from domain.vocabulary.actors import Actor
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import Milestone
from tests.pages.test_pages import check
from tests.support.data.examples import (
    IMPORT,
    INSPECTOR,
    KENT,
    KENT_BODY,
    OTHER_INSPECTOR,
    issue,
    publish,
)
from tests.support.served.browser import Browser
from tests.support.served.forms import posted, words_of
from tests.support.served.serving import Service, command, published

pytestmark = pytest.mark.slow

SOURCE = "https://policeprofessional.example/?p=138430"
OWN = NoteOutcome(
    reference="kent-o1", said_by="inspectorate", text="A revisit was held.", source=SOURCE,
    reading="status_change", on="2018-12-18",
)  # fmt: skip
RESPONSE = NoteMilestone(
    reference="kent-s1", milestone=Milestone.SECTION_55_RESPONSE, said_by="local_policing_body",
    text="The commissioner answered.", source="https://kent-pcc.example/answer", on="unknown",
)  # fmt: skip
OF_REPORT = NoteReportOutcome(
    reference="kent-o2", said_by="inspectorate", text="Training improved.", source="A | B",
    reading="improved", area="leadership", on="2019",
)  # fmt: skip


@pytest.fixture(scope="module")
def signed_in(service: Service, make_database: Database) -> dict[Actor, Browser]:
    people = (INSPECTOR, OTHER_INSPECTOR, KENT, KENT_BODY)
    return {actor: Browser(service).sign_in(make_database, actor) for actor in people}


def imported(database: Database, *commands: Command, **changed: Any) -> str:  # noqa: ANN401
    """Import a recommendation of 2017 and what sources said later; return its id."""
    reference = f"kent-{uuid4().hex}"
    stream = recommendation_id(f"{reference}-r01")
    one = replace(issue("kent"), sources=("https://kent.example/report | Annex A",), **changed)
    with Ledger(environment(database.conninfo(APP), pool=2)) as ledger:
        report = publish(one, reference=reference, on="2017-11-24")
        ledger.submit([Submission(report_id(reference), report)], IMPORT)
        for said in commands:
            of_report = isinstance(said, NoteReportOutcome)
            ledger.submit([Submission(report_id(reference) if of_report else stream, said)], IMPORT)
    return str(stream)


def page_of(service: Service, stream: str, browser: Browser | None = None) -> httpx.Response:
    answer = (browser or Browser(service)).get(f"/recommendations/{stream}")
    assert answer.status_code == 200, answer.text
    check(stream, answer.text)
    return answer


def record(service: Service, stream: str, actor: Actor, tag: str, **fields: object) -> None:
    made = command(service, stream, actor, tag, **fields)
    assert made.status_code == 201, made.text


def test_a_recommendation_of_sources_opens_with_the_last_thing_known(
    service: Service, make_database: Database
) -> None:
    page = page_of(service, imported(make_database, RESPONSE, OWN))
    words = words_of(page)
    assert "Not known where it stands" in words
    latest = words[words.index("The last thing that is known") : words.index("What was asked")]
    for part in ("18 December 2018", "The inspectorate", "A revisit was held.", "policeprofess"):
        assert part in latest, part
    assert f'href="{SOURCE}"' in page.text
    order = ["The last thing", "What was asked", "What the force said", "What inspectors found"]
    assert sorted(order, key=words.index) == order


def test_a_recommendation_that_was_taken_over_says_since_when_it_is_followed(
    service: Service, make_database: Database
) -> None:
    stream = imported(make_database, OWN)
    record(
        service, stream, INSPECTOR, "take_over", standing="plan_accepted", basis="A letter.",
        source="Review of 2019", on="2019-01-10",
    )  # fmt: skip
    words = words_of(page_of(service, stream))
    assert "this service has followed it since 10 January 2019" in words
    assert "Inspectors said where it stood: the action plan had been accepted" in words
    assert "Source: Review of 2019" in words
    assert "The last thing that is known" not in words


def test_many_statements_on_a_report_leave_the_page_small(
    service: Service, make_database: Database
) -> None:
    said = [
        replace(OF_REPORT, reference=f"kent-many-{n}", text=f"Finding {n}." + " Much more." * 80)
        for n in range(45)
    ]
    words = words_of(page_of(service, imported(make_database, *said)))
    assert "5 earlier statements are not shown here." in words
    assert "Finding 44." in words


def test_silence_is_never_called_overdue_late_or_awaited(
    service: Service, make_database: Database
) -> None:
    words = words_of(page_of(service, imported(make_database)))
    for wrong in ("verdue", "waited", "Late", "needs to"):
        assert wrong not in words, wrong
    assert "Nothing later than its publication is on record here." in words
    deadlines = words[words.index("Deadlines") :]
    assert "Not known. Deadline: 5 January 2018." in deadlines
    assert "That does not mean that nothing was done." in deadlines


def test_what_was_said_of_the_whole_report_is_shown_as_that(
    service: Service, make_database: Database
) -> None:
    words = words_of(page_of(service, imported(make_database, OF_REPORT)))
    latest = words[words.index("The last thing that is known") : words.index("What was asked")]
    assert "It was said of the whole report, and names no recommendation." in latest
    assert "Training improved." in latest
    whole = words[words.index("What was said of the whole report") :]
    assert "2019. The inspectorate, Leadership and governance." in whole
    assert "Source: A, B" in whole


def test_what_one_body_said_of_what_all_were_asked_is_not_what_every_body_said(
    service: Service,
) -> None:
    made = published(service, f"all-{uuid4().hex}", issue("national"), force="national")
    stream = made.recommendations[0]
    record(
        service, stream, INSPECTOR, "note_outcome", reference=f"all-{uuid4().hex}",
        said_by="local_policing_body", text="Not here.", source=SOURCE, reading="not_applicable",
        on="2023-01-05",
    )  # fmt: skip
    words = words_of(page_of(service, stream))
    assert "5 January 2023. One local policing body." in words
    assert "What single local policing bodies said" in words
    assert "Does not apply" not in words


def test_sources_are_links_when_they_are_addresses(
    service: Service, make_database: Database
) -> None:
    page = page_of(service, imported(make_database))
    assert 'href="https://kent.example/report">kent.example/report</a>' in page.text
    assert "kent.example/report, Annex A" in words_of(page)


def test_a_wording_that_was_not_seen_is_never_shown_as_the_recommendation(
    service: Service, make_database: Database
) -> None:
    note = "Wording not seen; a contents list names it."
    stream = imported(make_database, wording="not seen", text=note)
    page = page_of(service, stream)
    assert "<title>Wording not seen (Leadership and governance)" in page.text
    assert f"Note on the wording {note}" in words_of(page)
    assert words_of(page).count(note) == 1


def test_the_text_keeps_its_lines_and_is_never_cut_on_its_own_page(service: Service) -> None:
    text = "The force should:\n- " + "train all officers, " * 40 + "and\n- check what they do."
    stream = published(service, f"kent-{uuid4().hex}", issue("kent", text=text)).recommendations[0]
    page = page_of(service, stream)
    assert "and check what they do." in words_of(page)
    assert "Show the full text" not in page.text
    assert page.text.count('<li class="tracker-lines">') == 2
    assert "<title>Train all officers, train" in page.text


def test_a_claim_alone_is_never_called_in_time(service: Service) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    record(service, stream, KENT, "claim_completion", evidence="It is.", on="2022-09-01")
    words = words_of(page_of(service, stream))
    assert "The force says that it is done, before the limit. This is not verified" in words
    assert "In time" not in words


def test_a_closure_without_a_claim_is_no_word_of_the_force(service: Service) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    followed_up(service, stream, "met")
    record(service, stream, INSPECTOR, "close", reason="verified", basis="Seen.", source="Visit")
    words = words_of(page_of(service, stream))
    assert "Closed as done, after the limit." in words
    assert "Closed: " in without_comments(words)
    assert "aid that it was done" not in words


def test_a_plan_that_was_waived_is_not_called_awaited(service: Service) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    record(service, stream, INSPECTOR, "waive_action_plan", reason="Small.", on="2022-08-14")
    words = words_of(page_of(service, stream))
    assert "Action plan not needed" in words
    assert "Inspectors waived the action plan." in words
    assert "awaited" not in words
    listed = service.client.get(f"/reports/{report_of(service, stream)}").text
    assert "Action plan not needed" in listed
    assert "awaited" not in listed


def report_of(service: Service, stream: str) -> str:
    """Return the report of a recommendation, once the register has its last step."""
    shown = service.get(f"/v1/recommendations/{stream}").json()
    assert service.get(f"/v1/recommendations?position={shown['position']}").is_success
    return str(shown["report"])


def test_a_closed_recommendation_has_no_deadline_running(service: Service) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    record(service, stream, INSPECTOR, "close", reason="withdrawn", basis="So.", on="2022-08-14")
    words = words_of(page_of(service, stream))
    deadlines = without_comments(words)
    assert deadlines.count("Ended when it was closed.") == 2
    assert "verdue" not in deadlines


def test_all_comments_under_section_55_are_shown_each_with_its_day(service: Service) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    for day, answer, comments in (
        ("2022-08-20", "act", "We asked at once."),
        ("2022-09-20", "no_action", "We changed our mind."),
    ):
        record(
            service, stream, KENT_BODY, "respond_under_section_55", answer=answer,
            explanation=comments, address="https://kent-pcc.example/55", on=day,
        )  # fmt: skip
    page = page_of(service, stream)
    body = words_of(page).split("What the local policing body said")[1]
    first, second = body.index("We asked at once."), body.index("We changed our mind.")
    assert body.index("20 August 2022") < first < body.index("20 September 2022") < second
    assert 'href="https://kent-pcc.example/55"' in page.text


def test_a_corrected_date_is_marked_with_what_it_was(service: Service) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    record(
        service, stream, KENT, "receive_action_plan", answer="act", content="So.", on="2022-09-30"
    )
    fix = {"step": 2, "field": "on", "was": "2022-09-30", "now": "2022-09-10", "why": "A slip."}
    record(service, stream, INSPECTOR, "correct", **fix)
    words = words_of(page_of(service, stream))
    assert "Date corrected. It was recorded first as: 30 September 2022." in words
    assert "10 September 2022" in words


def test_a_stale_decision_says_what_was_recorded_later(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    record(service, stream, INSPECTOR, "waive_action_plan", reason="Small.")
    fix = {"step": 1, "field": "text", "was": "Do it.", "now": "Do it well.", "why": "A slip."}
    record(service, stream, INSPECTOR, "correct", **fix)
    words = words_of(page_of(service, stream, signed_in[INSPECTOR]))
    assert "Text of step 1: from Do it. to Do it well." in words


def test_a_follow_up_is_shown_in_full_to_readers_of_the_history(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    record(service, stream, INSPECTOR, "waive_action_plan", reason="Small.")
    record(
        service, stream, INSPECTOR, "assign_follow_up", kind="reinspection", procedure="2025",
        window_from="2026-12", window_to="2027-02", assignee="inspector-2",
    )  # fmt: skip
    inside = words_of(page_of(service, stream, signed_in[INSPECTOR]))
    for part in ("A re-inspection", "2025", "December 2026", "February 2027", "inspector-2"):
        assert part in inside, part
    assert "inspector-2" not in words_of(page_of(service, stream))


def test_after_a_finding_that_is_not_met_the_force_acts_next(service: Service) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    followed_up(service, stream, "partly_met")
    words = words_of(page_of(service, stream))
    assert "Next action by: The force" in words
    assert "Half were trained. Source: Review of 2026, page 9" in words


def test_a_superseded_recommendation_links_to_what_replaced_it(service: Service) -> None:
    made = published(
        service, f"kent-{uuid4().hex}", issue("kent"), issue("kent", ordinal=2, text="Do better.")
    )
    first, second = made.recommendations
    record(
        service, first, INSPECTOR, "close", reason="superseded", basis="So.", superseded_by=second
    )
    page = page_of(service, first)
    assert f'href="/recommendations/{second}">Do better</a>' in page.text


def test_an_immediate_recommendation_has_no_last_day_and_asks_for_an_update(
    service: Service,
) -> None:
    stream = published(
        service, f"kent-{uuid4().hex}", issue("kent", time_limit="immediate")
    ).recommendations[0]
    words = words_of(page_of(service, stream))
    assert "Update on immediate action Nothing is on record yet." in words
    assert "The force. It needs to give its update on immediate action." in words
    record(service, stream, KENT, "receive_update", content="It is done.", on="2022-08-14")
    words = words_of(page_of(service, stream))
    assert "Time limit to act Immediately." in words
    assert "Nothing is on record yet" not in without_comments(words)
    assert "verdue" not in without_comments(words)
    assert "Not due yet" not in without_comments(words)


def without_comments(words: str) -> str:
    """Return the deadlines on a page but that of the local policing body's comments."""
    deadlines = words[words.index("Deadlines") : words.index("Every step, in order of date")]
    before, _, after = deadlines.partition("Local policing body's comments")
    return before + after[after.index("Time limit to act") :]


def followed_up(service: Service, stream: str, finding: str) -> None:
    record(service, stream, INSPECTOR, "waive_action_plan", reason="Small.")
    record(service, stream, INSPECTOR, "assign_follow_up", kind="monitoring", procedure="2025")
    record(
        service, stream, INSPECTOR, "report_follow_up", finding=finding,
        passage="Half were trained.", source="Review of 2026, page 9",
    )  # fmt: skip


def test_a_second_inspector_agrees_to_close_what_was_not_found_met(
    service: Service, signed_in: dict[Actor, Browser]
) -> None:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    followed_up(service, stream, "partly_met")
    record(service, stream, KENT, "claim_completion", evidence="All are trained now.")
    first, second = signed_in[INSPECTOR], signed_in[OTHER_INSPECTOR]
    close = f"/recommendations/{stream}/record/close"
    form = words_of(first.get(close))
    assert "The last finding on record is: partly met." in form
    assert "takes two inspectors" in form
    for part in ("Half were trained.", "Review of 2026, page 9", "All are trained now."):
        assert part in form, part
    assert "Propose to close it as verified" in words_of(page_of(service, stream, first))
    record(service, stream, INSPECTOR, "propose_closure", basis="Seen.", source="Visit of 2026")
    assert "You proposed it at step 6" in words_of(first.get(close))
    assert posted(first.get(close)).fields["proposal"] == ""
    page = words_of(page_of(service, stream, second))
    assert "Agree to the proposed closure, or close it for another reason" in page
    assert "Decline the proposed closure" in page
    assert "Decline the proposed closure" not in words_of(page_of(service, stream, first))
    assert "Next action by: Inspectors. One proposed to close it as verified." in page
    assert "proposed to close" not in words_of(page_of(service, stream))
    answer = second.get(close)
    assert "It was proposed at step 6" in words_of(answer)
    fields = posted(answer).fields
    assert (fields["proposal"], fields["reason"]) == ("6", "verified")
    assert fields["source"] == "Visit of 2026"


def test_a_superseded_recommendation_and_its_successor_link_to_each_other(service: Service) -> None:
    former, successor = published(
        service,
        f"kent-{uuid4().hex}",
        issue(text="Train some."),
        issue(ordinal=2, text="Train all."),
    ).recommendations
    close = {"reason": "superseded", "basis": "Asked anew.", "superseded_by": successor}
    done = command(service, former, INSPECTOR, "close", **close)
    assert done.status_code == 201, done.text
    service.get(f"/v1/recommendations?position={done.json()['position']}")
    listed = service.get(f"/v1/recommendations?superseded_by={successor}").json()["items"]
    assert [item["id"] for item in listed] == [former]
    assert f'It was replaced by: <a class="govuk-link" href="/recommendations/{successor}">' in (
        service.client.get(f"/recommendations/{former}").text
    )
    assert (
        f'It replaces: <a class="govuk-link" href="/recommendations/{former}">Train some</a>'
        in (service.client.get(f"/recommendations/{successor}").text)
    )
