#!/bin/sh
# Make the cluster on the first start, then serve it; POSTGRES_PASSWORD is the superuser's.
# POSTGRES_CONNECTIONS, POSTGRES_BUFFERS: max_connections and shared_buffers.
set -eu
bin=$(echo /usr/lib/postgresql/*/bin)
data=/var/lib/postgresql/data/cluster
if [ ! -d "$data" ]; then
    word=$(mktemp)
    printf '%s' "$POSTGRES_PASSWORD" >"$word"
    rm -rf "$data.new"
    "$bin/initdb" -D "$data.new" -U postgres --pwfile="$word" --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
    rm "$word"
    echo 'host all all all scram-sha-256' >>"$data.new/pg_hba.conf"
    mv "$data.new" "$data"
fi
unset POSTGRES_PASSWORD
exec "$bin/postgres" -D "$data" -c listen_addresses='*' \
    -c max_connections="${POSTGRES_CONNECTIONS:-300}" -c shared_buffers="${POSTGRES_BUFFERS:-128MB}" \
    -c log_timezone=Asia/Shanghai -c wal_compression=on -c unix_socket_directories=/tmp
