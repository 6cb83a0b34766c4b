#!/bin/sh
# Databases of Orthanc and Keycloak, each with a user of its own; the image of Postgres runs it for an empty volume.
set -eu
for name in orthanc keycloak; do
  case $name in
    orthanc) password=$ORTHANC_DB_PASSWORD ;;
    keycloak) password=$KEYCLOAK_DB_PASSWORD ;;
  esac
  psql --set ON_ERROR_STOP=1 --set name="$name" --set password="$password" --username "$POSTGRES_USER" <<'SQL'
CREATE USER :"name" PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
SQL
done
