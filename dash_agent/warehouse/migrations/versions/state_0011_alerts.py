"""Alerts: what holds, what was told of it, what they made of it, and the looks."""

from alembic import op

revision = "state_0011"
down_revision = "state_0010"
branch_labels = None
depends_on = None

UPGRADE = """
-- One thing that holds, or held, for one address. key: of its cause. cause: as of the look at seen_at.
-- told_at: when its last message was ordered. told: the cause as that message has it.
CREATE TABLE app.alerts (
    alert_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule      text        NOT NULL,
    key       text        NOT NULL,
    channel   text        NOT NULL,
    address   text        NOT NULL,
    language  text        NOT NULL,
    stage     text        NOT NULL CHECK (stage IN ('told', 'quiet', 'muted', 'over')),
    cause     jsonb       NOT NULL,
    opened_at timestamptz NOT NULL,
    seen_at   timestamptz NOT NULL,
    told_at   timestamptz,
    told      jsonb,
    over_at   timestamptz
);
CREATE UNIQUE INDEX alerts_open ON app.alerts (key, channel, address) WHERE stage <> 'over';
CREATE INDEX alerts_of_address ON app.alerts (channel, address, seen_at);
CREATE INDEX alerts_of_rule ON app.alerts (rule);

-- Messages about an alert. message: as it was made, before it leaves.
CREATE TABLE app.alert_tellings (
    alert_id bigint      NOT NULL REFERENCES app.alerts ON DELETE CASCADE,
    number   integer     NOT NULL,
    kind     text        NOT NULL CHECK (kind IN ('first', 'worse', 'again', 'over')),
    outcome  text        NOT NULL CHECK (outcome IN ('built', 'sent', 'skipped', 'in_doubt', 'refused', 'failed')),
    why      text        NOT NULL DEFAULT '',
    at       timestamptz NOT NULL,
    message  jsonb       NOT NULL,
    PRIMARY KEY (alert_id, number)
);
CREATE INDEX alert_tellings_by_time ON app.alert_tellings (at);

-- press: grows from press to press.
CREATE TABLE app.alert_verdicts (
    alert_id bigint      NOT NULL REFERENCES app.alerts ON DELETE CASCADE,
    chat     text        NOT NULL,
    "user"   text        NOT NULL,
    verdict  text        NOT NULL CHECK (verdict IN ('useful', 'noise')),
    at       timestamptz NOT NULL,
    press    bigint      NOT NULL,
    PRIMARY KEY (alert_id, chat, "user")
);

-- channel, address: '' of a mute that holds for all. verdicts: that there were when it was proposed.
CREATE TABLE app.alert_mutes (
    mute_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule     text        NOT NULL,
    channel  text        NOT NULL,
    address  text        NOT NULL,
    state    text        NOT NULL CHECK (state IN ('proposed', 'muted', 'kept')),
    at       timestamptz NOT NULL,
    until    timestamptz,
    verdicts integer     NOT NULL DEFAULT 0,
    by       text        NOT NULL DEFAULT '',
    UNIQUE (rule, channel, address)
);

-- scope: the rows that were looked at, '' of all. gap_from: the look before, where others should have been in between.
CREATE TABLE app.alert_looks (
    look_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope    text        NOT NULL,
    rules    text[]      NOT NULL,
    at       timestamptz NOT NULL,
    segments integer     NOT NULL DEFAULT 0,
    found    integer     NOT NULL DEFAULT 0,
    error    text        NOT NULL DEFAULT '',
    gap_from timestamptz
);
CREATE INDEX alert_looks_by_time ON app.alert_looks (at);

-- The first update of a bot that is not handled yet.
CREATE TABLE app.bot_updates (
    bot     text PRIMARY KEY,
    next_id bigint      NOT NULL,
    at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""

DOWNGRADE = """
DROP TABLE app.bot_updates, app.alert_looks, app.alert_mutes, app.alert_verdicts, app.alert_tellings, app.alerts;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
