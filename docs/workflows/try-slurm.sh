#!/usr/bin/env bash
# Starts a Slurm of one node on this machine, runs slurm.sh on a simulated study with a shard that is
# killed on the way, compares the bytes with one process, and stops Slurm.
#
#     apt-get install -y --no-install-recommends slurm-wlm munge
#     cargo build -p twoblade-cli
#     TWOBLADE=target/debug/twoblade bash docs/workflows/try-slurm.sh
#
# As root, on a machine without a Slurm of its own. Everything it writes is in a temporary folder. It takes
# four minutes, of which two are those that Slurm makes a job wait which goes back to the queue.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
real=$(readlink -f "$(command -v "${TWOBLADE:-twoblade}")")

[ "$(id -u)" -eq 0 ] || { echo "slurmd has to be started by root" >&2; exit 1; }
for program in slurmctld slurmd munged sbatch scancel sinfo; do
  command -v $program > /dev/null || { echo "there is no $program: see the head of this file" >&2; exit 1; }
done
for file in /etc/slurm/slurm.conf /etc/slurm-llnl/slurm.conf; do
  [ ! -e $file ] || { echo "there is a Slurm here already: $file" >&2; exit 1; }
done

folder=$(mktemp -d)
daemons=()
stop() {
  local code=$?
  for ((n = ${#daemons[@]} - 1; n >= 0; n--)); do
    kill "${daemons[$n]}" 2> /dev/null || true
    wait "${daemons[$n]}" 2> /dev/null || true
  done
  if [ $code -eq 0 ]; then rm -rf "$folder"; else echo "left for a look: $folder" >&2; fi
  exit $code
}
trap stop EXIT

# A folder of its own for the key and the socket, which munged wants nobody else to write to.
mkdir "$folder/munge" "$folder/state" "$folder/spool"
chmod 755 "$folder" "$folder/munge"
(umask 077; head -c 1024 /dev/urandom > "$folder/munge/key")
munged --foreground --key-file "$folder/munge/key" --socket "$folder/munge/socket" \
  --pid-file "$folder/munge/pid" --log-file "$folder/munge/log" --seed-file "$folder/munge/seed" \
  > "$folder/munge/said" 2>&1 &
daemons+=($!)

host=$(hostname -s)
cat > "$folder/slurm.conf" << CONF
ClusterName=try
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=16817
SlurmdPort=16818
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
JobAcctGatherType=jobacct_gather/none
SchedulerParameters=bf_interval=5
BatchStartTimeout=20
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$folder/slurm.conf"
slurmctld -D -c > "$folder/slurmctld.said" 2>&1 &
daemons+=($!)
slurmd -D > "$folder/slurmd.said" 2>&1 &
daemons+=($!)
for ((tries = 0; ; tries++)); do
  sinfo --noheader --format=%T 2> /dev/null | grep -q idle && break
  [ $tries -lt 60 ] || { echo "no node is idle after a minute" >&2; exit 1; }
  sleep 1
done
sinfo

cd "$folder"
options="--bfile study --pheno study.pheno --annot study.annot --blocks 60 --probes 30"
"$real" simulate --individuals 4000 --variants 6000 --h2 0.2,0.3 --out study --quiet
# shellcheck disable=SC2086
"$real" rhe $options --out one --quiet
# The second shard of pass one, once: killed with signal 9 when it has a checkpoint.
cat > killer << KILLER
#!/bin/sh
case "\$1 \$*" in "pass-one "*"--shard 2/"*) ;; *) exec "$real" "\$@" ;; esac
[ -e killed ] && exec "$real" "\$@"
"$real" "\$@" &
while [ ! -e result.parts/pass-one/shard-2-of-5.state.checkpoint/pass-one.state ] && kill -0 \$!; do :; done
kill -9 \$!
code=0
wait \$! || code=\$?
echo \$code > killed
exit \$code
KILLER
chmod +x killer

run() {
  RHE=$options OUT=result SHARDS=5 FAN_IN=2 MEM=1000 TIME=10 CHECKPOINT_INTERVAL=0 TWOBLADE=./killer \
    RETRIES=$1 bash "$scripts/slurm.sh"
}
echo "== without retries: a job is killed, those after it are cancelled, and slurm.sh says so"
if run 0; then echo "it ended with 0" >&2; exit 1; fi
[ "$(cat killed)" = 137 ] || { echo "the kill came too late" >&2; exit 1; }
[ ! -e result.json ]
touch -d '1 hour ago' result.parts/pass-one/shard-*.state
mapfile -t kept < <(ls result.parts/pass-one/shard-*.state)
echo "kept: ${kept[*]}"
[ ${#kept[@]} -eq 4 ]

echo "== again, with one killed that is tried again by itself"
rm killed
run 3
[ "$(cat killed)" = 137 ] || { echo "the kill came too late" >&2; exit 1; }
cmp one.json result.json
cmp one.tsv result.tsv
for file in "${kept[@]}"; do
  [ -z "$(find "$file" -mmin -30)" ] || { echo "$file was made again" >&2; exit 1; }
done
log=result.parts/log/result-pass-one-2.log
grep 'exit code 137: tried again' $log
grep 'pass one goes on from its checkpoint' $log
echo "result.json has the bytes of one process; finished shards were kept"
