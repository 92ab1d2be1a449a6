"""The desk's habits as numbers: who writes when, where and about what, and how well it goes.

Everything here is invented. Weights are relative; probabilities are 0 to 1; medians carry their unit in the name.
"""

from __future__ import annotations

# Business time zone. Customers of four continents: a working-day peak, a second one in the American day.
HOUR_OF_DAY = (
    0.62, 0.48, 0.38, 0.30, 0.28, 0.34, 0.50, 0.78, 1.12, 1.42, 1.55, 1.52,
    1.45, 1.38, 1.36, 1.40, 1.44, 1.42, 1.38, 1.34, 1.30, 1.20, 1.02, 0.82,
)  # fmt: skip
WEEKDAY = (1.26, 1.08, 1.03, 0.99, 0.79, 0.66, 1.19)
SEASON = (1.10, 0.98, 0.97, 0.96, 0.96, 0.95, 0.93, 0.94, 0.98, 0.99, 1.02, 1.22)
GROWTH_PER_YEAR = 0.16

CATEGORY = {
    "cancel_subscription": 0.115, "pause_subscription": 0.07, "skip_month": 0.085, "change_frequency": 0.062,
    "change_address": 0.075, "shipping_inquiry": 0.235, "damaged_item": 0.12, "payment_issue": 0.10,
    "general_question": 0.10, "other": 0.038,
}  # fmt: skip
# Month 1-12: factor.
CATEGORY_SEASON: dict[str, dict[int, float]] = {
    "cancel_subscription": {1: 1.45, 2: 1.15, 12: 0.85},
    "pause_subscription": {6: 1.25, 7: 1.5, 8: 1.4},
    "skip_month": {7: 1.2, 8: 1.3, 12: 0.8},
    "change_address": {6: 1.15, 7: 1.2, 8: 1.2, 9: 1.15},
    "shipping_inquiry": {11: 1.1, 12: 1.35, 1: 1.1},
    "damaged_item": {6: 1.1, 7: 1.3, 8: 1.25, 12: 1.1},
    "general_question": {11: 1.2, 12: 1.3},
}

COUNTRY = {
    "US": 0.43, "IL": 0.18, "GB": 0.10, "DE": 0.085, "FR": 0.07, "CA": 0.055, "ES": 0.05,
    "RU": 0.04, "AU": 0.03, "MX": 0.025, "BR": 0.015, "NL": 0.02,
}  # fmt: skip
# Hours that their clocks are from the business's, roughly: decides who writes at which hour.
HOURS_FROM_DESK = {
    "US": -8, "IL": 0, "GB": -2, "DE": -1, "FR": -1, "CA": -8, "ES": -1, "RU": 0, "AU": 7, "MX": -9, "BR": -6, "NL": -1,
}  # fmt: skip
# Local hour of day of the customer: how ready people are to write.
AWAKE = (
    0.4, 0.25, 0.18, 0.15, 0.15, 0.25, 0.5, 0.9, 1.2, 1.35, 1.4, 1.4,
    1.35, 1.3, 1.3, 1.3, 1.3, 1.3, 1.35, 1.45, 1.5, 1.4, 1.1, 0.7,
)  # fmt: skip
COUNTRY_CATEGORY = {
    "IL": {"shipping_inquiry": 1.15, "payment_issue": 1.2},
    "RU": {"shipping_inquiry": 1.4, "payment_issue": 1.5},
    "AU": {"shipping_inquiry": 1.3, "damaged_item": 1.2},
    "BR": {"shipping_inquiry": 1.5},
    "DE": {"cancel_subscription": 1.2, "payment_issue": 0.8},
    "US": {"damaged_item": 1.1, "general_question": 1.1},
}
LANGUAGE_OF = {
    "US": {"en": 0.87, "es": 0.10, "ru": 0.02, "he": 0.01},
    "IL": {"he": 0.72, "ru": 0.15, "en": 0.11, "fr": 0.02},
    "GB": {"en": 0.97, "fr": 0.02, "ru": 0.01},
    "DE": {"de": 0.91, "en": 0.06, "ru": 0.03},
    "FR": {"fr": 0.95, "en": 0.04, "he": 0.01},
    "CA": {"en": 0.77, "fr": 0.23},
    "ES": {"es": 0.93, "en": 0.07},
    "RU": {"ru": 0.98, "en": 0.02},
    "AU": {"en": 1.0},
    "MX": {"es": 0.97, "en": 0.03},
    "BR": {"es": 0.6, "en": 0.4},
    "NL": {"en": 0.8, "de": 0.2},
}
CHANNEL = {"email": 0.40, "chat": 0.25, "whatsapp": 0.16, "facebook": 0.08, "telegram": 0.06, "voice": 0.05}
COUNTRY_CHANNEL = {
    "IL": {"whatsapp": 2.3, "email": 0.7},
    "RU": {"telegram": 6.0, "facebook": 0.1, "whatsapp": 0.6, "email": 0.7},
    "MX": {"whatsapp": 2.8, "facebook": 1.5}, "BR": {"whatsapp": 3.2, "email": 0.6},
    "ES": {"whatsapp": 2.0}, "DE": {"email": 1.4, "facebook": 0.6}, "US": {"whatsapp": 0.35, "chat": 1.3, "voice": 1.4},
    "GB": {"chat": 1.2}, "FR": {"facebook": 1.4},
}  # fmt: skip
LANGUAGE_CHANNEL = {"ru": {"telegram": 3.0}, "he": {"whatsapp": 1.2}}
CATEGORY_CHANNEL = {
    "cancel_subscription": {"email": 1.3, "voice": 1.5},
    "shipping_inquiry": {"chat": 1.25, "whatsapp": 1.35, "email": 0.85},
    "damaged_item": {"whatsapp": 1.5, "facebook": 1.4},
    "payment_issue": {"email": 1.25, "voice": 1.6, "facebook": 0.5},
    "general_question": {"chat": 1.4, "facebook": 1.6},
    "other": {"email": 1.5, "facebook": 1.5, "voice": 0.4},
}
UNIDENTIFIED = {"email": 0.05, "chat": 0.065, "whatsapp": 0.085, "facebook": 0.18, "telegram": 0.15, "voice": 0.10}
SUBTYPE = {
    "too_expensive": 3.0, "not_satisfied": 2.0, "temporary": 0.8, "gift_ended": 0.8, "travel": 2.0,
    "next_month": 3.0, "less_often": 3.5, "new_home": 2.5, "where_is_my_box": 3.2, "delayed": 2.2, "lost": 0.8,
    "broken": 2.2, "missing_item": 1.6, "expired": 0.5, "card_declined": 1.8, "double_charge": 1.4, "products": 2.0,
    "feedback": 2.0, "spam": 0.8,
}  # fmt: skip
FLOODED_SUBTYPE = {"where_is_my_box": 3.0, "delayed": 4.0, "lost": 1.0, "tracking_not_working": 1.5}
NO_SUBTYPE = 0.06
SECONDARY = 0.085
FOREIGN_TICKET = 0.05
URGENCY = {
    "cancel_subscription": {"low": 0.2, "medium": 0.55, "high": 0.25},
    "shipping_inquiry": {"low": 0.3, "medium": 0.5, "high": 0.2},
    "damaged_item": {"low": 0.15, "medium": 0.55, "high": 0.3},
    "payment_issue": {"low": 0.1, "medium": 0.45, "high": 0.45},
    "general_question": {"low": 0.75, "medium": 0.22, "high": 0.03},
    "other": {"low": 0.7, "medium": 0.25, "high": 0.05},
}
URGENCY_DEFAULT = {"low": 0.45, "medium": 0.47, "high": 0.08}
OUTSTANDING = {"other": 0.08, "damaged_item": 0.035, "payment_issue": 0.035, "cancel_subscription": 0.025}
OUTSTANDING_DEFAULT = 0.012

# Of the tickets that the AI answered: those that a person takes over before there is a draft.
UNRESOLVED = {
    "cancel_subscription": 0.125, "pause_subscription": 0.055, "skip_month": 0.025, "change_frequency": 0.035,
    "change_address": 0.04, "shipping_inquiry": 0.08, "damaged_item": 0.13, "payment_issue": 0.11,
    "general_question": 0.055, "other": 0.17,
}  # fmt: skip
UNRESOLVED_LANGUAGE = {"en": 0.92, "he": 1.45, "ru": 1.15, "es": 0.98, "fr": 1.05, "de": 1.0}
UNRESOLVED_MODEL = {"gpt-5.1": 1.15, "gpt-5.2": 0.86, "claude-sonnet-4-5": 0.9}
UNRESOLVED_CHANNEL = {"voice": 1.4, "facebook": 1.1}
ERROR = {"skip_month": 0.004, "change_address": 0.004, "change_frequency": 0.004, "shipping_inquiry": 0.018}
ERROR_DEFAULT = 0.015
ESCALATED_AT_ONCE = 0.015
ESCALATED_THEN_SENT = 0.045
ESCALATED_WITH_DRAFT = 0.008
# The share of drafts that goes out without review once the desk trusts a category, and when in the period it began.
AUTO_SEND = {
    "skip_month": (0.58, 0.15), "change_address": (0.50, 0.30), "change_frequency": (0.48, 0.35),
    "pause_subscription": (0.42, 0.45), "general_question": (0.38, 0.25), "shipping_inquiry": (0.34, 0.40),
    "cancel_subscription": (0.06, 0.70), "damaged_item": (0.05, 0.70), "payment_issue": (0.08, 0.60),
    "other": (0.04, 0.60),
}  # fmt: skip
AUTO_SEND_BEFORE = 0.03

QUEUE_SECONDS = {"email": 140.0, "chat": 2.0, "whatsapp": 8.0, "facebook": 45.0, "telegram": 7.0, "voice": 1.5}
REVIEW_MINUTES = {"email": 70.0, "chat": 6.0, "whatsapp": 13.0, "facebook": 34.0, "telegram": 15.0, "voice": 4.0}
REVIEW_URGENCY = {"low": 1.45, "medium": 1.0, "high": 0.55}
REPLY_MINUTES = {"email": 190.0, "chat": 4.0, "whatsapp": 16.0, "facebook": 60.0, "telegram": 14.0, "voice": 2.0}
FOLLOW_UP = {"email": 0.24, "chat": 0.52, "whatsapp": 0.48, "facebook": 0.35, "telegram": 0.45, "voice": 0.30}
NIGHT_FACTOR = 2.4
WEEKEND_FACTOR = 1.5

LATENCY_MS = {"gpt-5.1": 4300.0, "gpt-5.2": 2900.0, "claude-sonnet-4-5": 3500.0}
PROMPT_TOKENS = {"gpt-5.1": 2350.0, "gpt-5.2": 2600.0, "claude-sonnet-4-5": 2450.0}
COMPLETION_TOKENS = {"gpt-5.1": 265.0, "gpt-5.2": 240.0, "claude-sonnet-4-5": 290.0}
# US dollars for a million tokens: prompt, completion.
PRICE = {"gpt-5.1": (1.25, 10.0), "gpt-5.2": (1.75, 14.0), "claude-sonnet-4-5": (3.0, 15.0)}
CLAUDE_SHARE = 0.2

AGENTS_OF_LANGUAGE = {
    "en": {"Dana": 3, "Omer": 3, "Noa": 2, "Yael": 2, "Marc": 2, "Elena": 1, "Pavel": 1, "Sofia": 2},
    "he": {"Dana": 3, "Omer": 3, "Noa": 3, "Yael": 3},
    "es": {"Sofia": 6, "Elena": 1}, "fr": {"Marc": 6, "Sofia": 1},
    "ru": {"Elena": 4, "Pavel": 4}, "de": {"Marc": 4, "Pavel": 3},
}  # fmt: skip

# Comparisons: mean of the judge's penalty, chances of the verdicts, and how often a rewritten answer is judged.
PENALTY = {
    "cancel_subscription": 21.0, "pause_subscription": 16.5, "skip_month": 6.5, "change_frequency": 7.5,
    "change_address": 7.0, "shipping_inquiry": 18.0, "damaged_item": 22.0, "payment_issue": 20.0,
    "general_question": 15.0, "other": 27.0,
}  # fmt: skip
HUMAN_BETTER = {
    "cancel_subscription": 0.33, "pause_subscription": 0.23, "skip_month": 0.04, "change_frequency": 0.05,
    "change_address": 0.045, "shipping_inquiry": 0.26, "damaged_item": 0.35, "payment_issue": 0.30,
    "general_question": 0.21, "other": 0.42,
}  # fmt: skip
REWRITTEN = 0.58
COMPARED = {"skip_month": 0.9, "change_address": 0.9, "change_frequency": 0.9}
COMPARED_DEFAULT = 0.62
QUALITY_MODEL = {"gpt-5.1": 1.12, "gpt-5.2": 0.86, "claude-sonnet-4-5": 0.9}
QUALITY_LANGUAGE = {"en": 0.96, "he": 1.22, "ru": 1.08, "es": 1.0, "fr": 1.03, "de": 0.98}
ERROR_TYPE = {
    "cancel_subscription": {"wrong_policy": 3, "wrong_tone": 4, "missing_info": 2, "wrong_action": 2},
    "shipping_inquiry": {"missing_info": 5, "hallucination": 3, "wrong_policy": 1},
    "damaged_item": {"wrong_policy": 3, "missing_info": 3, "wrong_action": 3, "wrong_tone": 1},
    "payment_issue": {"wrong_policy": 5, "missing_info": 2, "hallucination": 2, "wrong_action": 1},
    "general_question": {"hallucination": 5, "missing_info": 4},
}
JUDGE_MODEL = "gpt-5.2-judge"

# Subscriptions and shipments.
CUSTOMERS_PER_TICKET = 0.2
FEWEST_CUSTOMERS = 24
EARLIER_CUSTOMERS = 0.58
PLAN = {"standard": 0.60, "premium": 0.29, "gift": 0.11}
FREQUENCY = {"monthly": 0.64, "bimonthly": 0.23, "quarterly": 0.13}
PRICE_USD = {"standard": 29.90, "premium": 49.90, "gift": 39.90}
CARRIERS_OF = {
    "US": {"USPS": 5, "UPS": 3, "FedEx": 2}, "IL": {"Israel Post": 7, "DHL": 2, "FedEx": 1},
    "GB": {"DHL": 5, "UPS": 5}, "FR": {"DHL": 6, "UPS": 3, "FedEx": 1}, "DE": {"DHL": 9, "UPS": 1},
    "ES": {"DHL": 6, "UPS": 2, "FedEx": 2}, "CA": {"UPS": 5, "FedEx": 3, "DHL": 2}, "RU": {"DHL": 10},
    "AU": {"DHL": 6, "FedEx": 4}, "MX": {"DHL": 5, "FedEx": 5}, "BR": {"DHL": 6, "FedEx": 4},
    "NL": {"DHL": 8, "UPS": 2},
}  # fmt: skip
TRANSIT_DAYS = {
    "US": 4.2, "IL": 6.5, "GB": 4.0, "FR": 4.5, "DE": 3.6, "ES": 4.8, "CA": 6.0, "RU": 13.0,
    "AU": 9.0, "MX": 8.0, "BR": 12.0, "NL": 3.8,
}  # fmt: skip
TRACKING_PREFIX = {"DHL": "JD", "UPS": "1Z", "FedEx": "FX", "Israel Post": "RR", "USPS": "94"}
