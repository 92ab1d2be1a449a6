"""What was learned and who decided on it, and what people thought of answers."""

from alembic import op

revision = "state_0003"
down_revision = "state_0002"
branch_labels = None
depends_on = None

UPGRADE = """
-- owner: the user or the team that a learning is for, '' where it is for all. backers: who else said the same.
-- identity: the same for two that say the same. words: as a person said it. payload: by kind, as of models/learning.py.
CREATE TABLE app.learnings (
    learning_id  text PRIMARY KEY,
    kind         text        NOT NULL CHECK (kind IN ('synonym', 'correction', 'gotcha', 'pattern', 'preference')),
    status       text        NOT NULL CHECK (status IN ('proposed', 'active', 'rejected', 'retired')),
    scope        text        NOT NULL CHECK (scope IN ('user', 'team', 'all')),
    owner        text        NOT NULL DEFAULT '',
    author       text        NOT NULL,
    backers      text[]      NOT NULL DEFAULT '{}',
    origin       text        NOT NULL,
    words        text        NOT NULL DEFAULT '',
    answer_id    text,
    identity     text        NOT NULL,
    payload      jsonb       NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    hits         bigint      NOT NULL DEFAULT 0,
    last_used_at timestamptz,
    CHECK ((scope = 'all') = (owner = ''))
);
-- one that is alive for each meaning and circle of people
CREATE UNIQUE INDEX learnings_alive ON app.learnings (identity, scope, owner) WHERE status IN ('proposed', 'active');
CREATE INDEX learnings_by_status ON app.learnings (status, created_at);

-- Who decided what, when. The app only adds to it.
CREATE TABLE app.learning_decisions (
    decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    learning_id text        NOT NULL REFERENCES app.learnings,
    at          timestamptz NOT NULL,
    "user"      text        NOT NULL,
    decision    text        NOT NULL,
    reason      text        NOT NULL DEFAULT ''
);
CREATE INDEX decisions_of_learning ON app.learning_decisions (learning_id, decision_id);

-- One row, counted up with every change that an answer could show. Uses don't count.
CREATE TABLE app.learnings_version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint  NOT NULL
);
INSERT INTO app.learnings_version (version) VALUES (0);

CREATE TABLE app.feedback (
    feedback_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    answer_id   text        NOT NULL REFERENCES app.answers,
    "user"      text        NOT NULL,
    at          timestamptz NOT NULL,
    score       smallint    NOT NULL CHECK (score IN (-1, 1)),
    comment     text        NOT NULL DEFAULT '',
    correction  text        NOT NULL DEFAULT '',
    learning_id text REFERENCES app.learnings
);
CREATE INDEX feedback_of_answer ON app.feedback (answer_id, feedback_id);
-- what was last said to a person in a session, for the choice that comes next
CREATE INDEX answers_of_session ON app.answers ("user", session, kept_at) WHERE session IS NOT NULL;
-- questions that could not be answered, the latest ones: what `learn list` groups
CREATE INDEX answers_refused ON app.answers (kept_at) WHERE answer ->> 'status' = 'refused';
"""

DOWNGRADE = """
DROP INDEX app.answers_refused, app.answers_of_session;
DROP TABLE app.feedback, app.learnings_version, app.learning_decisions, app.learnings;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
