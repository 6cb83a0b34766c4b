#!/bin/sh
# Start or resume a run in the background at low priority: ./start.sh configs/samepoint-ct.json [options of train]
# A configuration with a section "student" is trained by distillation. NICE: priority, default 19. PYTHON: interpreter.
# Passive waiting matters on shared cores: a spinning OpenMP thread uses the time that the other one needs.
cd "$(dirname "$0")" || exit 1
name=$(basename "$1" .json)
module=train
if grep -q '"student"' "$1"; then module=distillation; fi
mkdir -p "runs/$name"
OMP_WAIT_POLICY=PASSIVE GOMP_SPINCOUNT=0 setsid nohup nice -n "${NICE:-19}" \
  "${PYTHON:-/usr/bin/python3}" -m "samepoint_training.$module" --config "$@" >> "runs/$name/log.txt" 2>&1 < /dev/null &
echo "$name: process $!, log models/training/runs/$name/log.txt"
