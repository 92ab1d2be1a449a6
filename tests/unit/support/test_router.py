"""The router without a model, on messages of many voices, none of them near an example.

`seen` was tuned on; `unseen` came after the words were frozen; those that follow are by other hands, in long and odd
letters. On its first run the newest, `eighth`, had 149 of 160 main matters right and 49 of 60 pairs whole.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
import yaml

from dash_agent.adapters.embeddings import SentenceEncoder
from dash_agent.adapters.shelf import FolderShelf
from dash_agent.context.documents import read_documents
from dash_agent.ports import Vector
from support_agent.models import Mood, Route, Urgency
from support_agent.router import ASK_BELOW, CategoryPage, LexicalRouter
from support_agent.router.examples import letters, phrases
from support_agent.router.families import languages
from support_agent.router.rules import Expression, Rules, rules
from support_agent.router.words import tokens

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "cases" / "support" / "messages"
LANGUAGES = ("en", "ru", "he", "es", "fr", "de")
BARS = {"en": 0.90, "ru": 0.85, "he": 0.80, "es": 0.80, "fr": 0.80, "de": 0.80}
HARDER = {"en": 0.82, "ru": 0.85, "he": 0.80, "es": 0.80, "fr": 0.80, "de": 0.80}
"""For the later sets: 10 to 40 messages a language, so that one is 2.5 to 10 in a hundred."""
FILES = ("seen", "unseen", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
FEWER = {"second": 138, "third": 120, "fourth": 150, "fifth": 150, "sixth": 150, "seventh": 150, "eighth": 150}
LETTERS = ("fourth", "fifth", "sixth", "seventh", "eighth")
UNCLEAR = ("seen", "unseen")
ALIKE = 0.6
"""Dice of the four-letter pieces of two texts, from which one is a near-duplicate of the other."""


@cache
def cases(file: str) -> Mapping[str, object]:
    return dict(yaml.safe_load((CASES / f"{file}.yaml").read_text("utf-8")))


def labelled(file: str, language: str) -> list[tuple[str, str]]:
    by_category = cases(file)[language]
    assert isinstance(by_category, dict)
    return [(category, text) for category, texts in by_category.items() for text in texts]


def listed(file: str, key: str) -> list[dict[str, object]]:
    found = cases(file)[key]
    assert isinstance(found, list)
    return found


@pytest.fixture(scope="module")
def pages() -> list[CategoryPage]:
    documents, problems = read_documents(ROOT)
    assert not problems
    fronts = [document.front for document in documents if document.front.kind == "category"]
    return [CategoryPage(front.category or "", front.title, front.examples) for front in fronts]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> FolderShelf:
    return FolderShelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="module")
def router(pages: list[CategoryPage], shelf: FolderShelf) -> LexicalRouter:
    return LexicalRouter(pages, SentenceEncoder(), shelf)


@pytest.fixture(scope="module")
def words_alone(pages: list[CategoryPage]) -> LexicalRouter:
    return LexicalRouter(pages)


@pytest.fixture(scope="module")
def routed(router: LexicalRouter) -> Mapping[str, Route]:
    """Every labelled message once."""
    texts = [text for file in FILES for language in LANGUAGES for _, text in labelled(file, language)]
    texts += [str(case["text"]) for file in FILES for case in listed(file, "two")]
    texts += [str(case["text"]) for file in LETTERS for case in listed(file, "one_long")]
    return {text: router.route(text, (), None) for text in texts}


def main(route: Route) -> str | None:
    return route.intents[0].category if route.intents else None


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_main_category_is_right(file: str, language: str, routed: Mapping[str, Route]) -> None:
    wanted = labelled(file, language)
    wrong = Counter((category, main(routed[text])) for category, text in wanted if main(routed[text]) != category)
    bars = HARDER if file in FEWER else BARS
    assert 1 - wrong.total() / len(wanted) >= bars[language], wrong.most_common()


@pytest.mark.parametrize("file", FILES)
def test_there_are_enough_messages_and_none_twice(file: str) -> None:
    texts = [text for language in LANGUAGES for _, text in labelled(file, language)]
    assert len(texts) == len(set(texts)) >= FEWER.get(file, 590)


@pytest.mark.parametrize("file", FILES)
def test_the_language_is_right(file: str, routed: Mapping[str, Route]) -> None:
    wanted = [(language, text) for language in LANGUAGES for _, text in labelled(file, language)]
    wrong = [(language, text) for language, text in wanted if routed[text].language != language]
    assert len(wrong) <= 0.02 * len(wanted), wrong


@pytest.mark.parametrize("file", FILES)
def test_both_of_two_are_found(file: str, routed: Mapping[str, Route]) -> None:
    found = [
        {intent.category for intent in routed[str(case["text"])].intents} >= set(case["wants"])  # type: ignore[call-overload]
        for case in listed(file, "two")
    ]
    assert sum(found) / len(found) >= (0.75 if file in FEWER else 0.85)


@pytest.mark.parametrize("file", FILES)
def test_of_two_the_first_said_is_the_main_one(file: str, routed: Mapping[str, Route]) -> None:
    right = [main(routed[str(case["text"])]) == case["wants"][0] for case in listed(file, "two")]  # type: ignore[index]
    assert sum(right) / len(right) >= 0.72


@pytest.mark.parametrize("file", FILES)
def test_one_matter_is_seldom_taken_for_two(file: str, routed: Mapping[str, Route]) -> None:
    texts = [text for language in LANGUAGES for _, text in labelled(file, language)]
    several = [text for text in texts if len(routed[text].intents) > 1]
    assert len(several) <= (0.12 if file in FEWER else 0.035) * len(texts), several


def test_a_long_letter_about_one_matter_is_mostly_taken_for_one(routed: Mapping[str, Route]) -> None:
    letters = [case for file in LETTERS for case in listed(file, "one_long")]
    right = [[i.category for i in routed[str(case["text"])].intents] == case["wants"] for case in letters]
    assert sum(right) >= 0.58 * len(letters)


@pytest.mark.parametrize("file", UNCLEAR)
def test_what_fits_nothing_is_asked_about(file: str, router: LexicalRouter) -> None:
    """A category is acted on only where it is sure enough; here none is, or it is one that does nothing."""
    wrong = []
    for case in listed(file, "unclear"):
        sure = [i.category for i in router.route(str(case["text"]), (), None).intents if i.confidence >= ASK_BELOW]
        if sure and sure[0] not in case["wants"]:  # type: ignore[operator]
            wrong.append((case["text"], sure))
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize("file", FILES)
def test_who_is_sure_is_right(file: str, routed: Mapping[str, Route]) -> None:
    """Above the threshold at least 96 in 100 are right, of the harder ones 93; below it the agent asks."""
    wanted = [pair for language in LANGUAGES for pair in labelled(file, language)]
    sure = [(category, text) for category, text in wanted if routed[text].sure >= ASK_BELOW]
    wrong = [(text, main(routed[text])) for category, text in sure if main(routed[text]) != category]
    assert len(wrong) <= (0.07 if file in FEWER else 0.04) * len(sure), wrong
    assert len(sure) >= 0.85 * len(wanted)


@pytest.mark.parametrize(("least", "most"), [(0.0, 0.7), (0.7, 0.85), (0.85, 0.95), (0.95, 1.01)])
def test_a_confidence_is_the_share_of_right_ones(least: float, most: float, routed: Mapping[str, Route]) -> None:
    """Within 18 in 100, over all messages: what says 0.6 is right about six times of ten."""
    wanted = [pair for file in FILES for language in LANGUAGES for pair in labelled(file, language)]
    inside = [(routed[text].sure, main(routed[text]) == category) for category, text in wanted]
    inside = [(sure, right) for sure, right in inside if least <= sure < most]
    said, was = (sum(column) / len(inside) for column in zip(*inside, strict=True))
    assert len(inside) >= 10
    assert abs(said - was) <= 0.18, (said, was, len(inside))


@pytest.mark.parametrize("file", FILES)
def test_no_message_is_a_near_duplicate(file: str, pages: list[CategoryPage]) -> None:
    """Of an example, a phrase of the router, or a template of the demo data."""
    known = [pieces(text) for text in sources(pages)]
    texts = [text for language in LANGUAGES for _, text in labelled(file, language)]
    texts += [str(case["text"]) for case in listed(file, "two")]
    near = [
        text for text, own in ((text, pieces(text)) for text in texts) if any(alike(own, it) >= ALIKE for it in known)
    ]
    assert not near


def sources(pages: Sequence[CategoryPage]) -> Iterator[str]:
    for page in pages:
        for texts in page.examples.values():
            yield from texts
    for by_category in phrases().values():
        for texts in by_category.values():
            yield from texts
    for listed_letters in letters().values():
        for letter in listed_letters:
            yield " ".join(words for _, words in letter)
            yield from (words for _, words in letter)
    for file in sorted((ROOT / "dash_agent" / "warehouse" / "demo" / "messages").glob("*.json")):
        demo = json.loads(file.read_text("utf-8"))
        for key in ("subject", "opening", "also", "further"):
            yield from leaves(demo[key])


def leaves(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield re.sub(r"\{\w+\}", " ", node)
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from leaves(child)


@cache
def pieces(text: str) -> frozenset[str]:
    plain = f" {' '.join(token.text for token in tokens(text))} "
    return frozenset(plain[at : at + 4] for at in range(len(plain) - 3))


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


STORY = "I have had the boxes since last spring and we mostly like the tea and the crackers in them. " * 18


def test_a_long_letter_is_its_request_and_not_what_it_quotes(router: LexicalRouter) -> None:
    letter = (
        f"{STORY}\n\nToday one of the jars was broken. Could you also change my address?\n\nBest regards,\n"
        "A. Example\nRefund Street 1\n\nOn Mon, 4 May 2026 at 10:12, Support <care@example.com> wrote:\n"
        "> you asked us to cancel and to skip June\n> we charged the card twice\n"
    )
    assert len(letter.split()) > 350
    found = router.route(letter, (), None)
    assert [intent.category for intent in found.intents] == ["damaged_item", "change_address"]
    assert "broken" in found.intents[0].words
    assert found.email is None


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("I don't want to cancel, just pause it", "pause_subscription"),
        ("nicht kündigen, nur pausieren", "pause_subscription"),
        ("Не хочу отменять, только паузу", "pause_subscription"),
        ("THE BOX IS LATE AGAIN or I cancel", "shipping_inquiry"),
        ("I cancelled in May and you charged me in June", "payment_issue"),
        ("cancle my subscripton plese", "cancel_subscription"),
        ("gde moya posylka", "shipping_inquiry"),
        ("Хочу сделать skip на май", "skip_month"),
        ("moechte meine Adresse aendern", "change_address"),
        ("necesito otra direccion de envio", "change_address"),
        ("Skip June and July please", "pause_subscription"),
    ],
)
def test_how_people_put_it(text: str, category: str, words_alone: LexicalRouter) -> None:
    assert main(words_alone.route(text, (), None)) == category


@pytest.mark.parametrize(
    ("text", "told", "language"),
    [
        ("ok", "de", "de"),
        ("ok", None, "en"),
        ("Где моя коробка?", "en", "ru"),
        ("posylka esche ne prishla", None, "ru"),
        ("איפה המשלוח", None, "he"),
        ("¿Y mi pedido?", "en", "es"),
        ("où en est-on", None, "fr"),
        ("zzz", "tlh", "en"),
    ],
)
def test_the_text_decides_and_else_the_channel(
    text: str, told: str | None, language: str, words_alone: LexicalRouter
) -> None:
    assert words_alone.route(text, (), told).language == language


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("My son got a rash from the cookies", Urgency.HIGH),
        ("I never ordered anything and you charged my card", Urgency.HIGH),
        ("I need it before Friday, it's in time for her birthday", Urgency.HIGH),
        ("the jar is broken", Urgency.MEDIUM),
        ("карту отклонили", Urgency.MEDIUM),
        ("Bitte dringend die Adresse ändern", Urgency.MEDIUM),
        ("how much is a box", Urgency.LOW),
    ],
)
def test_urgency_is_by_the_policy(text: str, urgency: Urgency, words_alone: LexicalRouter) -> None:
    assert words_alone.route(text, (), None).urgency is urgency


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("Where is my box?", Mood.CALM),
        ("Where is my box, I asked twice already", Mood.ANNOYED),
        ("This is a disgrace, you idiots", Mood.ANGRY),
        ("Безобразие!!! Сколько можно ждать", Mood.ANGRY),
        ("My husband passed away last week", Mood.DISTRESSED),
        ("Estoy desesperada, no sé qué hacer", Mood.DISTRESSED),
    ],
)
def test_mood_is_read(text: str, mood: Mood, words_alone: LexicalRouter) -> None:
    assert words_alone.route(text, (), None).mood is mood


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("I'm Ann.B@Example.com, where is my box", "ann.b@example.com"),
        ("a@example.com or b@example.com", None),
        ("no address here", None),
    ],
)
def test_one_email_address_is_named_or_none(text: str, email: str | None, words_alone: LexicalRouter) -> None:
    assert words_alone.route(text, (), None).email == email


def test_the_summary_has_no_word_of_the_customer(words_alone: LexicalRouter) -> None:
    found = words_alone.route("Anna Example, anna@example.com, Oak Street 5: the jar came broken!", (), None)
    assert found.summary == "Damaged, wrong or missing item (broken)."


@pytest.mark.parametrize(
    "text", ["I'm a reporter and want a statement", "Мой адвокат подаст в суд", "the glass cut my hand, hospital"]
)
def test_what_could_become_a_story_is_outstanding(text: str, words_alone: LexicalRouter) -> None:
    assert words_alone.route(text, (), None).outstanding


def test_nothing_is_recognised_in_nothing(words_alone: LexicalRouter) -> None:
    assert words_alone.route("", (), None).intents == ()
    assert words_alone.route("👍", (), None).sure == 0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("it got too pricey for us", "too_expensive"),
        ("мы уезжаем за границу", "moving"),
        ("quizás vuelva más adelante", "temporary"),
        ("le cadeau est fini", "gift_ended"),
        ("hat uns nicht geschmeckt", "not_satisfied"),
        ("לא אהבנו", "not_satisfied"),
        ("42", None),
    ],
)
def test_the_reason_to_leave_is_read(text: str, kind: str | None, words_alone: LexicalRouter) -> None:
    assert words_alone.subtype("cancel_subscription", text, None) == kind


class Counting:
    """The encoder, with what it was asked."""

    def __init__(self) -> None:
        self._encoder = SentenceEncoder()
        self.asked = 0

    def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        self.asked += len(texts)
        return self._encoder.embed(texts)


def test_vectors_are_made_once_and_a_new_category_is_its_examples(tmp_path: Path, pages: list[CategoryPage]) -> None:
    repair = ["My coffee machine drips.", "Who repairs the grinder?", "the espresso machine makes no steam any more"]
    eleventh = CategoryPage("machine_repair", "Repairs", {"en": repair})
    few = [CategoryPage(page.name, page.title, {"en": page.examples["en"][:2]}) for page in pages[:2]]
    shelf, first = FolderShelf(tmp_path), Counting()
    LexicalRouter([*few, eleventh], first, shelf, frozenset({"en"}))
    assert first.asked >= len(repair)
    second = Counting()
    router = LexicalRouter([*few, eleventh], second, shelf, frozenset({"en"}))
    assert second.asked == 0
    assert main(router.route("steam comes out of my espresso maker, can it be repaired", (), None)) == "machine_repair"


def test_every_family_of_the_rules_is_in_every_language() -> None:
    named = {name for found in expressions(rules()) for term in found.terms for name in term.families}
    named -= {"span"}
    for code, families in languages().items():
        assert named <= set(families.data.families), code


def expressions(kept: Rules) -> Iterator[Expression]:
    for weighed in (kept.intents, kept.urgency, kept.mood):
        for group in weighed.values():
            yield from (found for found, _ in group)
    for kinds in kept.subtypes.values():
        for _, group in kinds:
            yield from group
    yield from (found for _, _, found in kept.absorbs)
    yield from (*kept.threats, *kept.story, kept.asks_by_itself)
