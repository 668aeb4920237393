"""Comparisons for auditors: of two days, and of one day as known then and now."""

import re
from collections import Counter
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import APP, Database
from api.cli.main import main
from domain.commands.common import Correct
from domain.recommendation.state import Stage
from domain.vocabulary.dates import LONDON
from tests.pages.test_pages import check, read
from tests.support.data import tables
from tests.support.data.examples import issue, submit
from tests.support.data.examples import published as recorded
from tests.support.data.lives import Clock
from tests.support.served.serving import Served, Service, published, serving

pytestmark = pytest.mark.slow

FIGURES = ("total", "open", "overdue", "claimed")


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True)


def asked(service: Service, path: str, **params: str) -> Any:  # noqa: ANN401  as JSON is
    answer = service.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def listed(service: Service, **params: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = asked(service, "/v1/recommendations", limit="500", **params, **cursor)
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


def recounted(items: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of a list of the register."""
    standings = [one["standing"] for one in items]
    stages = Counter(one["stage"] for one in standings)
    reasons = Counter(one["closed_reason"] for one in standings if one["closed_reason"])
    known = len(items) - stages["not_known"]
    limited = sum(bool(one["due"]) and one["stage"] != "closed" for one in standings)
    all_closed = bool(items) and stages["closed"] == len(items)

    def of_known(number: int, base: object) -> int | None:
        return number if number or base else None

    return {
        "total": len(items),
        "open": of_known(known - stages["closed"], known),
        "limited": of_known(limited, known),
        "overdue": of_known(sum(bool(one["overdue"]) for one in items), limited or all_closed),
        "claimed": of_known(sum(one["claimed_on"] is not None for one in standings), known),
        "stages": dict(stages),
        "closed": dict(reasons),
    }


def without_nothing(tally: dict[str, Any]) -> dict[str, Any]:
    """The same without what there is none of."""
    kept = {name: {k: n for k, n in tally[name].items() if n} for name in ("stages", "closed")}
    return {**tally, **kept}


def place(item: dict[str, Any] | None) -> dict[str, Any] | None:
    """What is compared of a line of the register."""
    if item is None:
        return None
    one = item["standing"]
    return {
        "stage": one["stage"],
        "closed_reason": one["closed_reason"],
        "time_limit": one["time_limit"],
        "overdue": item["overdue"],
        "claimed": True if one["claimed_on"] else None if one["stage"] == "not_known" else False,
    }


def differing(service: Service, path: str, **params: str) -> list[dict[str, Any]]:
    """What differs, page by page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = asked(service, path, limit="7", **params, **cursor)
        assert len(page["items"]) == 7 if page["next"] else len(page["items"]) <= 7
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


DAYS = [("2014-01-01", "2026-11-01"), ("2018-06-30", "2023-03-31"), ("2022-08-04", "2022-08-05")]


@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize(("since", "on"), DAYS)
@pytest.mark.parametrize("force", ["", "essex"])
def test_a_comparison_equals_the_register_lists_of_both_days(
    service: Service, since: str, on: str, force: str
) -> None:
    of = {"force": force} if force else {}
    told = asked(service, "/v1/compare", since=since, on=on, **of)
    before, after = (
        {one["id"]: one for one in listed(service, on=day, **of)} for day in (since, on)
    )
    assert without_nothing(told["figures"]["before"]) == recounted([*before.values()])
    assert without_nothing(told["figures"]["after"]) == recounted([*after.values()])
    found = {one["id"]: one for one in differing(service, "/v1/compare", since=since, on=on, **of)}
    there = {
        id_: (place(before.get(id_)), place(after.get(id_))) for id_ in before.keys() | after.keys()
    }
    expected = {id_: both for id_, both in there.items() if both[0] != both[1]}
    assert {id_: (one["before"], one["after"]) for id_, one in found.items()} == expected
    assert found, "so that something was compared"
    references = [one["reference"] for one in found.values()]
    assert references == sorted(references)


@pytest.mark.usefixtures("lived")
def test_the_differences_of_forces_add_up_to_the_total_difference(service: Service) -> None:
    told = asked(service, "/v1/compare", since="2018-06-30", on="2023-03-31")
    assert len(told["forces"]) > 3
    for name in FIGURES:
        after, before = (
            sum(of[view][name] or 0 for of in told["forces"].values())
            for view in ("after", "before")
        )
        every = told["figures"]
        difference = (every["after"][name] or 0) - (every["before"][name] or 0)
        assert after - before == difference, name


@pytest.mark.usefixtures("lived")
def test_each_difference_agrees_with_the_recommendation_on_both_days(service: Service) -> None:
    since, on = "2018-06-30", "2026-11-01"
    found = differing(service, "/v1/compare", since=since, on=on)
    for one in found[:40]:
        for day, told in ((since, one["before"]), (on, one["after"])):
            answer = service.get(f"/v1/recommendations/{one['id']}?on={day}")
            assert (answer.status_code == 404) is (told is None), one
            if told:
                shown = answer.json()
                assert (shown["stage"], shown["time_limit"]) == (
                    told["stage"],
                    told["time_limit"],
                )
                assert (shown["claimed"] is not None) is bool(told["claimed"])


def by_force(item: dict[str, Any]) -> tuple[str | int, str]:
    return item["force"], item["reference"]


def by_stage(item: dict[str, Any]) -> tuple[str | int, str]:
    later = item["after"]
    place = [*Stage].index(Stage(later["stage"])) if later else len(Stage)
    return place, item["reference"]


@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize(
    ("path", "days"),
    [
        ("/compare", {"since": "2018-06-30", "on": "2023-03-31"}),
        ("/restatement", {"on": "2023-03-31", "known_by": "2020-01-01"}),
    ],
)
@pytest.mark.parametrize(
    ("order", "key", "words"),
    [("force", by_force, "force"), ("stage", by_stage, "stage after the change")],
)
def test_every_order_of_a_comparison_lists_each_difference_once(
    service: Service,
    *,
    path: str,
    days: dict[str, str],
    order: str,
    key: Callable[[dict[str, Any]], tuple[str | int, str]],
    words: str,
) -> None:
    to_both = [issue("kent", ordinal=1), issue("essex", ordinal=2)]
    made = published(service, f"both-{path[1:]}-{order}", *to_both)
    days = {**days, "position": str(made.position)}
    every = differing(service, f"/v1{path}", **days)
    assert len({by_stage(item)[0] for item in every}) > 1
    found = differing(service, f"/v1{path}", **days, order=order)
    assert found == sorted(every, key=key) != every
    second = asked(service, f"/v1{path}", **days, order=order, limit="7", page="2")
    assert second["items"] == found[7:14]
    rows = tables.read_csv(service.get(f"/v1{path}.csv", params=days | {"order": order}).content)
    assert [row["id"] for row in rows] == [item["id"] for item in found]
    query = urlencode({**days, "order": order})
    page = read(service, f"{path}?{query}")
    assert f"Sorted by {words}." in page
    assert f'<input type="hidden" name="order" value="{order}">' in page
    led = check(path, page).links
    shown = [re.match(r"/recommendations/([0-9a-f-]{36})$", link) for link in led]
    assert [one[1] for one in shown if one][:5] == [item["id"] for item in found[:5]]
    assert [link for link in led if link.startswith(f"{path}?") and f"order={order}" in link]
    refused = service.get(f"/v1{path}?order=colour")
    assert refused.json()["errors"][0]["parameter"] == "order"
    assert "cannot be sorted in that way" in read(service, f"{path}?order=colour", 400)


@pytest.mark.usefixtures("lived")
def test_a_day_compared_with_itself_has_no_difference(service: Service) -> None:
    told = asked(service, "/v1/compare", since="2023-03-31", on="2023-03-31")
    assert told["figures"]["before"] == told["figures"]["after"]
    assert (told["items"], told["forces"], told["next"]) == ([], {}, None)


def test_the_training_force_is_compared_only_on_request(service: Service) -> None:
    made = published(service, "training-audit-2022", issue("training"), force="training")
    days = {"since": "2022-08-04", "on": "2022-08-05", "position": str(made.position)}
    every = differing(service, "/v1/compare", **days)
    asked_for = differing(service, "/v1/compare", **days, force="training")
    assert "training" not in {one["force"] for one in every}
    assert [one["force"] for one in asked_for] == ["training"]


@pytest.mark.usefixtures("lived")
def test_a_day_without_later_records_has_no_restatement(service: Service) -> None:
    """All that is known was known by the end of today."""
    today = datetime.now(UTC).astimezone(LONDON).date().isoformat()
    told = asked(service, "/v1/restatement", on="2023-03-31", known_by=today)
    assert told["figures"]["before"] == told["figures"]["after"]
    assert told["figures"]["after"]["total"] > 10
    assert (told["items"], told["forces"]) == ([], {})
    shown = read(service, f"/restatement?on=2023-03-31&known_by={today}")
    assert "Nothing recorded or corrected later" in shown


@pytest.fixture
def restated(database: Database) -> Generator[Service]:
    """Two recommendations recorded in January, and in February a mistake in one of them mended."""
    clock = Clock()
    clock.now = datetime(2026, 1, 5, 12, tzinfo=UTC)
    with Ledger(environment(database.conninfo(APP), pool=2), clock) as ledger:
        stream = recorded(ledger, issue(), issue(ordinal=2))
        clock.now = datetime(2026, 2, 1, 12, tzinfo=UTC)
        fix = Correct(step=1, field="time_limit", was="months:3", now="months:1", why="Misread.")
        submit(ledger, stream, fix)
    with serving(database) as opened:
        yield opened


def test_a_restatement_shows_what_a_correction_changed_about_a_day(restated: Service) -> None:
    told = asked(restated, "/v1/restatement", on="2022-09-20", known_by="2026-01-31")
    assert [one["reference"] for one in told["items"]] == ["kent-ncpi-2022-r01"]
    was, now = told["items"][0]["before"], told["items"][0]["after"]
    assert (was["time_limit"], was["overdue"]) == ("months:3", False)
    assert (now["time_limit"], now["overdue"]) == ("months:1", True)
    before, after = told["figures"]["before"], told["figures"]["after"]
    assert (before["overdue"], after["overdue"], before["total"], after["total"]) == (0, 1, 2, 2)
    assert list(told["forces"]) == ["kent"]
    shown = read(restated, "/restatement?on=2022-09-20&known_by=2026-01-31")
    check("restatement", shown)
    for text in (
        "Before: Within 3 months. After: Within 1 month.",
        "Before: No. After: Yes.",
        ">+1<",
    ):
        assert text in shown, text


@pytest.mark.parametrize(
    ("on", "overdue"), [("2022-08-20", False), ("2022-09-05", False), ("2022-09-06", True)]
)
def test_a_changed_time_limit_is_a_restatement_even_if_not_overdue(
    restated: Service, on: str, *, overdue: bool
) -> None:
    told = asked(restated, "/v1/restatement", on=on, known_by="2026-01-31")
    (one,) = told["items"]
    assert one["before"] == {**one["after"], "time_limit": "months:3", "overdue": False}
    assert (one["after"]["time_limit"], one["after"]["overdue"]) == ("months:1", overdue)
    assert told["figures"]["after"]["overdue"] == int(overdue)


def test_a_restatement_leaves_out_what_was_known_or_had_not_begun(restated: Service) -> None:
    for on, by, count in (
        ("2022-09-20", "2026-02-01", 0),
        ("2022-08-04", "2026-01-31", 0),
        ("2022-09-20", "2026-01-05", 1),
        ("2022-09-20", "2026-01-04", 2),
    ):
        told = asked(restated, "/v1/restatement", on=on, known_by=by)
        assert len(told["items"]) == count, (on, by)
    early = asked(restated, "/v1/restatement", on="2022-09-20")
    assert [one["before"] for one in early["items"]] == [None, None], "by the end of that day"
    late = asked(
        restated,
        "/v1/restatement",
        on="2022-09-20",
        known_by="2026-01-04",
        known_at="2026-01-06T00:00:00Z",
    )
    assert {one["after"]["time_limit"] for one in late["items"]} == {"months:3"}


@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize(
    "path",
    [
        "/compare",
        "/compare?since=2018-06-30&on=2023-03-31",
        "/compare?since=2014-01-01&on=2026-11-01&force=essex",
        "/compare?since-day=1&since-month=1&since-year=2020&on-day=&on-month=&on-year=&force=",
        "/restatement",
        "/restatement?on=2023-03-31",
        "/restatement?on=2023-03-31&known_by-day=31&known_by-month=3&known_by-year=2024",
    ],
)
def test_every_figure_of_a_comparison_leads_to_as_many_recommendations(
    service: Service, path: str
) -> None:
    shown = read(service, path)
    check(path, shown)
    figures = re.findall(r'data-head="[^"]*"><a class="govuk-link" href="([^"]+)">(\d+)</a>', shown)
    assert figures
    for address, number in figures:
        query = parse_qs(urlsplit(unescape(address)).query)
        params = {name: values[0] for name, values in query.items()}
        assert len(listed(service, **params)) == int(number), address


@pytest.mark.usefixtures("lived")
def test_a_comparison_is_paged_and_links_to_both_days(service: Service) -> None:
    path, found = "/compare?since=2018-06-30&on=2023-03-31", list[str]()
    while path:
        text = read(service, path)
        outline = check(path, text)
        both = [link for link in outline.links if re.match(r"/recommendations/[0-9a-f]", link)]
        found += [link for link in both if "?" not in link]
        for link in both:
            read(service, link)
        following = re.search(r'href="([^"]*)" rel="next"', text)
        path = unescape(following[1]) if following else ""
    told = differing(service, "/v1/compare", since="2018-06-30", on="2023-03-31")
    assert found == [f"/recommendations/{one['id']}" for one in told]
    assert len(found) > 20, "more than one page"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/compare?since-day=31&since-month=2&since-year=2023", "since-day"),
        ("/compare?since-day=1&since-month=1&since-year=99999999999", "since-year"),
        ("/compare?since=2023-04-01&on=2023-03-31", "since-day"),
        ("/compare?since=2999-01-01", "since-day"),
        ("/compare?since=soon", "since-day"),
        ("/compare?on=2999-01-01", "on-day"),
        ("/compare?known-day=31&known-month=12&known-year=9999", "known-year"),
        ("/compare?force=atlantis", "force"),
        ("/restatement?on-day=x&on-month=1&on-year=2020", "on-day"),
        ("/restatement?known_by=9999-12-31", "known_by-day"),
        ("/restatement?known_by-day=0&known_by-month=1&known_by-year=2020", "known_by-day"),
        ("/restatement?force=atlantis", "force"),
    ],
)
def test_an_error_in_a_comparison_form_is_shown_beside_its_field(
    service: Service, path: str, field: str
) -> None:
    shown = read(service, path, 400)
    outline = check(path, shown)
    assert f'href="#{field}"' in shown
    assert field in outline.ids
    assert "<table" not in shown, "nothing is shown in place of what was asked"
    query = urlsplit(path).query
    if "-day" not in query:
        assert service.get(f"/v1{path}").status_code == 400


def test_comparisons_with_the_ends_of_the_calendar_do_no_harm(service: Service) -> None:
    for path in ("compare?on=0001-01-01", "compare?since=0001-01-01", "restatement?on=0001-01-01"):
        assert service.get(f"/v1/{path}").status_code == 200, path
        check(path, read(service, f"/{path}"))
    for path in ("compare?on=9999-12-31", "restatement?known_by=9999-12-31"):
        assert service.get(f"/v1/{path}").status_code == 400, path


def test_the_about_page_leads_auditors_to_comparisons_and_verification(service: Service) -> None:
    led = check("/about", read(service, "/about")).links
    assert {"/compare", "/restatement", "/about/verify"} <= set(led)
    shown = read(service, "/about/verify")
    check("/about/verify", shown)
    commands = set(re.findall(r"<code>tracker (\w+)", shown))
    assert commands == {"check", "export"}
    assert commands <= set(main.commands), "only what there is"


def test_a_comparison_and_a_list_of_claims_are_counted_and_paged_by_numbers(
    service: Service,
) -> None:
    path = "/compare?since=2000-01-01"
    whole = service.get(f"/v1{path}&limit=500").json()["items"]
    assert len(whole) > 2
    shown = service.get(f"{path}&limit=1&page=2", None)
    assert f"Showing 2 to 2 of {len(whole)}</strong>" in shown.text
    assert "Sorted by reference." in shown.text
    assert 'rel="prev"' in shown.text
    second = service.get(f"/v1{path}&limit=1&page=2").json()["items"]
    assert second == whole[1:2]
