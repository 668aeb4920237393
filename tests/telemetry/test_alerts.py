"""Alert rules and dashboard: valid, on metrics that exist, with a page of the runbook each."""

import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from adapters.postgres.database import Database
from adapters.telemetry.database_metrics import DatabaseMetrics
from adapters.telemetry.metrics import REGISTRY

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "deploy" / "monitoring"
RUNBOOK = ROOT / "docs" / "runbook"
SUFFIX = re.compile(r"_(total|count|sum|bucket)$")


class Target(Struct):
    expr: str


class Panel(Struct):
    title: str
    targets: list[Target]


class Dashboard(Struct):
    panels: list[Panel]


def alerts() -> list[str]:
    return re.findall(r"- alert: (\w+)", (MONITORING / "alerts.yaml").read_text())


def names_in(text: str) -> set[str]:
    return {SUFFIX.sub("", name) for name in re.findall(r"\btracker_\w+", text)}


def test_alerts_and_dashboard_use_metrics_that_exist(database: Database) -> None:
    there = {metric.name for metric in REGISTRY.collect()}
    there |= {metric.name for metric in DatabaseMetrics(database, {}).collect()}
    rules = "\n".join(
        line
        for line in (MONITORING / "alerts.yaml").read_text().splitlines()
        if "runbook:" not in line
    )
    dashboard = msgspec.json.decode((MONITORING / "dashboard.json").read_bytes(), type=Dashboard)
    shown = " ".join(target.expr for panel in dashboard.panels for target in panel.targets)
    assert names_in(rules) <= there
    assert names_in(shown) <= there
    untold = there - names_in(rules) - names_in(shown)
    assert untold == {"tracker_schema_step"}


def test_each_alert_has_its_page_and_each_page_its_alert() -> None:
    pages = {file.stem for file in RUNBOOK.glob("Tracker*.md")}
    assert pages == set(alerts())
    listed = re.findall(
        r"\| \[(\w+)\]\((\w+)\.md\) \| (\w+) \|", (RUNBOOK / "README.md").read_text()
    )
    assert sorted((name, file) for name, file, _ in listed) == sorted((a, a) for a in alerts())
    text = (MONITORING / "alerts.yaml").read_text()
    for name, _, severity in listed:
        rule = text.partition(f"alert: {name}\n")[2].partition("- alert:")[0]
        assert f"severity: {severity}" in rule
        assert f"runbook: docs/runbook/{name}.md" in rule


def test_the_runbook_names_only_what_exists() -> None:
    text = "".join(file.read_text() for file in RUNBOOK.glob("*.md"))
    views = set(re.findall(r"operator\.(\w+)", text))
    made = "".join(
        file.read_text() for file in (ROOT / "adapters" / "postgres" / "migrations").glob("*.sql")
    )
    assert views <= set(re.findall(r"VIEW operator\.(\w+)", made))
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (RUNBOOK / link).exists(), link


@pytest.mark.parametrize(
    "words",
    [
        ("check", "rules", "alerts.yaml"),
        ("test", "rules", "alerts_test.yaml"),
        ("check", "config", "prometheus.yaml"),
    ],
)
def test_prometheus_accepts_the_rules(words: tuple[str, ...]) -> None:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (Debian: apt install prometheus)")
    checked = subprocess.run(  # noqa: S603  our own words, read by no shell
        [program, *words], cwd=MONITORING, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
