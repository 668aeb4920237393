#!/bin/sh
# Installs the service on one Debian machine, with PostgreSQL, nginx and systemd; run again, it upgrades.
#   deploy/install.sh WHEEL [SETTINGS SECRET]
# WHEEL is the service's wheel, SETTINGS a file like deploy/systemd/tracker.env, and SECRET a file with
# the client secret of the identity provider. Both are needed the first time, and kept in /etc/tracker.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
etc=/etc/tracker

fail() {
    echo "$1" >&2
    exit 2
}

[ "$(id -u)" = 0 ] || fail "Run this as root."
[ -f "${1:-}" ] || fail "Usage: $0 WHEEL [SETTINGS SECRET]"
if [ $# -eq 3 ]; then
    install -d -m 755 "$etc"
    install -d -m 700 "$etc/credentials"
    install -m 644 "$2" "$etc/tracker.env"
    install -m 600 "$3" "$etc/credentials/oidc_client_secret"
fi
[ -f "$etc/tracker.env" ] || fail "The first installation needs SETTINGS and SECRET too."
host=$(sed -n 's|^TRACKER_PUBLIC_URL=https://\([^:/]*\).*|\1|p' "$etc/tracker.env")
[ -n "$host" ] || fail "$etc/tracker.env lacks TRACKER_PUBLIC_URL=https://HOST."

export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends nginx-light openssl postgresql python3-venv

# Removes the releases in a folder that nothing needs: all but the newest two by the time of their
# installation, the one that the link names, and BEFORE, the one that it named when that began.
remove_releases() { # FOLDER [BEFORE]
    linked=$(readlink -f "$1/tracker")
    stamp=[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]
    for release in "$1"/tracker-*-$stamp; do echo "${release##*-} $release"; done |
        sort | head -n -2 | cut -d ' ' -f 2- |
        while read -r release; do
            case $(readlink -f "$release") in "$linked" | "${2:-none}") ;; *) rm -rf "$release" ;; esac
        done
}

# The program: each release in a folder of its own. One whose installation fails is removed, and what
# ran before goes on.
version=$(basename "$1" | cut -d- -f2)
before=$(readlink -e /opt/tracker || true)
new=/opt/tracker-$version-$(date +%Y%m%d%H%M%S)
trap '[ /opt/tracker -ef "$new" ] || rm -rf "$new"' EXIT
# A signal ends this shell without that trap, unless it exits by itself.
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
python3 -m venv "$new"
"$new/bin/pip" install --quiet --no-input --require-hashes -r "$here/../requirements.lock"
"$new/bin/pip" install --quiet --no-input --no-deps "$1"

# Users, and PostgreSQL's logins of the same names: peer authentication, so there are no passwords.
install -D -m 644 "$here/systemd/sysusers.conf" /etc/sysusers.d/tracker.conf
systemd-sysusers /etc/sysusers.d/tracker.conf
pg_isready -q || service postgresql start
until pg_isready -q -t 60; do sleep 1; done
as_postgres() {
    (cd / && runuser -u postgres -- "$@")
}
as_postgres psql -qAtc "SELECT 1 FROM pg_database WHERE datname = 'tracker'" | grep -q 1 ||
    as_postgres createdb --encoding=UTF8 --locale=C --template=template0 tracker
as_postgres psql -q -v ON_ERROR_STOP=1 -d tracker <"$here/logins.sql"
for login in migrate project api publish backup; do
    file=$etc/credentials/${login}_url
    [ -f "$file" ] || (umask 077 && echo "postgresql:///tracker?host=/run/postgresql" >"$file")
done

# The command line, as the owner of the database.
cat >/usr/local/sbin/tracker <<'END'
#!/bin/sh
DATABASE_URL=$(cat /etc/tracker/credentials/migrate_url) && export DATABASE_URL && cd / &&
    exec runuser -u tracker_migrate -- "${TRACKER_RELEASE:-/opt/tracker}/bin/tracker" "$@"
END
chmod 755 /usr/local/sbin/tracker

# An upgrade: the schema, and the lists of the new release, beside the old one that still serves.
# The link moves only when both are complete; a first installation does it at its start.
if [ -n "$before" ]; then
    TRACKER_RELEASE=$new /usr/local/sbin/tracker migrate
    TRACKER_RELEASE=$new /usr/local/sbin/tracker project --build
fi
ln -sfnT "$new" /opt/tracker
remove_releases /opt "$before"

# The units, and the site with a certificate of its own until there is a real one.
install -d /etc/systemd/system/tracker-.service.d
install -m 644 "$here"/systemd/tracker.target "$here"/systemd/*.service "$here"/systemd/*.timer \
    /etc/systemd/system
install -m 644 "$here"/systemd/tracker-.service.d/* /etc/systemd/system/tracker-.service.d
[ -f "$etc/tls.crt" ] || (umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
    -nodes -days 90 -subj "/CN=$host" -addext "subjectAltName=DNS:$host" \
    -keyout "$etc/tls.key" -out "$etc/tls.crt" 2>/dev/null)
if [ ! -f /etc/nginx/sites-available/tracker ]; then
    sed "s/tracker\.example/$host/" "$here/proxy/nginx.conf" >/etc/nginx/sites-available/tracker
    ln -s ../sites-available/tracker /etc/nginx/sites-enabled/tracker
    rm -f /etc/nginx/sites-enabled/default
fi
nginx -t -q
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl reload-or-restart nginx
fi
echo "Installed $version. Start it, or start it again: systemctl enable tracker.target && systemctl restart tracker.target"
