"""From text to one tree: limits that hold before anything is parsed, and the places where sqlglot reads SQL otherwise
than PostgreSQL does.

Function calls are marked in the tokens, so that sqlglot takes them as they are written. Left to itself it turns many
into typed nodes of its own, and on the way drops arguments (`date_bin(i, t, origin)` loses its column), changes types
(`round`) or names. Seen with sqlglot 30.30.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from dash_agent.errors import UnsafeSql
from dash_agent.sql.allowed import FUNCTIONS

MAX_CHARACTERS: Final = 20_000
MAX_TOKENS: Final = 5_000
MAX_NESTING: Final = 40
# `ARRAY[ARRAY[…` takes sqlglot time that doubles with each level.
MAX_BRACKETS: Final = 4
# NOT NOT NOT …, - - - …, CASE in CASE: each is a call of the parser deeper.
MAX_RUN: Final = 8

MARK: Final = "\ue000"

# Parsed by sqlglot's own grammar for them, which keeps their SQL form: `extract(hour FROM t)`.
_SYNTAX: Final = frozenset({"overlay", "position", "string_agg", "substring", "trim"})
_MARKED: Final = FUNCTIONS - _SYNTAX
_UNFIT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ue000\ufeff]")
_AMOUNT: Final = re.compile(r"\s*[-+]?\d+(\.\d+)?\s*|\s*[-+]?\d+-\d+\s*")
_INTERVAL_UNITS: Final = frozenset(
    "year years month months day days hour hours minute minutes second seconds week weeks".split()
)
_BEFORE_TYPE: Final = frozenset({TokenType.DCOLON, TokenType.ALIAS})
_ARROWS: Final = frozenset({TokenType.ARROW, TokenType.DARROW, TokenType.HASH_ARROW, TokenType.DHASH_ARROW})
_OPENING: Final = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.LT})
_STARTS: Final = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN, TokenType.VALUES})
_UNARY: Final = frozenset({TokenType.NOT, TokenType.DASH, TokenType.PLUS, TokenType.TILDE, TokenType.CASE})


@cache
def dialect() -> sqlglot.Dialect:
    return sqlglot.Dialect.get_or_raise("postgres")


def parse(text: str) -> exp.Expr:
    """The one statement in a text. Raises UnsafeSql where it is none, several, too long, too deep or not understood."""
    tokens = _tokens(text)
    _check_start(tokens)
    _check_shape(tokens)
    try:
        trees = dialect().parser().parse(_rewritten(tokens), text)
    except RecursionError:
        raise UnsafeSql("the statement is nested too deeply") from None
    except SqlglotError as error:
        raise UnsafeSql(f"the statement can't be read as PostgreSQL: {_first_line(error)}") from None
    except Exception as error:
        raise UnsafeSql("the statement can't be read as PostgreSQL") from error
    # A comment after the last semicolon comes back as a statement of its own.
    statements = [tree for tree in trees if tree is not None and not isinstance(tree, exp.Semicolon)]
    if len(statements) != 1:
        raise UnsafeSql("there must be exactly one statement" if statements else "there is no statement")
    return statements[0]


def _tokens(text: str) -> list[Token]:
    if len(text) > MAX_CHARACTERS:
        raise UnsafeSql(f"the statement is longer than {MAX_CHARACTERS} characters")
    if _UNFIT.search(text):
        raise UnsafeSql("the statement holds control characters")
    try:
        tokens = dialect().tokenize(text)
    except SqlglotError as error:
        raise UnsafeSql(f"the statement can't be read as PostgreSQL: {_first_line(error)}") from None
    if len(tokens) > MAX_TOKENS:
        raise UnsafeSql(f"the statement has more than {MAX_TOKENS} words and signs")
    return tokens


def _first_line(error: SqlglotError) -> str:
    return re.sub(r"\x1b\[\d*m", "", str(error).split("\n", 1)[0]).strip().rstrip(".")


def _check_start(tokens: list[Token]) -> None:
    """Other verbs are refused by their name, before sqlglot makes a catch-all `Command` of them."""
    if not tokens:
        raise UnsafeSql("there is no statement")
    first = tokens[0]
    if first.token_type not in _STARTS and first.text.lower() != "table":
        raise UnsafeSql(f"only a SELECT may run, not {first.text.upper()[:40]}")


def _check_shape(tokens: list[Token]) -> None:
    parens = brackets = cases = run = 0
    for token in tokens:
        kind = token.token_type
        if kind is TokenType.L_PAREN:
            parens += 1
        elif kind is TokenType.R_PAREN:
            parens -= 1
        elif kind is TokenType.L_BRACKET:
            brackets += 1
        elif kind is TokenType.R_BRACKET:
            brackets -= 1
        elif kind is TokenType.CASE:
            cases += 1
        elif kind is TokenType.END:
            cases -= 1
        run = run + 1 if kind in _UNARY else 0
        if parens > MAX_NESTING or brackets > MAX_BRACKETS or cases > MAX_RUN or run > MAX_RUN:
            raise UnsafeSql("the statement is nested too deeply")


def _rewritten(tokens: list[Token]) -> list[Token]:
    """The tokens with function calls marked, `pg_catalog.` before them dropped and interval literals made casts."""
    out: list[Token] = []
    index, count = 0, len(tokens)
    while index < count:
        token = tokens[index]
        follower = tokens[index + 1] if index + 1 < count else None
        if follower is None:
            out.append(token)
        elif follower.token_type is TokenType.L_PAREN:
            _call(tokens, index, out)
        elif token.token_type is TokenType.INTERVAL and follower.token_type is TokenType.STRING:
            out.extend(_interval(token, follower, tokens[index + 2] if index + 2 < count else None))
            index += 1
        else:
            _refuse_misread(token, follower, out)
            out.append(token)
        index += 1
    return out


def _call(tokens: list[Token], index: int, out: list[Token]) -> None:
    """Appends a word that an opening parenthesis follows."""
    token = tokens[index]
    if token.token_type is TokenType.INTERVAL and not (out and out[-1].token_type in _BEFORE_TYPE):
        raise UnsafeSql("write the precision of an interval in a cast")
    quoted = token.token_type is TokenType.IDENTIFIER
    name = token.text if quoted else token.text.lower()
    if name not in _MARKED or token.token_type is TokenType.STRING:
        _refuse_nested_types(tokens, index)
        out.append(token)
        return
    if out and out[-1].token_type is TokenType.DOT:
        if len(out) < 2 or out[-2].text.lower() != "pg_catalog":
            out.append(token)
            return
        del out[-2:]
    if out and out[-1].token_type is TokenType.ALIAS:
        out.append(token)
        return
    out.append(_like(token, TokenType.VAR, MARK + name))


def _refuse_nested_types(tokens: list[Token], index: int) -> None:
    """`text(text(…` takes sqlglot time that doubles with each level: it tries each as a type and as a call."""
    if tokens[index].token_type not in _type_words():
        return
    if tokens[index].token_type is TokenType.UNION:
        inside = tokens[index + 2].token_type if index + 2 < len(tokens) else None
        nested = inside not in _STARTS and inside is not TokenType.TABLE
    else:
        nested = False
        for token in tokens[index + 2 :]:
            if token.token_type is TokenType.R_PAREN:
                break
            nested = nested or token.token_type in _OPENING
    if nested:
        raise UnsafeSql(f"the function {tokens[index].text.lower()} is not allowed")


@cache
def _type_words() -> frozenset[TokenType]:
    parser = type(dialect().parser())
    return frozenset(parser.TYPE_TOKENS | parser.NESTED_TYPE_TOKENS) - {TokenType.IDENTIFIER, TokenType.VAR}


def _interval(word: Token, text: Token, follower: Token | None) -> tuple[Token, ...]:
    """`interval '1 day 12:00'` as a cast: sqlglot drops all but the first unit of it without a word."""
    if (
        follower is not None
        and follower.text.lower() in _INTERVAL_UNITS
        and follower.token_type is not TokenType.STRING
    ):
        if not _AMOUNT.fullmatch(text.text):
            raise UnsafeSql("an interval has its units either inside the quotes or after them")
        return word, text
    return text, _like(text, TokenType.DCOLON, "::"), _like(text, TokenType.INTERVAL, "INTERVAL")


def _like(token: Token, kind: TokenType, text: str) -> Token:
    return Token(kind, text, token.line, token.col, token.start, token.end)


def _refuse_misread(token: Token, follower: Token, out: list[Token]) -> None:
    if token.token_type is TokenType.NUMBER and follower.token_type is TokenType.VAR:
        if follower.start == token.end + 1:
            raise UnsafeSql(f"'{token.text}{follower.text}' is not a number; write it with digits only")
    elif follower.token_type is TokenType.DCOLON and out and out[-1].token_type in _ARROWS:
        # PostgreSQL casts the key, sqlglot the value.
        raise UnsafeSql("put parentheses round the JSON value that is cast")
