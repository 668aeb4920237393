"""Traces: one for each request, to the end of its append, without anybody's text."""

import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from adapters.ledger.ledger import Ledger
from adapters.postgres.database import Database
from adapters.secret_files import SettingsError
from adapters.settings import read
from tests.support.data.examples import INSPECTOR, published
from tests.support.served.serving import serving, settings

TRACE = uuid4().hex


class Collector(ThreadingHTTPServer):
    """A collector of OpenTelemetry (OTLP over HTTP) that keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Receive)
        self.bodies: list[tuple[str, bytes]] = []

    def spans(self) -> list[Span]:
        return [
            span
            for path, body in self.bodies
            if path == "/v1/traces"
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def metrics(self) -> set[str]:
        return {
            metric.name
            for path, body in self.bodies
            if path == "/v1/metrics"
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


class _Receive(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Collector)
        self.server.bodies.append((self.path, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        pass


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Generator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        yield server
        server.shutdown()
        thread.join()


def attributes(span: Span) -> dict[str, str]:
    return {pair.key: pair.value.string_value for pair in span.attributes}


def test_a_command_is_traced_from_its_caller_to_its_append(
    database: Database, ledger: Ledger, collector: Collector
) -> None:
    canary = f"canary-{uuid4()}"
    stream = published(ledger)
    with serving(database, chosen=settings(TRACKER_OTEL="on")) as service:
        service.get(f"/search?q={canary}")
        answer = service.post(
            f"/v1/recommendations/{stream}/commands",
            {"type": "comment", "comment": canary},
            INSPECTOR,
            traceparent=f"00-{TRACE}-00f067aa0ba902b7-01",
        )
    assert answer.status_code == 201
    spans = collector.spans()
    requests = [span for span in spans if span.name == "POST /v1/recommendations/{stream}/commands"]
    request = requests[-1]
    assert request.trace_id.hex() == TRACE
    assert attributes(request)["tracker.request_id"] == answer.headers["X-Request-Id"]
    appends = [span for span in spans if span.name == "append"]
    assert request.span_id in {span.parent_span_id for span in appends}
    assert any(span.name == "follow" for span in spans)
    assert {"tracker_commands", "tracker_request_seconds_count"} <= collector.metrics()
    assert all(canary.encode() not in body for _, body in collector.bodies)


def test_nothing_is_traced_unless_it_is_asked_for(
    database: Database, ledger: Ledger, collector: Collector
) -> None:
    published(ledger)
    with serving(database) as service:
        assert service.get("/v1/forces").status_code == 200
    assert collector.bodies == []


def test_tracing_is_on_or_off() -> None:
    with pytest.raises(SettingsError, match="TRACKER_OTEL"):
        read({"TRACKER_OTEL": "yes"})
