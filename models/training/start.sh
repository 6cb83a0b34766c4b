#!/bin/sh
# Start or resume a run in the background at the lowest priority: ./start.sh configs/samepoint-ct.json [options of train]
# Passive waiting matters on shared cores: a spinning OpenMP thread uses the time that the other one needs.
cd "$(dirname "$0")" || exit 1
name=$(basename "$1" .json)
mkdir -p "runs/$name"
OMP_WAIT_POLICY=PASSIVE GOMP_SPINCOUNT=0 setsid nohup nice -n 19 \
  "${PYTHON:-/usr/bin/python3}" -m samepoint_training.train --config "$@" >> "runs/$name/log.txt" 2>&1 < /dev/null &
echo "$name: process $!, log models/training/runs/$name/log.txt"
