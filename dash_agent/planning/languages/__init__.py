"""Languages as data: each module holds the words of one, in the classes that the grammar is written in."""

from dash_agent.planning.languages.english import ENGLISH
from dash_agent.planning.languages.language import Language
from dash_agent.planning.languages.russian import RUSSIAN

LANGUAGES: tuple[Language, ...] = (ENGLISH, RUSSIAN)
