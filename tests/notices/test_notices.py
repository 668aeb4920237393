"""Notices, page by page: each step once, in order; full pages for ever; nothing private in them."""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx
import msgspec
import pytest
from jsonschema import Draft7Validator, FormatChecker

from adapters.clock import now
from adapters.ledger.codec import tag_of
from adapters.notices import reading
from api.pages.rendering import timeline
from api.v1.notices import pages
from domain.access.notices import ABOUT_OTHERS, is_told
from domain.events.event import Event
from domain.events.report import AreaNoted, ReportPublished
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry, Stamp
from tests.domain.test_records import FULL
from tests.support.data.examples import INSPECTOR, KENT, KENT_BODY, OTHER_INSPECTOR, issue
from tests.support.served.serving import (
    AUDITOR,
    ESSEX_BODY,
    REPORTING,
    Published,
    Service,
    command,
    published,
)

pytestmark = pytest.mark.slow

PATH = "/v1/notices"
SMALL = 8
"""The positions of a page, so that there are some."""
NULLABLE = {"type": ["string", "null"], "minLength": 1}
CLOUD_EVENT = Draft7Validator(
    {
        "type": "object",
        "required": ["id", "source", "specversion", "type"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "source": {"type": "string", "format": "uri-reference", "minLength": 1},
            "specversion": {"const": "1.0"},
            "type": {"type": "string", "minLength": 1},
            "datacontenttype": NULLABLE,
            "dataschema": {**NULLABLE, "format": "uri"},
            "subject": NULLABLE,
            "time": {**NULLABLE, "format": "date-time"},
            "data": {"type": ["object", "string", "number", "array", "boolean", "null"]},
        },
        "propertyNames": {"pattern": "^[a-z0-9]{1,20}$"},
        "additionalProperties": {"type": ["string", "boolean", "integer"]},
    },
    format_checker=FormatChecker(["uri", "uri-reference", "date-time"]),
)
"""The rules of CloudEvents 1.0.2: its JSON schema, the names and the types of attributes."""


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "POSITIONS", SMALL)
    monkeypatch.setattr(pages, "POSITIONS", SMALL)


@pytest.fixture(scope="module")
def kents(service: Service) -> Published:
    """A recommendation with published, private and corrected steps; it fills some pages."""
    made = published(service, "kent-notices-2022", issue(), issue(ordinal=2), issue(ordinal=3))
    stream = made.recommendations[0]
    for actor, tag, fields in (
        (KENT, "receive_action_plan", {"answer": "act", "content": "We will."}),
        (KENT, "name_owner", {"owner": "Head of crime"}),
        (KENT, "comment", {"comment": "Between us."}),
        (INSPECTOR, "review_action_plan", {"outcome": "accepted"}),
        (INSPECTOR, "assign_follow_up", {"kind": "monitoring", "procedure": "2020"}),
        (KENT, "report_progress", {"progress": "Half of it."}),
        (KENT, "claim_completion", {"evidence": "All of it."}),
        (KENT_BODY, "respond_under_section_55", {"answer": "act", "explanation": "Funded."}),
        (INSPECTOR, "return_claim", {"reason": "Not yet."}),
    ):
        assert command(service, stream, actor, tag, **fields).status_code == 201
    corrected = {"step": 1, "field": "area", "was": "leadership", "now": "investigation"}
    assert command(service, stream, INSPECTOR, "correct", **corrected, why="-").status_code == 201
    hidden = {"step": 6, "field": "procedure", "was": "2020", "now": "2021", "why": "-"}
    assert command(service, stream, INSPECTOR, "correct", **hidden).status_code == 201
    published(service, "training-notices-2026", issue("training"), force="training")
    return made


def walk(service: Service, actor: Actor | None = None, **params: str) -> list[dict[str, Any]]:
    """Return the notices of every page, from the first to the latest, as links lead."""
    items: list[dict[str, Any]] = []
    address: str | None = str(httpx.URL(PATH, params={**params, "page": "1"}))
    while address:
        page = service.get(address, actor).json()
        items += page["items"]
        address = page["next"]
    return items


def of_stream(notices: Sequence[dict[str, Any]], stream: str) -> list[str]:
    return [notice["data"]["tag"] for notice in notices if notice["data"]["id"] == stream]


def test_pages_have_each_published_step_once_and_in_order(
    service: Service, kents: Published
) -> None:
    notices = walk(service)
    positions = [notice["data"]["position"] for notice in notices]
    assert positions == sorted(set(positions))
    assert [notice["sequence"] for notice in notices] == sorted(n["sequence"] for n in notices)
    assert of_stream(notices, kents.recommendations[0]) == [
        f"recommendation.{name}"
        for name in (
            "issued", "action_plan_received", "action_plan_reviewed", "follow_up_assigned",
            "completion_claimed", "section_55_responded", "claim_returned", "corrected",
        )
    ]  # fmt: skip
    assert of_stream(notices, kents.id) == ["report.published"]


def test_every_notice_is_a_cloud_event(service: Service, kents: Published) -> None:
    for notice in walk(service, INSPECTOR):
        CLOUD_EVENT.validate(notice)  # pyright: ignore[reportUnknownMemberType]
        assert UUID(notice["id"]) == uuid5(UUID(notice["data"]["id"]), str(notice["data"]["step"]))
        assert notice["type"] == f"tracker.{notice['data']['tag']}"
    first = walk(service)[0]
    assert service.get(first["subject"]).json()["id"] == first["data"]["id"] == kents.id
    assert service.get(first["data"]["state"]).is_success
    schema = service.get("/v1/openapi.json").json()["components"]["schemas"]["NoticeData"]
    assert first["dataschema"] == f"{service.url}/v1/openapi.json#/components/schemas/NoticeData"
    assert set(schema["properties"]) == set(first["data"])


@pytest.mark.usefixtures("kents")
def test_a_full_page_is_the_same_for_ever_and_says_so(service: Service) -> None:
    last = service.get(PATH).json()
    before = service.get(last["previous"])
    assert before.json()["complete"]
    assert before.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert service.get(PATH).headers["Cache-Control"] != before.headers["Cache-Control"]
    published(service, f"kent-later-{uuid4().hex}-2022")
    after = service.get(last["previous"])
    assert (after.content, after.headers["ETag"]) == (before.content, before.headers["ETag"])
    unchanged = service.get(last["previous"], If_None_Match=before.headers["ETag"])
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_suppression_changes_no_page_and_adds_a_notice(
    service: Service, kents: Published
) -> None:
    stream = kents.recommendations[1]
    full = [service.get(f"{PATH}?page={n}").content for n in (1, 2)]
    asked = {"step": 1, "field": "text", "ground": "safeguarding", "why": "A name."}
    step = command(service, stream, INSPECTOR, "request_suppression", **asked).json()["step"]
    approval = {"request": step, "step": 1, "field": "text"}
    assert command(service, stream, OTHER_INSPECTOR, "approve_suppression", **approval).is_success
    assert [service.get(f"{PATH}?page={n}").content for n in (1, 2)] == full
    assert b"Do it." not in full[0]
    assert of_stream(walk(service), stream)[-1] == "recommendation.suppression_approved"


def test_readers_of_a_history_have_each_of_its_steps_and_nobody_else(
    service: Service, kents: Published
) -> None:
    stream = kents.recommendations[0]
    public = of_stream(walk(service), stream)
    for actor in (KENT, KENT_BODY, INSPECTOR, AUDITOR):
        notices = walk(service, actor)
        assert len(of_stream(notices, stream)) > len(public)
        assert "recommendation.commented" in of_stream(notices, stream)
        assert not any(notice["data"]["tag"].startswith("access.") for notice in notices)
    for outsider in (ESSEX_BODY, REPORTING):
        assert of_stream(walk(service, outsider), stream) == public
    private = service.get(PATH, KENT)
    assert private.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("kents")
def test_a_filter_leaves_out_others_and_training_is_only_on_request(service: Service) -> None:
    every = walk(service)
    assert {notice["data"]["force"] for notice in every} == {"kent"}
    assert walk(service, force="essex") == []
    of_reports = walk(service, about="report")
    assert of_reports == [n for n in every if n["data"]["about"] == "report"] != []
    training = walk(service, training="true", force="training")
    assert {(n["data"]["force"], n["data"]["training"]) for n in training} == {("training", True)}


@pytest.mark.usefixtures("kents")
def test_a_position_leads_to_the_page_on_which_it_goes_on(service: Service) -> None:
    pages_after = {after: service.get(f"{PATH}?after={after}").json()["page"] for after in (0, 8)}
    assert pages_after == {0: 1, 8: 2}


@pytest.mark.usefixtures("kents")
def test_a_batch_is_the_bare_list_with_links(service: Service) -> None:
    page = service.get(f"{PATH}?page=1")
    batch = service.get(f"{PATH}?page=1", Accept="application/cloudevents-batch+json")
    assert batch.headers["Content-Type"] == "application/cloudevents-batch+json"
    assert batch.json() == page.json()["items"]
    assert batch.headers["Link"] == page.headers["Link"]
    assert 'rel="next"' in batch.headers["Link"]
    assert batch.headers["ETag"] != page.headers["ETag"]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("lineage=6f7ad2ff-9710-4227-90bc-48690f3985eb", 404, "another lineage"),
        ("page=100000", 404, "no page 100000 yet"),
        ("page=0", 400, "page"),
        ("after=100000", 404, "no page 12501 yet"),
        ("force=camelot", 400, "no force camelot"),
        ("force=kent&training=true", 400, "not a training force"),
        ("about=force", 400, "about"),
    ],
)
def test_a_page_that_is_none_is_refused_in_words(
    service: Service, query: str, status: int, words: str
) -> None:
    answer = service.get(f"{PATH}?{query}")
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def events() -> Iterator[Event]:
    """Yield one event of each type."""
    yield from (msgspec.json.decode(line, type=Event) for line in FULL)


def test_the_public_is_told_of_the_steps_that_have_words_on_pages() -> None:
    for event in events():
        if not isinstance(event, ABOUT_OTHERS):
            has_words = timeline.published_words(event) is not None
            has_words |= isinstance(event, ReportPublished | AreaNoted)  # in words of the feed
            assert is_told([entry_of(event)]) == has_words, tag_of(event)


def entry_of(event: Event) -> Entry[Event]:
    stamp = Stamp(INSPECTOR.id, INSPECTOR.role, now(), "2022-08-05")
    return Entry(uuid4(), 1, uuid4(), stamp, event)


def test_no_notice_has_a_text_or_a_person(service: Service, kents: Published) -> None:
    shown = json.dumps(walk(service, AUDITOR))
    for private in ("Do it.", "We will.", "Head of crime", "Between us.", INSPECTOR.id, KENT.id):
        assert private not in shown
    assert kents.id in shown
