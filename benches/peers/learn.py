"""Logistic regression in one pass over a table, beside Vowpal Wabbit and scikit-learn.

    python3 -m venv venv && venv/bin/pip install vowpalwabbit scikit-learn pandas
    cargo build --release -p twoblade-cli --features table
    venv/bin/python benches/peers/learn.py target/release/twoblade FOLDER [--rows 2000000] [--repeat 3]

FOLDER gets the data once, as CSV and in Vowpal Wabbit's own text format. Each learns in one pass, all
in turn, --repeat times; the table has the least CPU seconds (user and system) of each, the wall seconds
and the peak memory of that run, and the progressive log loss: the mean, over rows, of the loss of each
row before anything was learned from it (scikit-learn: before its chunk was).

Options, one set for each. twoblade: its defaults, --epochs 1, one thread; what it takes includes the
counting read, which finds the scales of the columns. Vowpal Wabbit: --loss_function logistic, else its
defaults (adaptive, normalized and invariant updates). scikit-learn: chunks of 10,000 rows from pandas,
SGDClassifier(loss="log_loss", alpha=1e-6, learning_rate="constant", eta0=0.001, average=True), columns as
they are (their variance is 1).
"""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

SCIKIT = """
import numpy, pandas
from sklearn.linear_model import SGDClassifier
model = SGDClassifier(
    loss="log_loss", alpha=1e-6, learning_rate="constant", eta0=0.001, average=True, random_state=1
)
loss = rows = 0
names = ["y"] + [f"x{{at}}" for at in range(1, {features} + 1)]
for chunk in pandas.read_csv({data!r}, usecols=names, chunksize=10_000):
    y, x = chunk["y"].to_numpy(), chunk[names[1:]].to_numpy()
    if rows:
        p = model.predict_proba(x)[numpy.arange(len(y)), y]
        loss -= numpy.log(numpy.maximum(p, 1e-300)).sum()
    else:
        loss += len(y) * numpy.log(2)
    rows += len(y)
    model.partial_fit(x, y, classes=[0, 1])
print("progressive log loss", loss / rows)
"""


def measured(command):
    """Runs it; CPU and wall seconds, peak resident bytes, and what it said."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status != 0:
        sys.exit(f"{command[0]} ended with status {status}: {said[-300:]}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss * 1024, said


def convert(data, target):
    """From CSV to Vowpal Wabbit's text: the label, and each feature by its number."""
    with open(data) as rows, open(target, "w") as to:
        next(rows)
        for row in rows:
            _, _, label, *values = row.rstrip("\n").split(",")
            words = " ".join(f"{at}:{value}" for at, value in enumerate(values, 1))
            to.write(f"{'1' if label == '1' else '-1'} | {words}\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("twoblade", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--features", type=int, default=30)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()

    data = options.folder / f"logistic-{options.rows}x{options.features}.csv"
    if not data.exists():
        size = ["--rows", str(options.rows), "--features", str(options.features), "--keys", "1000"]
        made = [options.twoblade, "simulate", "table", *size, "--seed", "1", "--out", data]
        subprocess.run(made, check=True)
    text = data.with_suffix(".vw")
    if not text.exists():
        convert(data, text)

    out = options.folder / "model"
    ours = [options.twoblade, "learn", "fit", "--data", data, "--target", "y", "--without", "row,key",
            "--model", "logistic", "--epochs", "1", "--cv", "0", "--threads", "1",
            "--memory", "32M", "--out", out]
    wabbit = [sys.executable, "-m", "vowpalwabbit", "--loss_function", "logistic", "-d", text]
    scikit = [sys.executable, "-c", SCIKIT.format(data=str(data), features=options.features)]
    peers = {
        "twoblade": (ours, r"before they were learned from ([0-9.]+)"),
        "Vowpal Wabbit": (wabbit, r"average loss = ([0-9.]+)"),
        "scikit-learn": (scikit, r"progressive log loss ([0-9.]+)"),
    }
    best = {}
    for _ in range(options.repeat):
        for name, (command, loss) in peers.items():
            cpu, wall, peak, said = measured(command)
            found = re.search(loss, said)
            row = (cpu, wall, peak, float(found.group(1)) if found else float("nan"))
            best[name] = min(best.get(name, row), row)
    print(f"{options.rows} rows of {options.features} features, {data.stat().st_size / 1e6:.0f} MB as CSV")
    print(f"{'':14} {'CPU s':>7} {'wall s':>7} {'peak MB':>8} {'progressive log loss':>21}")
    for name, (cpu, wall, peak, loss) in best.items():
        print(f"{name:14} {cpu:7.2f} {wall:7.2f} {peak / 1e6:8.0f} {loss:21.6f}")


if __name__ == "__main__":
    main()
