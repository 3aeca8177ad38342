#!/usr/bin/env bash
# Train in several processes: dist_train.sh CONFIG PROCESSES [arguments of train.py ...]
# On several machines set NNODES, NODE_RANK, MASTER_ADDR and PORT; on a machine without GPUs gloo is used.
set -euo pipefail
if [ $# -lt 2 ]; then
    echo "usage: $0 CONFIG PROCESSES [arguments of train.py ...]" >&2
    exit 2
fi
config=$1 processes=$2
exec "${PYTHON:-python}" -m torch.distributed.run \
    --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" --nproc_per_node="$processes" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" \
    "$(dirname "$0")/train.py" "$config" --launcher pytorch "${@:3}"
