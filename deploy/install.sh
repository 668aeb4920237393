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

# The program: each version in a folder of its own, and a link that is moved when it is complete.
version=$(basename "$1" | cut -d- -f2)
new=/opt/tracker-$version-$(date +%Y%m%d%H%M%S)
python3 -m venv "$new"
"$new/bin/pip" install --quiet --no-input --require-hashes -r "$here/../requirements.lock"
"$new/bin/pip" install --quiet --no-input --no-deps "$1"
ln -sfnT "$new" /opt/tracker
for old in $(printf '%s\n' /opt/tracker-* | sort | head -n -2); do rm -rf "$old"; done # keeps the last

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
for login in migrate project api publish; do
    file=$etc/credentials/${login}_url
    [ -f "$file" ] || (umask 077 && echo "postgresql:///tracker?host=/run/postgresql" >"$file")
done

# The command line, as the owner of the database.
cat >/usr/local/sbin/tracker <<'END'
#!/bin/sh
cd / && exec runuser -u tracker_migrate -- \
    env "DATABASE_URL=postgresql:///tracker?host=/run/postgresql" /opt/tracker/bin/tracker "$@"
END
chmod 755 /usr/local/sbin/tracker

# An upgrade: the schema, and the lists of the new version, beside the old version that still serves.
if [ -d /run/systemd/system ] && systemctl -q is-active tracker-project; then
    /usr/local/sbin/tracker migrate
    /usr/local/sbin/tracker project --build
fi

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
