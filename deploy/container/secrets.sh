#!/bin/sh
# Makes the secrets of compose.yaml in a folder beside it, once: random passwords, and the identity
# provider's client secret from the file CLIENT_SECRET_FILE.
#   sh deploy/container/secrets.sh CLIENT_SECRET_FILE [FOLDER]
set -eu
source=${1:?the file with the client secret is missing}
folder=${2:-$(dirname -- "$0")/secrets}
mkdir -m 700 "$folder" # fails if it is there: a database keeps its first passwords
random() {
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}
cat "$source" >"$folder/oidc_client_secret"
random >"$folder/database_password"
for login in migrate project api publish; do
    echo "postgresql://tracker_$login:$(random)@database/tracker" >"$folder/${login}_url"
done
# Containers read them as other users; on this machine nobody else can enter the folder.
chmod 444 "$folder"/*
