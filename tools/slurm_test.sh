#!/usr/bin/env bash
# Test on a Slurm cluster: [GPUS=8] slurm_test.sh PARTITION JOB_NAME CONFIG CHECKPOINT [arguments of test.py ...]
# GPUS in all, GPUS_PER_NODE, CPUS_PER_TASK; SRUN_ARGS are more options of srun, such as --time=4:00:00.
set -euo pipefail
if [ $# -lt 4 ]; then
    echo "usage: [GPUS=8] $0 PARTITION JOB_NAME CONFIG CHECKPOINT [arguments of test.py ...]" >&2
    exit 2
fi
partition=$1 job=$2 config=$3 checkpoint=$4
gpus=${GPUS:-8}
per_node=${GPUS_PER_NODE:-$((gpus < 8 ? gpus : 8))}
# SRUN_ARGS are several words
# shellcheck disable=SC2086
exec srun --partition="$partition" --job-name="$job" --gres="gpu:$per_node" --ntasks="$gpus" \
    --ntasks-per-node="$per_node" --cpus-per-task="${CPUS_PER_TASK:-5}" --kill-on-bad-exit=1 ${SRUN_ARGS:-} \
    "${PYTHON:-python}" -u "$(dirname "$0")/test.py" "$config" "$checkpoint" --launcher slurm "${@:5}"
