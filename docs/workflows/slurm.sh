#!/usr/bin/env bash
# `twoblade rhe` in parts on Slurm: a plan, an array of shards of pass one, a tree of merges, an array of
# shards of pass two, and the result; the same bytes as of one process.
#
#     RHE='--config study.toml' OUT=result SHARDS=20 bash slurm.sh
#
# from a folder that all nodes see. It submits all jobs, waits, and ends with 0 only if the result is
# there. Run it again after whatever went wrong: finished shards are kept, others go on from their
# checkpoints. Partition, account and the like: SBATCH_PARTITION, SBATCH_ACCOUNT, or lines of
# #SBATCH here. Nodes of one kind: a plan made with other instructions (AVX-512) is refused, so ask
# for them (SBATCH_CONSTRAINT) where there are several.
set -euo pipefail

# Options of `twoblade rhe`, without --out, --threads and --memory.
: "${RHE:?options of twoblade rhe, such as --bfile study --pheno study.pheno}"
: "${OUT:?where results go}"
: "${SHARDS:=20}"
# States that one job adds; more than these are added as a tree.
: "${FAN_IN:=10}"
: "${THREADS:=1}"
# MiB of a job. 100 of them are for the program itself, the rest is --memory.
: "${MEM:=4000}"
# hours:minutes:seconds of a job
: "${TIME:=24:00:00}"
# How often a job that failed is tried again.
: "${RETRIES:=3}"
# Seconds between two checkpoints of a shard, at least.
: "${CHECKPOINT_INTERVAL:=30}"
: "${TWOBLADE:=twoblade}"
PARTS="$OUT.parts"
export RHE OUT SHARDS FAN_IN THREADS MEM TIME RETRIES CHECKPOINT_INTERVAL TWOBLADE

# The name of a state: of a shard (level 0), or of a sum.
state() {
  if [ "$1" -eq 0 ]; then
    echo "$PARTS/pass-one/shard-$2-of-$SHARDS.state"
  else
    echo "$PARTS/pass-one/sum-$1-$2-of-$SHARDS.state"
  fi
}

# How many states a level of the tree has.
width() {
  local width=$SHARDS level
  for ((level = 0; level < $1; level++)); do width=$(((width + FAN_IN - 1) / FAN_IN)); done
  echo "$width"
}

# The level that has one state. A single shard is summed too: so the names are always those.
top() {
  local level=1
  while [ "$(width $level)" -gt 1 ]; do level=$((level + 1)); done
  echo $level
}

# Runs twoblade; a failure that another try may mend sends the job back to the queue.
run() {
  local code=0
  "$TWOBLADE" "$@" || code=$?
  case $code in
    0) return ;;
    # Usage; a state or data of another plan; blocks that are missing.
    2 | 4 | 5) exit $code ;;
  esac
  if [ "${SLURM_RESTART_COUNT:-0}" -lt "$RETRIES" ]; then
    echo "exit code $code: tried again" >&2
    scontrol requeue "${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}"
    # Until Slurm ends this one.
    sleep 60
  fi
  exit $code
}

# One job: `slurm.sh STAGE [LEVEL]`, with the number of the shard from the array.
job() {
  local number=${SLURM_ARRAY_TASK_ID:-1} running=(--threads "$THREADS" --memory "$((MEM - 100))M")
  local plan="$PARTS/plan.json" total
  total=$(state "$(top)" 1)
  case $1 in
    plan)
      # The options are words, as they would be typed.
      # shellcheck disable=SC2086
      run rhe $RHE --plan-out "$plan.new" "${running[@]}"
      # Checkpoints of another plan would be refused.
      cmp -s "$plan.new" "$plan" || rm -rf "$PARTS"/pass-*/*.checkpoint
      mv "$plan.new" "$plan"
      ;;
    pass-one)
      local out
      out=$(state 0 "$number")
      run pass-one "$plan" --shard "$number/$SHARDS" --out "$out" "${running[@]}" \
        --checkpoint "$out.checkpoint" --checkpoint-interval "$CHECKPOINT_INTERVAL"
      ;;
    merge)
      local below=$(($2 - 1)) first=$(((number - 1) * FAN_IN + 1)) last states=() n
      last=$((first + FAN_IN - 1))
      [ $last -le "$(width $below)" ] || last=$(width $below)
      for ((n = first; n <= last; n++)); do states+=("$(state $below $n)"); done
      run merge "${states[@]}" --out "$(state "$2" "$number")"
      ;;
    pass-two)
      local out="$PARTS/pass-two/shard-$number-of-$SHARDS.state"
      run pass-two "$plan" "$total" --shard "$number/$SHARDS" --out "$out" "${running[@]}" \
        --checkpoint "$out.checkpoint" --checkpoint-interval "$CHECKPOINT_INTERVAL"
      ;;
    finish)
      local estimates=() n
      for ((n = 1; n <= SHARDS; n++)); do estimates+=("$PARTS/pass-two/shard-$n-of-$SHARDS.state"); done
      run finish "$plan" "$total" "${estimates[@]}" --out "$OUT" "${running[@]}"
      ;;
  esac
}

# Submits a stage of so many jobs after another one, and prints its number.
submit() {
  local after=$1 jobs=$2 name
  shift 2
  name="$OUT-$(IFS=-; echo "$*")"
  local options=(--parsable --requeue --open-mode=append --job-name="${name##*/}"
    --output="$PARTS/log/%x-%a.log" --array="1-$jobs" --cpus-per-task="$THREADS" --mem="${MEM}M"
    --time="$TIME")
  # What depends on a job that failed would wait for ever.
  [ -z "$after" ] || options+=(--dependency="afterok:$after" --kill-on-invalid-dep=yes)
  # Of a federation: number;cluster.
  sbatch "${options[@]}" "${EXTRA[@]}" "$SELF" "$@" | cut -d';' -f1
}

if [ $# -gt 0 ]; then
  job "$@"
  exit
fi

SELF=$(readlink -f "$0")
EXTRA=()
mkdir -p "$PARTS/pass-one" "$PARTS/pass-two" "$PARTS/log"
# The result is the proof, so none may be left from before.
rm -f "$OUT.json"
last=$(submit "" 1 plan)
last=$(submit "$last" "$SHARDS" pass-one)
for ((level = 1; level <= $(top); level++)); do
  last=$(submit "$last" "$(width "$level")" merge "$level")
done
last=$(submit "$last" "$SHARDS" pass-two)
# `sbatch --wait` ends with 0 also where the job was cancelled since one before it failed: so what it
# says is not asked.
EXTRA=(--wait)
submit "$last" 1 finish > /dev/null || true
if [ -s "$OUT.json" ]; then
  echo "written: $OUT.json"
else
  echo "no result: what failed is in $PARTS/log; run this again when it is mended" >&2
  exit 1
fi
