#!/bin/sh
# Installs the locked dependencies and builds server and extension in the source folder; with a second argument "viewer" also fetches
# the stock OHIF viewer. Runs in the first stage of the Dockerfile, and on a machine without containers (docs/install.md).
#   build.sh <source folder> [viewer]
set -eu
source=$1
cd "$source"
npm ci --no-audit --no-fund
# NX_DAEMON: the build is over in seconds, a process that outlives it is of no use.
NX_DAEMON=false npm run build
if [ "${2:-}" = viewer ]; then
  node -e "import('./config/setup/viewers.mjs').then(({ fetchViewers }) => fetchViewers(false))"
fi
