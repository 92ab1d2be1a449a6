"""A run as one trace: kept in Agno's tables, and sent to Langfuse where its keys are set.

The tracer belongs to Agno alone and is not the process's: neither requests nor statements make spans.
"""

from __future__ import annotations

import base64
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from agno.db.postgres import PostgresDb
from agno.models.base import Model
from agno.tracing.exporter import DatabaseSpanExporter
from openinference.instrumentation import agno as openinference
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from dash_agent.settings import Settings

EVERY_MS: Final = 500
ATTRIBUTES: Final = 1024
"""Of one span: messages and tools are told one by one."""


@contextmanager
def traced(db: PostgresDb, settings: Settings) -> Iterator[TracerProvider]:
    """Runs within the block are traced; what is under way goes out at its end."""
    provider = TracerProvider(
        resource=Resource.create({"service.name": "dash-agent"}), span_limits=SpanLimits(max_span_attributes=ATTRIBUTES)
    )
    for exporter in (DatabaseSpanExporter(db), *_langfuse(settings)):
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=EVERY_MS))
    for name, _ in settings.models:
        importlib.import_module(f"agno.models.{name}")
    # By itself it imports every provider that Agno knows, which takes four seconds.
    setattr(openinference, "find_model_subclasses", _models)  # noqa: B010  a module has no such attribute to mypy
    instrumentor = openinference.AgnoInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    try:
        yield provider
    finally:
        instrumentor.uninstrument()
        provider.shutdown()


def _models() -> list[type[Any]]:
    """The models of Agno that are imported, the most special first: a method that is inherited is wrapped once."""
    found = {cls for cls in _subclasses(Model) if cls.__module__.startswith("agno.models.")}
    return sorted(found, key=lambda cls: len(cls.__mro__), reverse=True)


def _subclasses(cls: type[Any]) -> Iterator[type[Any]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def _langfuse(settings: Settings) -> Iterator[SpanExporter]:
    """Langfuse takes OpenTelemetry's own protocol."""
    public, secret = settings.langfuse_public_key, settings.langfuse_secret_key
    if public is None or secret is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    token = base64.b64encode(f"{public}:{secret.get_secret_value()}".encode()).decode()
    endpoint = f"{settings.langfuse_host.rstrip('/')}/api/public/otel/v1/traces"
    yield OTLPSpanExporter(endpoint=endpoint, headers={"Authorization": f"Basic {token}"})
