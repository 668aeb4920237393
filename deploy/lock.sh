#!/bin/sh
# Regenerates requirements.lock and requirements-dev.lock from pyproject.toml.
# deploy/lock.sh            keeps the versions that still fit
# deploy/lock.sh --upgrade  takes the newest versions; all arguments are passed to `uv lock`
set -eu
cd -- "$(dirname -- "$0")/.."
command -v uv >/dev/null 2>&1 || {
    echo "Making the lock files needs uv (pip install uv); using them does not." >&2
    exit 1
}

export_to() {
    file=$1
    shift
    uv export --quiet --locked --no-emit-project --no-header --format requirements.txt "$@" >"$file.new"
    # The installer chooses the package index, so a lock file must not contain a URL.
    if grep -En 'https?://' "$file.new" >&2; then
        echo "$file would hold an address; nothing was changed." >&2
        rm "$file.new"
        exit 1
    fi
    mv "$file.new" "$file"
}

uv lock --quiet "$@"
export_to requirements.lock --no-dev
export_to requirements-dev.lock --all-groups
