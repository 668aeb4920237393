#!/bin/sh
# Tries deploy/install.sh on a fresh Debian 12 of its own, whose first process is systemd, and removes it.
#   deploy/try_install.sh WHEEL     as root on Debian, with debootstrap and systemd-container
# Takes ten minutes and two gigabytes. The machine shares this one's network: ports 443, 5432 and 8000
# have to be free.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
wheel=${1:?the wheel is missing}
work=$(mktemp -d)
root=$work/root
nspawn=''
trap 'if [ -n "$nspawn" ]; then kill "$nspawn" && wait "$nspawn"; fi; rm -rf "$work"' EXIT

say() {
    echo "=== $(date +%T) $1"
}
# Runs a command in the machine, with this one's settings for package indexes.
inside() {
    nsenter --target "$leader" --mount --uts --ipc --net --pid env -i HOME=/root \
        PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin PIP_CERT="${PIP_CERT:-}" "$@"
}
get() {
    inside curl --silent --show-error --fail --http2 --cacert /etc/tracker/tls.crt \
        --resolve tracker.example:443:127.0.0.1 "https://tracker.example$1"
}
ready() {
    for _ in $(seq 60); do
        if get /health/ready >/dev/null 2>&1; then return; fi
        sleep 1
    done
    inside journalctl --no-pager --output=cat --unit='tracker-*'
    exit 1
}

say "Make a Debian"
# shellcheck disable=SC2016
# The words in quotes are for apt.
mirror=$(apt-get indextargets --format '$(SITE)' | grep -v security | sort -u | head -n 1)
debootstrap --variant=minbase --include=systemd-sysv,dbus,ca-certificates,curl bookworm "$root" "$mirror" >/dev/null
for path in /etc/resolv.conf /etc/pip.conf /etc/apt/sources.list.d /etc/apt/apt.conf.d "${PIP_CERT:-}"; do
    if [ -e "$path" ]; then
        mkdir -p "$root$(dirname "$path")"
        cp -r "$path" "$root$(dirname "$path")"
    fi
done
rm -f "$root/etc/apt/sources.list" "$root"/etc/apt/apt.conf.d/docker*
mkdir "$root/root/release"
cp -r "$here" "$here/../requirements.lock" "$wheel" "$root/root/release"
cp "$here/systemd/tracker.env" "$root/root/release"
echo "of the identity provider" >"$root/root/release/client_secret"

say "Boot it"
systemd-nspawn --quiet --directory="$root" --boot --register=no --keep-unit --resolv-conf=off \
    --kill-signal=SIGRTMIN+3 >"$work/boot" 2>&1 </dev/null &
nspawn=$!
sleep 10
leader=$(pgrep --parent "$nspawn" --newest)
inside systemctl is-system-running --wait

say "First command: install"
inside sh -c 'cd /root/release && deploy/install.sh *.whl tracker.env client_secret' >"$work/install" 2>&1 ||
    { tail -n 30 "$work/install"; exit 1; }
say "Second command: start"
inside sh -c 'systemctl enable --quiet tracker.target && systemctl restart tracker.target'
ready
say "Ready, over TLS and HTTP/2"
inside tracker import "/opt/tracker/lib/python3.11/site-packages/adapters/corpus/data/corpus"
get /v1/recommendations?limit=1 | grep --quiet '"items":\[{'
inside tracker check

say "Back up, as the timer does"
inside systemctl start tracker-backup.service
inside journalctl --no-pager --output=cat --unit=tracker-backup.service | grep Verified
say "Restore it in place of the database, by the lines of docs/backup.md"
entries() {
    inside tracker check | tail -n 1
}
before=$(entries)
inside systemctl stop tracker.target
inside sh -eu -c '
    cp -r "/var/lib/tracker-backup/$(date +%F)" /var/tmp/restore
    chown -R tracker_migrate /var/tmp/restore
    cd /
    as_postgres="runuser -u postgres --"
    $as_postgres psql -qc "ALTER DATABASE tracker RENAME TO tracker_before"
    $as_postgres createdb --encoding=UTF8 --locale=C --template=template0 tracker
    $as_postgres psql -q -d tracker </root/release/deploy/logins.sql
    tracker restore /var/tmp/restore --reason "A drill"
    rm -r /var/tmp/restore'
inside systemctl start tracker.target
ready
[ "$(entries)" = "$before" ] || { echo "restored: $(entries), before: $before"; exit 1; }

say "Hang: systemd hears nothing for two minutes, and starts the process again"
hanging=$(inside systemctl show --property=MainPID --value tracker-api)
inside systemctl kill --signal=STOP tracker-api
sleep 130
ready
[ "$(inside systemctl show --property=MainPID --value tracker-api)" != "$hanging" ]

say "Metrics, where Prometheus asks for them"
inside curl --silent --fail http://127.0.0.1:9464/metrics | grep --quiet tracker_database_up
say "Kill both processes"
inside systemctl kill --signal=KILL tracker-api tracker-project
sleep 5
ready
say "Upgrade"
inside sh -c 'cd /root/release && deploy/install.sh *.whl' >"$work/install" 2>&1
inside systemctl restart tracker.target
ready
inside tracker check
for name in api project; do
    process=$(inside systemctl show --property=MainPID --value "tracker-$name")
    inside grep -E '^(Uid|CapBnd|NoNewPrivs|Seccomp|VmHWM):' "/proc/$process/status"
done
say "Stop"
inside systemctl stop tracker.target
inside systemctl show --property=Id,Result tracker-api tracker-project
say "All of it worked"
