"""What a grant is for: one tool, with these arguments, for this customer."""

from __future__ import annotations

import hashlib
import json

from support_agent.models import Arguments


def arguments_hash(tool: str, arguments: Arguments, customer_id: int | None) -> str:
    """SHA-256 of canonical JSON, in hex. The order of the arguments is nothing, their types are something."""
    meant = {"tool": tool, "arguments": dict(arguments), "customer_id": customer_id}
    text = json.dumps(meant, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
