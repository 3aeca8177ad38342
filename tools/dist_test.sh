#!/usr/bin/env bash
# Test in several processes, which share the videos: dist_test.sh CONFIG CHECKPOINT PROCESSES [arguments of test.py ...]
# On several machines set NNODES, NODE_RANK, MASTER_ADDR and PORT; on a machine without GPUs gloo is used.
set -euo pipefail
if [ $# -lt 3 ]; then
    echo "usage: $0 CONFIG CHECKPOINT PROCESSES [arguments of test.py ...]" >&2
    exit 2
fi
config=$1 checkpoint=$2 processes=$3
exec "${PYTHON:-python}" -m torch.distributed.run \
    --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" --nproc_per_node="$processes" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" \
    "$(dirname "$0")/test.py" "$config" "$checkpoint" --launcher pytorch "${@:4}"
