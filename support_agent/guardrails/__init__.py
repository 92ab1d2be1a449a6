"""What comes in and what goes out is looked at here, by rules that no model can talk out of it."""

from support_agent.guardrails.arriving import incoming, is_clean, ordinary_part
from support_agent.guardrails.fences import fence
from support_agent.guardrails.leaving import outgoing, speaks_of_money
from support_agent.guardrails.likeness import REPLIES, Likeness
from support_agent.guardrails.reply import ReplyContext

__all__ = [
    "REPLIES",
    "Likeness",
    "ReplyContext",
    "fence",
    "incoming",
    "is_clean",
    "ordinary_part",
    "outgoing",
    "speaks_of_money",
]
