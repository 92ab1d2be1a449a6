"""Figures for Prometheus. No label tells of a person, a question or an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.types import Scope

from dash_agent.models.answer import Answer
from dash_agent.server.beyond import LABEL
from dash_agent.warehouse.connections import Connections

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
ANSWER_BUCKETS: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Of one server. pools: connections by the part that they are for."""

    def __init__(self, pools: Mapping[str, Connections]) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "dash_http_requests", "Requests by route.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "dash_http_request_seconds", "Seconds of a request.", ("route",), registry=self.registry
        )
        self._answers = Counter(
            "dash_answers", "Answers by how they were made.", ("status", "engine", "trust"), registry=self.registry
        )
        self._answering = Histogram(
            "dash_answer_seconds", "Seconds of an answer.", ("engine",), registry=self.registry, buckets=ANSWER_BUCKETS
        )
        self._tokens = Counter("dash_model_tokens", "Tokens of models.", ("kind",), registry=self.registry)
        self.registry.register(_Pools(pools))

    def answered(self, answer: Answer, seconds: float) -> None:
        trust = answer.trust.value if answer.trust else "none"
        self._answers.labels(answer.status.value, answer.engine.value, trust).inc()
        self._answering.labels(answer.engine.value).observe(seconds)
        self._tokens.labels("prompt").inc(answer.usage.prompt)
        self._tokens.labels("completion").inc(answer.usage.completion)

    def requested(self, scope: Scope, status: int, seconds: float) -> None:
        """Under the template of its route, so that ids make no series of their own."""
        route = _route(scope)
        self._requests.labels(_method(scope), route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class _Pools(Collector):
    def __init__(self, pools: Mapping[str, Connections]) -> None:
        self._pools = pools

    def collect(self) -> Iterable[GaugeMetricFamily]:
        family = GaugeMetricFamily("dash_connections", "Connections to databases.", labels=("pool", "state"))
        for name, connections in self._pools.items():
            family.add_metric((name, "used"), connections.used)
            family.add_metric((name, "idle"), connections.idle)
        yield family


METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"})
OF_AGENT_OS: Final = frozenset({"agents", "sessions", "traces", "mcp", "config", "info", "health", "registry"})


OURS: Final = "/api/v1"


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else "other"


def _route(scope: Scope) -> str:
    if LABEL in scope:
        return str(scope[LABEL])
    template = getattr(scope.get("route"), "path", None)
    if template:
        return f"{OURS}{template}" if scope["path"].startswith(f"{OURS}/") else str(template)
    first = scope["path"].strip("/").partition("/")[0]
    return f"/{first}" if first in OF_AGENT_OS else "other"


def metrics_routes(metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["metrics"])

    @router.get("/metrics/prometheus")
    def prometheus() -> Response:
        """What the server has done since it started."""
        return Response(generate_latest(metrics.registry), media_type=TEXT)

    return router
