"""What an answer rests on, for people: each definition with its file and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dash_agent.context.catalog import Catalog
from dash_agent.models.answer import Source


def definitions(sources: Sequence[Source], catalog: Catalog) -> Iterator[str]:
    for source in sources:
        told = _described(source, catalog)
        place = f"{source.layer} {source.name}" + (f" ({source.file})" if source.file else "")
        yield f"{place}: {told}" if told else place


def _described(source: Source, catalog: Catalog) -> str:
    match source.layer:
        case "metric":
            return catalog.metrics[source.name].description
        case "dimension":
            return catalog.dimensions[source.name].description
        case "pattern":
            return catalog.patterns[source.name].header.description
        case "table":
            return catalog.tables[source.name].description
        case "learning":
            return "taught by people, not by a file"
        case _:
            return ""
