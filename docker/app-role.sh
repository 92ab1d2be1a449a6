#!/bin/sh
# At the first start of the database: the role that the product works as. Its rights are set by `dash-agent db migrate`.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set "password=$DASH_APP_PASSWORD" <<'SQL'
CREATE ROLE dash_app LOGIN PASSWORD :'password';
SQL
