#!/bin/sh
# Puts what runs into a folder of its own: the built server and extension, the models, and the dependencies of the server only.
#   assemble.sh <built source folder> <new folder>
# GPU=cuda also fetches the CUDA provider of onnxruntime (x64 only; the driver is that of the machine that runs it).
set -eu
source=$(cd "$1" && pwd)
target=$2
if [ -e "$target" ]; then
  echo "assemble: $target exists already" >&2
  exit 1
fi
if [ ! -f "$source/server/dist/cli/main.js" ] || [ ! -f "$source/extension/dist/samepoint.js" ]; then
  echo "assemble: $source is not built; run build.sh first" >&2
  exit 1
fi
mkdir -p "$target"
target=$(cd "$target" && pwd)
cd "$source"
cp .npmrc package.json package-lock.json LICENSE THIRD-PARTY-NOTICES.md "$target"
for folder in extension server models test; do
  mkdir -p "$target/$folder"
  cp "$folder/package.json" "$target/$folder"
done
cp -R server/dist "$target/server"
cp -R extension/dist "$target/extension"
# A folder without a manifest holds no model. Weights are for training only.
for manifest in models/*/model.json; do
  folder=$(dirname "$manifest")
  mkdir -p "$target/$folder"
  cp "$manifest" "$folder"/*.onnx "$target/$folder"
done
cp -R models/templates "$target/models"
# The stock viewer, where build.sh has fetched it.
viewer=.viewers/$(node -p "require('./config/setup/viewers.json').default")/dist
if [ -d "$viewer" ]; then cp -R "$viewer" "$target/viewer"; fi
# The units of systemd name it.
mkdir "$target/docs"
cp docs/*.md "$target/docs"
mkdir -p "$target/config/container"
cp -R config/setup "$target/config"
cp config/container/healthcheck.mjs "$target/config/container"
cd "$target"
npm ci --omit=dev --workspace @samepoint/server --no-audit --no-fund --prefer-offline
if [ "${GPU:-}" = cuda ]; then
  node -e "import('./config/setup/gpu.mjs').then(({ installGpu }) => installGpu('cuda', { withoutDriver: true }))"
elif [ -n "${GPU:-}" ]; then
  echo "assemble: GPU=$GPU is unknown; known is cuda" >&2
  exit 1
fi
# onnxruntime-node brings its libraries for every platform, 250 MB.
platform=$(node -p "process.platform + '/' + process.arch")
for library in node_modules/onnxruntime-node/bin/napi-v6/*/*; do
  case $library in
    */"$platform") ;;
    *) rm -rf "$library" ;;
  esac
done
# Only the set-up of a GPU was needed of it.
rm -rf config/setup
