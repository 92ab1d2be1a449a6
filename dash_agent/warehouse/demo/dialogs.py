"""Messages of the tickets, in the order they were written."""

from __future__ import annotations

import numpy as np

from dash_agent.warehouse.demo import copytext, profile
from dash_agent.warehouse.demo.copytext import NULL, Column
from dash_agent.warehouse.demo.course import Course
from dash_agent.warehouse.demo.opening import Opening
from dash_agent.warehouse.demo.streams import Ints, lognormal
from dash_agent.warehouse.demo.texts import Texts
from dash_agent.warehouse.demo.vocabulary import row, vocabulary

_FEEDBACK_SHARE = 0.13


def dialog_rows(
    rng: np.random.Generator, opening: Opening, course: Course, texts: Texts, first_id: int
) -> tuple[str, int]:
    """COPY lines of the chunk's messages and how many; ids count up from first_id."""
    model, agent = copytext.labels(vocabulary().model, course.model), copytext.labels(vocabulary().agent, course.agent)
    came = copytext.times(opening.created_ms)
    # An answer that goes out on its own is one message, written when it is sent.
    answered = copytext.times(np.where(course.auto_sent, course.sent_ms, course.answered_ms))
    human, follow, reply = (copytext.times(t) for t in (course.human_ms, course.follow_ms, course.reply_ms))
    latency = copytext.numbers(course.latency_ms)
    again = copytext.numbers(
        lognormal(rng, row(vocabulary().model, profile.LATENCY_MS)[course.model], 0.38, len(opening)).astype(np.int64)
    )
    thumbs, thumbs_again = _feedback(rng, opening, course), _feedback(rng, opening, course)
    by_ai = course.reply_by_ai.tolist()
    lines: list[str] = []
    add, key = lines.append, first_id
    for place in range(len(opening)):
        ticket = opening.first + 1 + place
        add(f"{key}\t{ticket}\tcustomer\t\\N\t{texts.opening[place]}\t\\N\t\\N\t{came[place]}\n")
        key += 1
        if texts.answer[place]:
            tail = f"{latency[place]}\t{thumbs[place]}\t{answered[place]}"
            add(f"{key}\t{ticket}\tai\t{model[place]}\t{texts.answer[place]}\t{tail}\n")
            key += 1
        if texts.human[place]:
            add(f"{key}\t{ticket}\thuman\t{agent[place]}\t{texts.human[place]}\t\\N\t\\N\t{human[place]}\n")
            key += 1
        if texts.follow[place]:
            add(f"{key}\t{ticket}\tcustomer\t\\N\t{texts.follow[place]}\t\\N\t\\N\t{follow[place]}\n")
            key += 1
        if texts.reply[place]:
            if by_ai[place]:
                author, tail = f"ai\t{model[place]}", f"{again[place]}\t{thumbs_again[place]}"
            else:
                author, tail = f"human\t{agent[place]}", "\\N\t\\N"
            add(f"{key}\t{ticket}\t{author}\t{texts.reply[place]}\t{tail}\t{reply[place]}\n")
            key += 1
    return "".join(lines), key - first_id


def _feedback(rng: np.random.Generator, opening: Opening, course: Course) -> Column:
    """Thumbs of an AI message: down more often where the judge's penalty is high, and under a bad instruction."""
    count = len(opening)
    weak = row(vocabulary().category, profile.PENALTY)[opening.category] / 100
    weak = weak * row(vocabulary().language, profile.QUALITY_LANGUAGE, 1.0)[opening.language]
    down = np.minimum(0.04 + weak + course.bad / 60 + np.where(opening.flooded, 0.12, 0.0), 0.9)
    thumb: Ints = np.where(rng.random(count) < down, -1, 1)
    given = (rng.random(count) < _FEEDBACK_SHARE).tolist()
    return [str(value) if shown else NULL for value, shown in zip(thumb.tolist(), given, strict=True)]
