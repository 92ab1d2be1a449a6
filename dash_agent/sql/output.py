"""A second look at what will run, by its words alone: it does not trust the tree or the printer."""

from __future__ import annotations

from typing import Final

from sqlglot.tokenizer_core import Token, TokenType

from dash_agent.errors import UnsafeSql
from dash_agent.sql.allowed import FUNCTIONS
from dash_agent.sql.lexical import MARK, dialect

# Words that an opening parenthesis may follow without a call.
_BEFORE_PAREN: Final = frozenset(
    """
    all and any array as between by case cast cross cube distinct else except exists extract fetch filter first from
    group having in intersect is join lateral like ilike limit materialized next not offset on or over overlaps
    recursive rollup select sets some symmetric then to union using values when where with within system bernoulli
    repeatable decimal numeric varchar char bpchar timestamp timestamptz time timetz interval bit substring trim
    position overlay json_object
    """.split()
)
_STARTS: Final = frozenset({"select", "with", "(", "values"})


def check_print(text: str) -> None:
    """Raises UnsafeSql where the printed statement holds a call, a verb or a sign that no checked one has."""
    if MARK in text:
        raise UnsafeSql("the statement can't be written as PostgreSQL")
    tokens = dialect().tokenize(text)
    if not tokens or tokens[0].text.lower() not in _STARTS:
        raise UnsafeSql("only a SELECT may run")
    for index, token in enumerate(tokens):
        if token.token_type is TokenType.SEMICOLON:
            raise UnsafeSql("there must be exactly one statement")
        if token.token_type is TokenType.L_PAREN and index:
            _check_call(tokens, index)


def _check_call(tokens: list[Token], index: int) -> None:
    before = tokens[index - 1]
    # Some words come as one token with the ones before them: GROUP BY, GROUPING SETS.
    word = before.text.lower().rpartition(" ")[2]
    if word in FUNCTIONS or word in _BEFORE_PAREN or not (word[:1].isalpha() or word[:1] == "_"):
        return
    if before.token_type is TokenType.STRING or _names_columns(tokens, index):
        return
    raise UnsafeSql(f"the function {word} is not allowed")


def _names_columns(tokens: list[Token], index: int) -> bool:
    """Whether the parenthesis at `index` opens the column list of an alias, or of a WITH: `d(n) AS (`."""
    if index > 1 and tokens[index - 2].token_type is TokenType.ALIAS:
        return True
    depth = 0
    for place in range(index, len(tokens) - 1):
        kind = tokens[place].token_type
        depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN)
        if depth == 0:
            after = [token.text.lower() for token in tokens[place + 1 : place + 3]]
            return after[:1] == ["as"] and after[1:] in (["("], ["not"], ["materialized"])
    return False
