"""What each tool takes, asks for, tells and refuses, on a shop in memory. Now is 10 November 2026."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from support_agent.models import Argument, Consent, Done, NotPossible, Passage, Proposal
from support_agent.tools import ALL, TOOLS
from tests.support_fakes import FakeKnowledge
from tests.support_worlds import OLD_ADDRESS, FakeWorld, situation


class Shop:
    def __init__(self) -> None:
        self.world = FakeWorld()
        self.customer = self.world.customer()
        self.owned = self.world.subscription(self.customer.customer_id)
        self.id = self.owned.subscription_id

    def check(self, tool: str, **arguments: Argument) -> Proposal | NotPossible:
        return TOOLS[tool].proposed(situation(self.world, self.customer), arguments)

    def look(self, tool: str, **arguments: Argument) -> Mapping[str, object]:
        found = TOOLS[tool].looked(situation(self.world, self.customer), arguments)
        assert isinstance(found, Done), found
        return found.told

    def reason(self, tool: str, **arguments: Argument) -> str:
        found = self.check(tool, **arguments)
        assert isinstance(found, NotPossible), found
        return found.reason


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made.world.box(made.id, "2026-10", delivered_at=datetime(2026, 10, 3, tzinfo=UTC))
    made.world.box(made.id, "2026-11", delivered_at=datetime(2026, 11, 3, tzinfo=UTC))
    return made


def test_tools_are_named_and_described_once() -> None:
    assert len({tool.name for tool in ALL}) == len(ALL)
    for tool in ALL:
        assert (tool.look is None) != (tool.check is None)
        assert (tool.consent is None) == (tool.check is None)
        assert tool.arguments.model_json_schema()["additionalProperties"] is False


def test_without_identification_only_pages_and_people(shop: Shop) -> None:
    nobody = situation(shop.world, None)
    for tool in ALL:
        given: dict[str, Argument] = {"text": "customs"} if tool.name == "search" else {}
        found = (tool.looked if tool.look else tool.proposed)(nobody, given)
        if tool.identified:
            assert found == NotPossible("not_identified"), tool.name


def test_money_and_new_boxes_are_staffs() -> None:
    staffs = {tool.name for tool in ALL if tool.consent is Consent.STAFF}
    assert staffs == {"issue_replacement", "retention_offer", "create_damage_claim"}
    assert {tool.name for tool in ALL if tool.undo} == {
        *("pause_subscription", "skip_month", "change_frequency", "change_address")
    }


@pytest.mark.parametrize(
    ("tool", "arguments", "wrong"),
    [
        ("pause_subscription", {"months": "many"}, "months"),
        ("pause_subscription", {"until": "soon"}, "until"),
        ("pause_subscription", {"until": "2026-02-30"}, "until"),
        ("pause_subscription", {"approved": True}, "approved"),
        ("change_frequency", {"frequency": "weekly"}, "frequency"),
        ("skip_month", {"customer_id": 1}, "customer_id"),
        ("create_damage_claim", {"kind": "ugly"}, "kind"),
        ("retention_offer", {"boxes": 12}, "boxes"),
        ("retention_offer", {"discount_percent": 0}, "discount_percent"),
    ],
)
def test_arguments_that_are_none_are_named(shop: Shop, tool: str, arguments: dict[str, Argument], wrong: str) -> None:
    assert shop.check(tool, **arguments) == NotPossible("wrong_arguments", missing=(wrong,))


def test_with_several_subscriptions_it_asks_which(shop: Shop) -> None:
    other = shop.world.subscription(shop.customer.customer_id, plan="premium")
    found = shop.check("pause_subscription", months=1)
    assert isinstance(found, NotPossible)
    assert (found.reason, found.missing) == ("which_subscription", ("subscription_id",))
    assert OLD_ADDRESS not in str(found.values)
    named = shop.check("pause_subscription", months=1, subscription_id=other.subscription_id)
    assert isinstance(named, Proposal)
    assert named.told["plan"] == "premium"


@pytest.mark.parametrize("tool", ["pause_subscription", "skip_month", "change_frequency", "generate_cancel_link"])
def test_what_is_cancelled_can_not_be_changed(tool: str) -> None:
    shop = Shop()
    gone = shop.world.subscription(shop.customer.customer_id, status="cancelled")
    assert shop.reason(tool, subscription_id=gone.subscription_id) == "cancelled"


# Pause


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "until_when"),
        ({"months": 4}, "pause_too_long"),
        ({"months": 1000}, "pause_too_long"),
        ({"until": "2027-02-11"}, "pause_too_long"),
        ({"until": "2026-12-05"}, "pause_too_short"),
        ({"until": "2020-01-01"}, "pause_too_short"),
        ({"end": True}, "not_paused"),
    ],
)
def test_a_pause_is_one_to_three_months(shop: Shop, arguments: dict[str, Argument], reason: str) -> None:
    found = shop.check("pause_subscription", **arguments)
    assert isinstance(found, NotPossible)
    assert (found.reason, found.staff) == (reason, False)


@pytest.mark.parametrize(
    ("arguments", "until", "away", "coming"),
    [
        ({"months": 1}, "2026-12-09", ["2026-12"], "2027-01-01"),
        ({"months": 3}, "2027-02-09", ["2026-12", "2027-01", "2027-02"], "2027-03-01"),
        ({"until": "2027-02-10"}, "2027-02-10", ["2026-12", "2027-01", "2027-02"], "2027-03-01"),
        ({"until": "2026-12-20"}, "2026-12-20", ["2026-12", "2027-01"], "2027-02-01"),
    ],
)
def test_a_pause_tells_what_stays_away(
    shop: Shop, arguments: dict[str, Argument], until: str, away: list[str], coming: str
) -> None:
    found = shop.check("pause_subscription", **arguments)
    assert isinstance(found, Proposal)
    assert dict(found.arguments) == {"subscription_id": shop.id, "until": until}
    assert found.told["stays_away"] == tuple(date.fromisoformat(f"{month}-01") for month in away)
    assert found.told["next_box"] == date.fromisoformat(coming)


def test_a_pause_ends_early_and_by_itself(shop: Shop) -> None:
    paused = shop.world.subscription(
        shop.customer.customer_id, status="paused", paused_until=date(2026, 12, 31), plan="premium"
    )
    assert shop.reason("pause_subscription", subscription_id=paused.subscription_id, months=1) == "already_paused"
    found = shop.check("pause_subscription", subscription_id=paused.subscription_id, end=True)
    assert isinstance(found, Proposal)
    assert dict(found.arguments) == {"subscription_id": paused.subscription_id, "end": True}
    shop.world.clock.moment = datetime(2026, 12, 31, 22, tzinfo=UTC)
    assert shop.reason("pause_subscription", subscription_id=paused.subscription_id, end=True) == "not_paused"


def test_a_packed_box_that_still_comes_is_told(shop: Shop) -> None:
    shop.world.clock.moment = datetime(2026, 11, 25, tzinfo=UTC)
    shop.world.box(shop.id, "2026-12", "in_transit")
    found = shop.check("pause_subscription", months=1)
    assert isinstance(found, Proposal)
    assert found.told["packed"] == date(2026, 12, 1)
    assert found.told["stays_away"] == (date(2027, 1, 1),)


# Skip, frequency


@pytest.mark.parametrize(
    ("month", "reason"),
    [("2026-11-05", "already_packed"), ("2026-01-01", "already_packed"), ("2027-06-01", "too_far_ahead")],
)
def test_months_that_can_not_be_skipped(shop: Shop, month: str, reason: str) -> None:
    assert shop.reason("skip_month", month=month) == reason


def test_skipping_takes_the_next_box_or_the_one_that_is_named(shop: Shop) -> None:
    first = shop.check("skip_month")
    assert isinstance(first, Proposal)
    assert (first.arguments["month"], first.told["next_box"]) == ("2026-12-01", date(2027, 1, 1))
    named = shop.check("skip_month", month="2027-05-31")
    assert isinstance(named, Proposal)
    assert (named.arguments["month"], named.told["next_box"]) == ("2027-05-01", date(2026, 12, 1))


def test_a_month_without_a_box_has_none_to_skip() -> None:
    shop = Shop()
    every_other = shop.world.subscription(shop.customer.customer_id, frequency="bimonthly")
    shop.world.box(every_other.subscription_id, "2026-11")
    given: dict[str, Argument] = {"subscription_id": every_other.subscription_id, "month": "2026-12-01"}
    assert shop.reason("skip_month", **given) == "no_box_in_month"
    assert isinstance(shop.check("skip_month", **{**given, "month": "2027-01-01"}), Proposal)


def test_a_packed_box_that_still_waits_is_for_a_person(shop: Shop) -> None:
    shop.world.clock.moment = datetime(2026, 11, 20, 12, tzinfo=UTC)
    shop.world.box(shop.id, "2026-12", "preparing")
    found = shop.check("skip_month", month="2026-12-01")
    assert isinstance(found, NotPossible)
    assert (found.reason, found.staff) == ("already_packed", True)


def test_the_frequency_of_a_gift_is_its_givers() -> None:
    shop = Shop()
    gift = shop.world.subscription(shop.customer.customer_id, plan="gift")
    given: dict[str, Argument] = {"subscription_id": gift.subscription_id}
    assert shop.check("change_frequency", **given, frequency="quarterly") == NotPossible("gift_frequency", staff=True)
    assert shop.check("generate_cancel_link", **given) == NotPossible("gift_of_others", staff=True)
    assert shop.reason("retention_offer", **given) == "no_offer_for_gifts"
    assert isinstance(shop.check("pause_subscription", **given, months=1), Proposal)


@pytest.mark.parametrize(("frequency", "coming"), [("bimonthly", date(2027, 1, 1)), ("quarterly", date(2027, 2, 1))])
def test_another_rhythm_tells_its_next_box(shop: Shop, frequency: str, coming: date) -> None:
    assert shop.reason("change_frequency") == "how_often"
    assert shop.reason("change_frequency", frequency="monthly") == "same_frequency"
    found = shop.check("change_frequency", frequency=frequency)
    assert isinstance(found, Proposal)
    assert (found.told["was"], found.told["next_box"]) == ("monthly", coming)


# Address

PARTS: dict[str, Argument] = {
    "recipient": "Ada Example",
    "street": "Neue Straße 5",
    "flat": "3",
    "postal_code": "50667",
    "town": "Köln",
}


def test_an_address_is_repeated_in_full_with_the_first_box(shop: Shop) -> None:
    found = shop.check("change_address", **PARTS)
    assert isinstance(found, Proposal)
    assert found.told["address"] == "Ada Example, Neue Straße 5, 3, 50667 Köln, DE"
    assert (found.told["first_box"], found.told["packed"]) == (date(2026, 12, 1), None)
    assert "Köln" not in repr(found)


@pytest.mark.parametrize("left_out", ["recipient", "street", "postal_code", "town"])
def test_what_is_missing_of_an_address_is_asked_for(shop: Shop, left_out: str) -> None:
    found = shop.check("change_address", **{**PARTS, left_out: None})
    assert found == NotPossible("address_incomplete", missing=(left_out,))


def test_other_countries_times_and_troubles_are_for_a_person(shop: Shop) -> None:
    assert shop.check("change_address", **PARTS, country="France") == NotPossible("other_country", staff=True)
    assert shop.check("change_address", **PARTS, country="Atlantis") == NotPossible("other_country", staff=True)
    assert shop.reason("change_address", **PARTS, boxes=2) == "temporary_address"
    assert shop.reason("change_address", **{**PARTS, "postal_code": "5066"}) == "address_invalid"
    shop.world.box(shop.id, "2026-12", "lost")
    assert shop.check("change_address", **PARTS) == NotPossible("box_in_trouble", staff=True)


def test_the_stored_address_is_compared_and_not_told(shop: Shop) -> None:
    same: dict[str, Argument] = {
        "recipient": "old name",
        "street": "LIME street 1",
        "postal_code": "10115",
        "town": "Berlin",
    }
    assert shop.check("change_address", **same) == NotPossible("same_address")
    told = [shop.look("subscription"), shop.look("orders"), shop.look("tracking")]
    assert "Lime" not in str(told)


# Claims


@pytest.mark.parametrize(
    ("kind", "photos"), [("broken", 2), ("leaked", 2), ("wrong_item", 1), ("expired", 1), ("wrong_box", 1)]
)
def test_photos_are_asked_for_and_counted_by_us(shop: Shop, kind: str, photos: int) -> None:
    claim = TOOLS["create_damage_claim"]
    few = situation(shop.world, shop.customer, photos=("p",) * (photos - 1))
    found = claim.proposed(few, {"kind": kind, "photos": 9})
    assert found == NotPossible("photos", {"photos": photos, "there": photos - 1}, ("photos",))
    none = claim.proposed(few, {"kind": kind, "no_photo": True})
    assert isinstance(none, NotPossible)
    assert (none.reason, none.staff) == ("no_photo", True)
    enough = situation(shop.world, shop.customer, photos=("p",) * photos)
    assert isinstance(claim.proposed(enough, {"kind": kind}), Proposal)


def test_a_missing_item_is_named_and_needs_no_photo(shop: Shop) -> None:
    assert shop.reason("create_damage_claim", kind="missing_item") == "which_item"
    found = shop.check("create_damage_claim", kind="missing_item", items="the nuts")
    assert isinstance(found, Proposal)
    assert found.consent is Consent.STAFF
    assert found.arguments["month"] == "2026-11-01"


def test_damage_is_reported_within_fourteen_days(shop: Shop) -> None:
    found = shop.check("create_damage_claim", kind="missing_item", items="nuts", month="2026-10-01")
    assert isinstance(found, NotPossible)
    assert (found.reason, found.staff) == ("reported_too_late", True)
    shop.world.clock.moment = datetime(2026, 11, 17, tzinfo=UTC)
    assert isinstance(shop.check("create_damage_claim", kind="missing_item", items="nuts"), Proposal)
    shop.world.clock.later(seconds=1)
    assert shop.reason("create_damage_claim", kind="missing_item", items="nuts") == "reported_too_late"


def test_a_new_box_needs_a_reason_of_the_list(shop: Shop) -> None:
    assert shop.reason("issue_replacement") == "what_reason"
    assert shop.reason("issue_replacement", reason="damaged") == "claim_first"
    assert shop.reason("issue_replacement", reason="lost") == "no_such_box"
    shop.world.box(shop.id, "2026-12", "in_transit", shipped_at=datetime(2026, 10, 20, tzinfo=UTC))
    assert shop.reason("issue_replacement", reason="lost") == "not_lost"
    shop.world.clock.later(days=10)
    found = shop.check("issue_replacement", reason="lost")
    assert isinstance(found, Proposal)
    assert dict(found.arguments) == {"subscription_id": shop.id, "month": "2026-12-01", "reason": "lost"}


# Offers and the way out


def test_offers_have_limits(shop: Shop) -> None:
    assert shop.reason("retention_offer", discount_percent=21) == "offer_too_high"
    young = Shop()
    young.world.box(young.id, "2026-11")
    assert young.reason("retention_offer") == "too_young_for_offer"
    shop.world.box(shop.id, "2026-12", "lost")
    assert shop.reason("retention_offer") == "no_offer_in_trouble"
    assert TOOLS["retention_offer"].lifetime == timedelta(days=7)


def test_the_cancel_link_tells_what_still_comes(shop: Shop) -> None:
    shop.world.box(shop.id, "2026-12", "in_transit")
    found = shop.check("generate_cancel_link")
    assert isinstance(found, Proposal)
    assert (found.told["hours"], found.told["packed"]) == (48, date(2026, 12, 1))
    assert found.consent is Consent.CUSTOMER


# Lookups


def test_a_subscription_is_told_with_its_next_box(shop: Shop) -> None:
    (one,) = shop.look("subscription")["subscriptions"]  # type: ignore[misc]
    assert (one["next_box"], one["change_until"]) == (date(2026, 12, 1), date(2026, 11, 19))
    assert str(one["price_usd"]) == "29.00"


def test_who_receives_a_gift_does_not_learn_its_price() -> None:
    shop = Shop()
    gift = shop.world.subscription(shop.customer.customer_id, plan="gift")
    told = [shop.look(tool, subscription_id=gift.subscription_id) for tool in ("subscription", "orders")]
    assert "price" not in str(told)


@pytest.mark.parametrize(("days", "late", "lost"), [(5, False, False), (15, True, False), (28, True, True)])
def test_a_box_under_way_is_measured_against_the_usual_time(shop: Shop, days: int, late: bool, lost: bool) -> None:
    """Ten working days are two weeks, twenty are four."""
    left = shop.world.clock.now() - timedelta(days=days)
    shop.world.box(shop.id, "2026-12", "in_transit", shipped_at=left)
    told = shop.look("tracking")
    assert (told["status"], told["late"], told["lost"]) == ("in_transit", late, lost)
    assert str(told["tracking_number"]).startswith("TRACK")


def test_a_box_that_is_being_packed_has_no_number_yet(shop: Shop) -> None:
    shop.world.box(shop.id, "2026-12", "preparing")
    assert shop.look("tracking")["tracking_number"] is None
    found = TOOLS["tracking"].looked(situation(shop.world, shop.customer), {"month": "2026-03-01"})
    assert isinstance(found, NotPossible)
    assert found.reason == "no_such_box"


def test_pages_come_with_their_sources() -> None:
    passage = Passage("knowledge/faq/customs-and-duties.md", "Customs", "", "It depends.", 0.6)
    there = situation(FakeWorld(), None, knowledge=FakeKnowledge((passage,)))
    found = TOOLS["search"].looked(there, {"text": "customs"})
    assert isinstance(found, Done)
    assert found.told["sources"] == ("knowledge/faq/customs-and-duties.md",)
    nothing = TOOLS["search"].looked(situation(FakeWorld(), None, knowledge=FakeKnowledge()), {"text": "customs"})
    assert nothing == NotPossible("nothing_found")
