"""The judge's comparisons of AI answers with what people wrote to the same tickets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dash_agent.warehouse.demo import copytext, profile
from dash_agent.warehouse.demo.copytext import NEVER, Column
from dash_agent.warehouse.demo.course import SENT, Course
from dash_agent.warehouse.demo.opening import Opening
from dash_agent.warehouse.demo.streams import Floats, Ints, Use, lognormal, pick, stream
from dash_agent.warehouse.demo.texts import Texts
from dash_agent.warehouse.demo.vocabulary import ERROR_TYPES, VERDICTS, grid, row, vocabulary

_AI_BETTER, _EQUAL, _HUMAN_BETTER = range(3)
_BLANK, _OTHER_CATEGORY = 0.04, 0.008
_MINUTE_MS = 60_000
_ERROR_CHANCE = np.array([0.02, 0.07, 0.74])
# Beta parameters of the similarity, by verdict.
_ALPHA, _BETA = np.array([11.0, 17.0, 6.5]), np.array([4.0, 3.0, 6.0])
# How much higher than the others' the penalty of a lost comparison is.
_LOST, _WON = 1.9, 0.55


def comparison_rows(
    opening: Opening, course: Course, texts: Texts, now_ms: int, first_id: int, seed: int
) -> tuple[str, int]:
    """COPY lines and how many, for some of the tickets that have both answers."""
    rng = stream(seed, Use.COMPARISONS, opening.first)
    words = vocabulary()
    chance = row(words.category, profile.COMPARED, profile.COMPARED_DEFAULT)[opening.category]
    lag = (lognormal(rng, 45.0, 0.9, len(opening)) * _MINUTE_MS).astype(np.int64)
    both = (course.status == SENT) & (course.human_ms < NEVER)
    judged_ms = np.where(both, course.human_ms + lag, NEVER)
    place = np.flatnonzero((rng.random(len(opening)) < chance) & (judged_ms <= now_ms))
    count = len(place)
    category, bad = opening.category[place], course.bad[place]
    quality = (
        row(words.model, profile.QUALITY_MODEL)[course.model[place]]
        * row(words.language, profile.QUALITY_LANGUAGE)[opening.language[place]]
    )
    verdict, lost = _verdicts(rng, category, quality, bad)
    penalty = _penalties(rng, category, quality, bad, verdict, lost)
    similarity = np.clip(rng.beta(_ALPHA[verdict], _BETA[verdict]), 0.0, 1.0)
    other = (category + rng.integers(1, len(words.category), count)) % len(words.category)
    text = copytext.rows(
        copytext.numbers(first_id + np.arange(count)),
        copytext.numbers(opening.first + 1 + place),
        copytext.labels(words.category, np.where(rng.random(count) < _OTHER_CATEGORY, other, category)),
        _at(texts.answer, place),
        _at(texts.human, place),
        copytext.decimals(similarity, 3),
        _penalty_text(rng, penalty),
        copytext.labels(VERDICTS, verdict),
        copytext.labels(ERROR_TYPES, _errors(rng, category, bad, verdict)),
        [profile.JUDGE_MODEL] * count,
        copytext.times(judged_ms[place]),
    )
    return text, count


def _at(texts: Sequence[str], place: Ints) -> Column:
    return [texts[index] for index in place.tolist()]


def _verdicts(rng: np.random.Generator, category: Ints, quality: Floats, bad: Floats) -> tuple[Ints, Floats]:
    """Verdicts, and the chance that each had of being lost."""
    lost = row(vocabulary().category, profile.HUMAN_BETTER)[category] * quality
    lost = np.minimum(lost + np.where(bad > 0, 0.3, 0.0), 0.92)
    chances = np.stack([(1 - lost) * 0.46, (1 - lost) * 0.54, lost], axis=1)
    return pick(rng, chances), lost


def _penalties(
    rng: np.random.Generator, category: Ints, quality: Floats, bad: Floats, verdict: Ints, lost: Floats
) -> Floats:
    """Around the category's mean, higher where the comparison was lost; a bad instruction's points on top."""
    mean = row(vocabulary().category, profile.PENALTY)[category] * quality
    by_verdict = np.where(verdict == _HUMAN_BETTER, _LOST, _WON) / (lost * _LOST + (1 - lost) * _WON)
    drawn = rng.gamma(2.2, 1 / 2.2, len(category)) * mean * by_verdict
    added = bad * rng.uniform(0.6, 1.4, len(category))
    return np.clip(drawn + added, 0.0, 100.0)


def _penalty_text(rng: np.random.Generator, penalty: Floats) -> Column:
    """Whole points mostly, now and then a half, sometimes nothing at all."""
    style = rng.random(len(penalty)).tolist()
    written = []
    for points, u in zip(penalty.tolist(), style, strict=True):
        if u < _BLANK:
            written.append("")
        elif u < 0.12:
            written.append(f"{round(points * 2) / 2:.1f}")
        else:
            written.append(str(round(points)))
    return written


def _errors(rng: np.random.Generator, category: Ints, bad: Floats, verdict: Ints) -> Ints:
    kinds = grid(vocabulary().category, ERROR_TYPES, profile.ERROR_TYPE, 0.0)
    kinds[kinds.sum(axis=1) == 0] = 1.0
    weights = kinds[category]
    weights[bad > 0, ERROR_TYPES.index("wrong_policy")] *= 4
    return np.where(rng.random(len(category)) < _ERROR_CHANCE[verdict], pick(rng, weights), -1)
