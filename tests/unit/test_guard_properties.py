"""Whatever is done to an attack's looks, it stays refused; whatever comes in, only UnsafeSql comes out."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from dash_agent.sql.guard import UNKNOWN_SHAPE, judge
from tests.unit.test_guard import ATTACKS, FULL, LEGIT, MOMENT, readable

REFUSED = [case for case in ATTACKS if case["expect"] != "refuse_or_bound" and len(case["sql"]) < 2000]
WORD = re.compile(r"[A-Za-z_]\w*")
# Where a change of looks would change the meaning: strings, quoted names, comments.
PROTECTED = re.compile(r"\$\w*\$.*?\$\w*\$|'[^']*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
WRAPPERS = ("({})", "{};", "SELECT * FROM ({}) x", "WITH q AS ({}) SELECT * FROM q", "SELECT 1 UNION ALL {}")
SPACES = (" ", "\n", "\t", "  ", "/**/ ", " /* x */ ", " -- x\n")


def disguised(statement: str, seed: int, spaces: Sequence[str] = SPACES) -> str:
    """The same statement in other letters, spaces and comments."""
    chance = random.Random(seed)
    parts: list[str] = []
    last = 0
    for match in PROTECTED.finditer(statement):
        parts += [restyled(statement[last : match.start()], chance, spaces), match[0]]
        last = match.end()
    return "".join([*parts, restyled(statement[last:], chance, spaces)])


def restyled(piece: str, chance: random.Random, spaces: Sequence[str]) -> str:
    piece = WORD.sub(lambda m: "".join(chance.choice((c.lower(), c.upper())) for c in m[0]), piece)
    return re.sub(r" ", lambda _: chance.choice(spaces), piece)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(REFUSED), st.integers(0, 2**32))
def test_a_disguised_attack_is_refused(case: dict[str, str], seed: int) -> None:
    assert not judge(disguised(case["sql"], seed), readable(case), MOMENT).allowed


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(REFUSED), st.sampled_from(WRAPPERS))
def test_a_wrapped_attack_is_refused(case: dict[str, str], wrapper: str) -> None:
    # One that ends in a comment, or has no words at all, would take the wrapper's end with it.
    assert not judge(wrapper.replace("{}", case["sql"]), readable(case), MOMENT).allowed


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(LEGIT), st.integers(0, 2**32))
def test_looks_do_not_matter_to_an_analysts_query(case: dict[str, str], seed: int) -> None:
    # sqlglot takes no comment between GROUP and BY, so none here.
    if "$" in case["sql"] or "/*" in case["sql"]:
        return
    assert judge(disguised(case["sql"], seed, SPACES[:4]), FULL, MOMENT).reason == ""


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            """SELECT FROM WHERE ( ) , ; * t . a "a" 'x' $1 :now :: int [ ] 1 1.5 - NOT AND OR IN CASE WHEN THEN END
            WITH RECURSIVE AS UNION ALL VALUES support_dialogs role count lower now interval date array row -> ->> ||
            ORDER BY GROUP LIMIT OFFSET JOIN ON USING LATERAL OVER FILTER DISTINCT extract substring { } < > = @> ?
            E'\\n' INTO FOR UPDATE
            pg_sleep customer_email TABLE EXISTS ANY IS NULL LIKE COLLATE % U&'x' $$ -- /*""".split()
        ),
        max_size=40,
    )
)
def test_only_a_refusal_comes_out_of_word_salad(words: list[str]) -> None:
    raises_nothing_else(" ".join(words))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_only_a_refusal_comes_out_of_any_text(text: str) -> None:
    raises_nothing_else(text)
    raises_nothing_else("SELECT " + text)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(LEGIT),
    st.integers(0, 10_000),
    st.integers(1, 5),
    st.sampled_from([*"()'\";,.*:[]$%-/\\&", "", " INTO ", " 0 "]),
)
def test_only_a_refusal_comes_out_of_a_damaged_query(case: dict[str, str], at: int, length: int, by: str) -> None:
    statement = case["sql"]
    place = at % (len(statement) + 1)
    raises_nothing_else(statement[:place] + by + statement[place + length :])


def raises_nothing_else(statement: str) -> None:
    # judge lets everything but UnsafeSql out; a surprise of the check's own would be a bug, though a harmless one.
    assert judge(statement, FULL, MOMENT).reason != UNKNOWN_SHAPE
