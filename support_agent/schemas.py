"""The JSON Schema of business/support.json, for editors. `python -m support_agent.schemas FOLDER` writes it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from support_agent.categories import SupportFile
from support_agent.gate import GateRules

NAME = "support.schema.json"


def schema() -> dict[str, object]:
    """Both readers' parts of the file in one."""
    categories, gate = SupportFile.model_json_schema(), GateRules.model_json_schema()
    named = {**categories.pop("$defs", {}), **gate.pop("$defs", {})}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **categories,
        "properties": {"$schema": {"type": "string"}, **categories["properties"], "gate": gate},
        "required": [*categories["required"], "gate"],
        "additionalProperties": False,
        "$defs": named,
    }


def write(folder: Path) -> None:
    text = json.dumps(schema(), ensure_ascii=False, indent=2)
    (folder / NAME).write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
