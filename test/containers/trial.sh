#!/bin/bash
# docs/install.md, tried on a bare Debian 12: debootstrap, Node, build, assembly, doctor, start and health check; needs root and the network.
# Minutes; in no test run. There is no systemd in a root of this kind: the unit's command is started by itself, as another user.
#   test/containers/trial.sh <folder of the root>        a root that exists is used again
set -euo pipefail
root=$1
source=$(cd "$(dirname "$0")/../.." && pwd)

step() { echo "== $(date +%T) $*"; }
inside() {
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt chroot "$root" bash -euo pipefail -c "$1"
}

if [ ! -e "$root" ]; then
  step debootstrap
  debootstrap --variant=minbase bookworm "$root" http://deb.debian.org/debian > "$root.log"
fi
cp /etc/resolv.conf "$root/etc/resolv.conf"
step packages
inside 'apt-get update -qq && apt-get install -y -qq --no-install-recommends nodejs npm ca-certificates curl git > /dev/null'
# Authorities of this network, which the machine knows already.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
step Node
inside 'npm install --silent --global node@24; hash -r; npm install --silent --global npm@11; hash -r; node --version; npm --version'
step sources
rm -rf "$root/root/samepoint" "$root/opt/samepoint"
mkdir -p "$root/root/samepoint"
git -C "$source" archive HEAD | tar -x -C "$root/root/samepoint"
step build
inside 'cd /root/samepoint && config/container/build.sh . > /root/build.log 2>&1'
step assembly
inside 'cd /root/samepoint && config/container/assemble.sh . /opt/samepoint > /root/assembly.log 2>&1 && du -sh /opt/samepoint'
step doctor
inside 'mkdir -p /etc/samepoint /var/lib/samepoint/archive && chown -R 10001 /var/lib/samepoint
  cat > /etc/samepoint/server.json <<END
{ "http": { "port": 8499 }, "archive": { "directory": "/var/lib/samepoint/archive" },
  "embedding": { "cacheDirectory": "/var/lib/samepoint/embeddings" }, "audit": { "file": "/var/lib/samepoint/audit.log" } }
END
  node /opt/samepoint/server/dist/cli/main.js doctor --config /etc/samepoint/server.json'
step start
inside 'cd / && export HOME=/var/lib/samepoint
  setpriv --reuid 10001 --regid 10001 --clear-groups node /opt/samepoint/server/dist/cli/main.js serve \
    --config /etc/samepoint/server.json > /root/server.log 2>&1 &
  server=$!
  trap "kill $server" EXIT
  curl --silent --fail --retry 60 --retry-delay 1 --retry-all-errors http://127.0.0.1:8499/samepoint/api/health/ready'
step done
