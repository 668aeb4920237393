#!/bin/sh
# Gives each login of logins.sql the password in its URL. PostgreSQL's container runs it once, after
# logins.sql, when it makes the database.
set -eu
for login in migrate project api publish; do
    url=$(cat "${SECRETS:-/run/secrets}/${login}_url")
    password=${url#*://*:}
    printf 'ALTER ROLE :"login" PASSWORD :%s;\n' "'password'" |
        psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" \
            --dbname="$POSTGRES_DB" --set=login="tracker_$login" --set=password="${password%%@*}"
done
