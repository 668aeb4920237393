#!/bin/sh
# Regenerates requirements.lock and requirements-dev.lock from pyproject.toml.
# deploy/lock.sh            keeps the versions that still fit
# deploy/lock.sh --upgrade  takes the newest versions; all arguments are passed to `uv pip compile`
set -eu
cd -- "$(dirname -- "$0")/.."
command -v uv >/dev/null 2>&1 || {
    echo "Making the lock files needs uv (pip install uv); using them does not." >&2
    exit 1
}

# Writes $1, beginning with the versions of $2: those that still fit are kept.
compile() {
    file=$1 new=$1.new
    cp "$2" "$new"
    shift 2
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --output-file "$new" "$@" pyproject.toml >/dev/null
    # The installer chooses the package index, so a lock file must not contain a URL.
    if grep -En 'https?://' "$new" >&2; then
        echo "$file would hold an address; nothing was changed." >&2
        rm "$new"
        exit 1
    fi
    mv "$new" "$file"
}

compile requirements-dev.lock requirements-dev.lock --group dev --extra otel "$@"
compile requirements.lock requirements-dev.lock # so that both name the same versions
