"""Tables larger than memory, beside DuckDB: seconds, CPU-seconds and peak memory of whole processes.

    python3 -m venv venv && venv/bin/pip install duckdb
    cargo build --release -p twoblade-cli --features table
    venv/bin/python benches/peers/tables.py target/release/twoblade FOLDER [--rows 30000000]
        [--memory 256M] [--threads 2] [--repeat 3]

FOLDER gets the data once (3 GB with 30 million rows), and what is written in between. Each task is
done by both in turn, --repeat times; the table has the medians. Peak memory is the largest resident
set of the process, as the kernel counts it.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

DUCKDB = """
import duckdb
base = duckdb.connect()
base.execute("SET memory_limit = '{memory}iB'; SET threads = {threads}; SET temp_directory = '{temp}'")
base.execute("SET preserve_insertion_order = {ordered}")
base.execute({sql!r}).fetchall()
"""


def measured(command):
    """Runs it; wall and CPU seconds, and peak resident bytes."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status != 0:
        print(f"a command ended with status {status}: {said[-300:]}", file=sys.stderr)
        return None
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("twoblade", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=30_000_000)
    parser.add_argument("--memory", default="256M")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", help="tasks, separated by commas")
    options = parser.parse_args()

    data = options.folder / f"table-{options.rows}.csv"
    if not data.exists():
        size = ["--rows", str(options.rows), "--features", "11", "--keys", "1000000"]
        subprocess.run([options.twoblade, "simulate", "table", *size, "--out", data], check=True)
    temp = options.folder / "temp"
    temp.mkdir(exist_ok=True)

    def ours(*words):
        limits = ["--memory", options.memory, "--threads", str(options.threads), "--temp", temp]
        return [options.twoblade, "table", words[0], data, *words[1:], *limits, "--quiet"]

    def theirs(sql, ordered="false"):
        text = DUCKDB.format(
            memory=options.memory, threads=options.threads, temp=temp, ordered=ordered, sql=sql
        )
        return [sys.executable, "-c", text]

    out = options.folder
    source = f"read_csv('{data}', header = true)"
    numbers = [f"x{place}" for place in range(1, 12)]
    described = ", ".join(
        f"count({x}), avg({x}), stddev_samp({x}), min({x}), max({x}), approx_count_distinct({x}),"
        f" approx_quantile({x}, [0.25, 0.5, 0.75])"
        for x in ["row", "key", "y", *numbers]
    )
    a_group = "SELECT key, sum(x1), avg(x2), count(*)"
    # The peer has no stratified split: each part is a read, with rows by their hash.
    parts = "; ".join(
        f"COPY (SELECT * FROM {source} WHERE hash(row) % 10 {which} 8) TO '{out / name}'"
        for which, name in [("<", "duck.csv"), (">=", "duck2.csv")]
    )
    tasks = {
        "describe": (ours("describe", "--out", out / "d"), theirs(f"SELECT {described} FROM {source}")),
        "sort": (
            ours("sort", "--by", "x1", "--out", out / "sorted.csv"),
            theirs(f"COPY (SELECT * FROM {source} ORDER BY x1) TO '{out / 'duck.csv'}'", "true"),
        ),
        "group": (
            ours("group", "--by", "key", "--agg", "sum(x1),mean(x2),count()", "--out", out / "g.csv"),
            theirs(f"COPY ({a_group} FROM {source} GROUP BY key) TO '{out / 'duck.csv'}'"),
        ),
        "split": (
            ours("split", "--by", "y", "--fractions", "0.8,0.2", "--seed", "1",
                 "--out", f"{out / 'train.csv'},{out / 'test.csv'}"),
            theirs(parts),
        ),
    }
    print(f"{data.stat().st_size / 1e9:.2f} GB, memory {options.memory}, {options.threads} threads")
    print(f"{'':10} {'':10} {'wall s':>8} {'CPU s':>8} {'peak MB':>8}")
    for name, both in tasks.items():
        if options.only and name not in options.only.split(","):
            continue
        runs = ([], [])
        for _ in range(options.repeat):
            for times, command in zip(runs, both):
                times.append(measured(command))
        # A peer may have too little memory.
        for who, times in zip(("twoblade", "DuckDB"), runs):
            if None in times:
                print(f"{name:10} {who:10} {'failed':>8}", flush=True)
                continue
            wall, cpu, peak = (statistics.median(column) for column in zip(*times))
            print(f"{name:10} {who:10} {wall:8.1f} {cpu:8.1f} {peak / 1e6:8.0f}", flush=True)


if __name__ == "__main__":
    main()
