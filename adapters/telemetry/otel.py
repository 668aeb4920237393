"""OpenTelemetry: spans and metrics sent by OTLP over HTTP. Needs the extra `otel`.

OpenTelemetry's own variables say where to and how often, such as OTEL_EXPORTER_OTLP_ENDPOINT.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry

from adapters.telemetry.metrics import REGISTRY
from adapters.telemetry.traces import Describe, trace_by

SERVICE = "recommendation-tracker"
FAULT = 500
"""The first status that is a fault of the service."""
_PROPAGATOR = TraceContextTextMapPropagator()


class OpenTelemetryTracer:
    """The tracer of a provider."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer(SERVICE)

    def span(self, name: str, size: int) -> AbstractContextManager[object]:
        """As `Tracer.span`."""
        return self._tracer.start_as_current_span(name, attributes={"tracker.size": size})

    @contextmanager
    def request(self, traceparent: str) -> Generator[Describe]:
        """As `Tracer.request`; describes it by OpenTelemetry's conventions for HTTP."""
        context = _PROPAGATOR.extract({"traceparent": traceparent})
        with self._tracer.start_as_current_span(
            "request", context, SpanKind.SERVER, record_exception=False
        ) as current:

            def describe(method: str, route: str, status: int, request_id: str) -> None:
                current.update_name(f"{method} {route}")
                current.set_attributes(
                    {
                        "http.request.method": method,
                        "http.route": route,
                        "http.response.status_code": status,
                        "tracker.request_id": request_id,
                    }
                )
                if status >= FAULT:
                    current.set_status(Status(StatusCode.ERROR))

            yield describe


@contextmanager
def sending() -> Generator[None]:
    """Send spans and metrics until the context ends, the last of them at its end."""
    resource = Resource.create({"service.name": SERVICE})
    spans = TracerProvider(resource=resource)
    spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource)
    _observe(meters, REGISTRY)
    trace_by(OpenTelemetryTracer(spans))
    try:
        yield
    finally:
        trace_by(None)
        spans.shutdown()
        meters.shutdown()


def _observe(meters: MeterProvider, registry: CollectorRegistry) -> None:
    """Let OpenTelemetry read the metrics of a registry: of a histogram its count and its sum."""
    meter = meters.get_meter(SERVICE)
    for metric in registry.collect():
        match metric.type:
            case "gauge":
                meter.create_observable_gauge(
                    metric.name, [_reader(registry, metric.name)], description=metric.documentation
                )
            case "histogram":
                for part in ("_count", "_sum"):
                    name = metric.name + part
                    meter.create_observable_counter(name, [_reader(registry, name)])
            case _:
                name = f"{metric.name}_total"
                meter.create_observable_counter(
                    metric.name, [_reader(registry, name)], description=metric.documentation
                )


def _reader(
    registry: CollectorRegistry, name: str
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def read(_: CallbackOptions) -> Iterable[Observation]:
        for metric in registry.restricted_registry([name]).collect():
            for sample in metric.samples:
                if sample.name == name:
                    yield Observation(sample.value, sample.labels)

    return read
