"""What examples teach a computer that has no model: weights of signs and of meaning, by ridge regression."""

from support_agent.teaching.learned import Kind, Learned, Lesson, Signs
from support_agent.teaching.meanings import BEGINNING, EMBEDDED, Meanings
from support_agent.teaching.pieces import pieces
from support_agent.teaching.solving import Floats

__all__ = ["BEGINNING", "EMBEDDED", "Floats", "Kind", "Learned", "Lesson", "Meanings", "Signs", "pieces"]
