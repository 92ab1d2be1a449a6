"""What the support agent remembers between messages."""

from alembic import op

revision = "state_0009"
down_revision = "state_0008"
branch_labels = None
depends_on = None

# Keys of the support tables are not referenced: demo data is set anew without a look at this schema.
DIALOGUES = """
-- thread: as support_threads_data.thread_key. epoch: counts up when a person takes over and when the dialogue ends.
-- state: as of the support agent's DialogueState. pass_hash: of the token that opens it over HTTP.
CREATE TABLE app.dialogues (
    dialog_id    uuid PRIMARY KEY,
    ticket_id    bigint      NOT NULL UNIQUE,
    thread       text        NOT NULL UNIQUE,
    channel      text        NOT NULL,
    status       text        NOT NULL CHECK (status IN ('active', 'waiting', 'escalated', 'closed')),
    epoch        integer     NOT NULL DEFAULT 0,
    state        jsonb       NOT NULL DEFAULT '{}',
    pass_hash    bytea,
    taken_by     text,
    routed       boolean     NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    closed_at    timestamptz,
    close_reason text
);
CREATE INDEX dialogues_open ON app.dialogues (status, updated_at) WHERE status <> 'closed';

-- Each time a person took a dialogue over. taken_by: NULL where nobody had picked it up yet.
CREATE TABLE app.handoffs (
    handoff_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dialog_id   uuid        NOT NULL REFERENCES app.dialogues ON DELETE CASCADE,
    at          timestamptz NOT NULL,
    taken_by    text,
    reason      text        NOT NULL,
    released_at timestamptz
);
CREATE INDEX handoffs_of_dialogue ON app.handoffs (dialog_id, handoff_id);

-- Replies that staff see first. dropped: a person took over before anybody decided.
CREATE TABLE app.drafts (
    draft_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dialog_id  uuid        NOT NULL REFERENCES app.dialogues ON DELETE CASCADE,
    epoch      integer     NOT NULL,
    body       text        NOT NULL,
    language   text        NOT NULL,
    author     text        NOT NULL,
    sources    text[]      NOT NULL DEFAULT '{}',
    status     text        NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sent', 'rejected', 'dropped')),
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by text,
    reason     text        NOT NULL DEFAULT '',
    message_id bigint
);
CREATE INDEX drafts_of_dialogue ON app.drafts (dialog_id);
CREATE INDEX drafts_pending ON app.drafts (created_at) WHERE status = 'pending';

-- What a channel delivered, so that a second delivery is known as one.
CREATE TABLE app.seen_events (
    source   text        NOT NULL,
    event_id text        NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, event_id)
);
CREATE INDEX seen_events_by_time ON app.seen_events (seen_at);

-- request_hash: of what was asked under the key. answer: NULL while it is worked on.
CREATE TABLE app.idempotency_keys (
    scope        text        NOT NULL,
    key          text        NOT NULL,
    request_hash bytea       NOT NULL,
    answer       text,
    begun_at     timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_by_time ON app.idempotency_keys (begun_at);
"""

IDENTIFICATION = """
-- One row for each code that was asked for, whether or not anybody has the address. tries: wrong ones.
CREATE TABLE app.identification_codes (
    code_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dialog_id   uuid        NOT NULL,
    email       text        NOT NULL,
    salt        bytea       NOT NULL,
    code_hash   bytea       NOT NULL,
    issued_at   timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    tries       integer     NOT NULL DEFAULT 0,
    last_try_at timestamptz,
    used_at     timestamptz
);
CREATE INDEX identification_codes_of_dialogue ON app.identification_codes (dialog_id, code_id);
CREATE INDEX identification_codes_of_address ON app.identification_codes (email, issued_at);

-- what_hash: of what is counted. since: the first of those that are counted together.
CREATE TABLE app.limits (
    what_hash bytea PRIMARY KEY,
    since     timestamptz NOT NULL,
    until     timestamptz NOT NULL,
    n         integer     NOT NULL
);
CREATE INDEX limits_by_time ON app.limits (until);
"""

TASKS = """
-- What ai_agent_tasks has no room for. proposed_at: created_at of the task, for task ids begin anew with new demo data.
-- arguments_hash: of tool, arguments and customer as proposed. told: values for texts. before: for an undo.
CREATE TABLE app.task_proposals (
    task_id        bigint PRIMARY KEY,
    proposed_at    timestamptz NOT NULL,
    customer_id    bigint,
    consent        text        NOT NULL CHECK (consent IN ('none', 'customer', 'staff')),
    arguments_hash text        NOT NULL,
    expires_at     timestamptz NOT NULL,
    told           jsonb       NOT NULL DEFAULT '{}',
    before         jsonb       NOT NULL DEFAULT '{}',
    undo_until     timestamptz,
    undoes         bigint,
    told_at        timestamptz
);
CREATE INDEX task_proposals_of_customer ON app.task_proposals (customer_id);

-- The right to run a task once.
CREATE TABLE app.task_grants (
    task_id        bigint PRIMARY KEY,
    arguments_hash text        NOT NULL,
    granted_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    granted_by     text        NOT NULL,
    used_at        timestamptz
);

-- Cancel links that were used.
CREATE TABLE app.burned_links (
    jti       text PRIMARY KEY,
    burned_at timestamptz NOT NULL
);
"""

DOWNGRADE = """
DROP TABLE app.burned_links, app.task_grants, app.task_proposals, app.limits, app.identification_codes,
    app.idempotency_keys, app.seen_events, app.drafts, app.handoffs, app.dialogues;
"""


def upgrade() -> None:
    for tables in (DIALOGUES, IDENTIFICATION, TASKS):
        op.execute(tables)


def downgrade() -> None:
    op.execute(DOWNGRADE)
