#!/bin/sh
# First start of the database: the role that owns and migrates, and the role of the processes, which owns nothing.
# Names and passwords come from the URLs that the processes use.
set -eu
part() { sed -n "s|^postgres\(ql\)\{0,1\}://\([^:]*\):\([^@]*\)@.*|\\$2|p" "${SECRETS_DIR:-/run/secrets}/$1"; }
psql -v ON_ERROR_STOP=1 --username postgres --dbname postgres \
  -v owner="$(part database_owner_url 2)" -v owner_password="$(part database_owner_url 3)" \
  -v application="$(part database_url 2)" -v application_password="$(part database_url 3)" <<'SQL'
CREATE ROLE :"owner" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE :"application" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'application_password';
CREATE DATABASE sealflow OWNER :"owner" ENCODING 'UTF8';
SQL
