#!/bin/sh
# Serve the queue of tasks; REDIS_PASSWORD stands in a file that only we may read, for a command line is read by anyone.
set -eu
umask 077
printf 'requirepass "%s"\n' "$REDIS_PASSWORD" >/tmp/redis.conf
exec redis-server /tmp/redis.conf --bind '*' --save '' --dir /tmp
