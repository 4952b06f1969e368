"""Learners over tables larger than memory, beside scikit-learn's partial_fit: seconds, CPU-seconds and peak
memory of whole processes, and how well the models predict.

    python3 -m venv venv && venv/bin/pip install scikit-learn pandas
    cargo build --release -p twoblade-cli --features table
    venv/bin/python benches/peers/learn_3gb.py target/release/twoblade FOLDER [--rows 32000000]
        [--memory 256M] [--threads 2] [--models ridge,logistic]

FOLDER gets the data once (3 GB with 32 million rows), and what is written in between. `twoblade table split`
cuts off a fifth for both. Then each, in turn, fits on four fifths with five folds, predicts the rest, and
scores the predictions for each of 20 groups. scikit-learn reads with pandas, 65,536 rows at a time:
StandardScaler in one read, and in another a model of everything and one without each fold (SGDRegressor for
ridge, SGDClassifier of the logistic loss for logistic). Peak memory is the largest resident set of a process,
as the kernel counts it.
"""

import argparse
import json
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

ROWS = 1 << 16
FOLDS = 5
FEATURES = [f"x{place}" for place in range(1, 12)]


def chunks(path, columns):
    import pandas

    return pandas.read_csv(path, usecols=columns, chunksize=ROWS)


def fit(kind, data, out):
    """Models of everything and without each fold, and the loss of the latter in their folds meanwhile."""
    from sklearn.linear_model import SGDClassifier, SGDRegressor
    from sklearn.preprocessing import StandardScaler

    def fresh():
        if kind == "ridge":
            return SGDRegressor(random_state=0)
        return SGDClassifier(loss="log_loss", random_state=0)

    scaler = StandardScaler()
    for chunk in chunks(data, FEATURES):
        scaler.partial_fit(chunk[FEATURES].to_numpy())
    models = [fresh() for _ in range(FOLDS + 1)]
    more = {} if kind == "ridge" else {"classes": [0, 1]}
    for place, chunk in enumerate(chunks(data, ["y", *FEATURES])):
        x, y = scaler.transform(chunk[FEATURES].to_numpy()), chunk["y"].to_numpy()
        for fold, model in enumerate(models):
            if fold != place % FOLDS:
                model.partial_fit(x, y, **more)
    Path(out).write_bytes(pickle.dumps((kind, scaler, models[FOLDS])))


def predict(model, data, out):
    kind, scaler, model = pickle.loads(Path(model).read_bytes())
    for place, chunk in enumerate(chunks(data, ["key", "y", *FEATURES])):
        x = scaler.transform(chunk[FEATURES].to_numpy())
        values = model.predict(x) if kind == "ridge" else model.predict_proba(x)[:, 1]
        chunk = chunk[["key", "y"]].assign(prediction=values)
        chunk.to_csv(out, mode="w" if place == 0 else "a", header=place == 0, index=False)


def evaluate(kind, predictions):
    """By group sums of squares, or of the logarithm of the chance of what was."""
    import numpy
    import pandas

    sums = []
    for chunk in chunks(predictions, ["key", "y", "prediction"]):
        y, value = chunk["y"].to_numpy(), chunk["prediction"].to_numpy()
        if kind == "ridge":
            loss, right = (y - value) ** 2, numpy.zeros(len(y))
        else:
            chance = numpy.where(y == 1, value, 1 - value)
            loss, right = -numpy.log(numpy.clip(chance, 1e-15, 1)), (value > 0.5) == (y == 1)
        table = pandas.DataFrame({"key": chunk["key"], "rows": 1, "loss": loss, "right": right})
        sums.append(table.groupby("key").sum())
        if len(sums) > 100:
            sums = [pandas.concat(sums).groupby("key").sum()]
    whole = pandas.concat(sums).groupby("key").sum().sum()
    if kind == "ridge":
        print(f"RMSE {(whole['loss'] / whole['rows']) ** 0.5:.6f}")
    else:
        accuracy, loss = whole["right"] / whole["rows"], whole["loss"] / whole["rows"]
        print(f"accuracy {accuracy:.6f}, log loss {loss:.6f}")


def measured(command):
    """Runs it; wall and CPU seconds, peak resident bytes, and what it said."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with status {status}: {said[-1000:]}")
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, said


def row(what, who, found):
    wall, cpu, peak, _ = found
    print(f"{what:26} {who:13} {wall:8.1f} {cpu:8.1f} {peak / 1e6:8.0f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("twoblade", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=32_000_000)
    parser.add_argument("--memory", default="256M")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--models", default="ridge,logistic")
    options = parser.parse_args()
    out, twoblade = options.folder, options.twoblade
    data = out / f"learn-{options.rows}.csv"
    if not data.exists():
        size = ["--rows", str(options.rows), "--features", str(len(FEATURES)), "--keys", "20"]
        subprocess.run([twoblade, "simulate", "table", *size, "--out", data], check=True)
    temp = out / "temp"
    temp.mkdir(exist_ok=True)
    limits = ["--memory", options.memory, "--threads", str(options.threads), "--temp", temp, "--quiet"]
    train, test = out / "train.csv", out / "test.csv"

    def here(*words):
        return [sys.executable, __file__, "--step", *words]

    print(f"{data.stat().st_size / 1e9:.2f} GB, memory {options.memory}, {options.threads} threads")
    print(f"{'':26} {'':13} {'wall s':>8} {'CPU s':>8} {'peak MB':>8}")
    split = ["--by", "y", "--fractions", "0.8,0.2", "--seed", "1", "--out", f"{train},{test}"]
    row("split", "twoblade", measured([twoblade, "table", "split", data, *split, *limits]))
    for kind in options.models.split(","):
        model, predicted = out / f"{kind}.model", out / f"{kind}.csv"
        theirs, guessed = out / f"{kind}.pickle", out / f"{kind}.sklearn.csv"
        ours = [twoblade, "learn"]
        target = ["--target", "y", "--without", "row,key", "--model", kind, "--cv", str(FOLDS)]
        by = ["--by", "key"]
        steps = [
            (
                "fit",
                [*ours, "fit", "--data", train, *target, "--out", model, *limits],
                here("fit", kind, train, theirs),
            ),
            (
                "predict",
                [*ours, "predict", "--data", test, "--model", model, "--keep", "key,y", "--out", predicted, *limits],
                here("predict", theirs, test, guessed),
            ),
            (
                "evaluate by group",
                [*ours, "evaluate", "--data", test, "--model", model, *by, "--out", out / kind, *limits],
                here("evaluate", kind, guessed),
            ),
        ]
        for what, mine, other in steps:
            row(f"{kind}: {what}", "twoblade", measured(mine))
            found = measured(other)
            row(f"{kind}: {what}", "scikit-learn", found)
        (scores,) = json.loads((out / f"{kind}.json").read_text())["all"].values()
        if kind == "ridge":
            mine = f"RMSE {scores['root_mean_squared_error']:.6f}"
        else:
            mine = f"accuracy {scores['accuracy']:.6f}, log loss {scores['log_loss']:.6f}"
        print(f"{kind}: twoblade {mine}; scikit-learn {found[3].strip()}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        {"fit": fit, "predict": predict, "evaluate": evaluate}[sys.argv[2]](*sys.argv[3:])
    else:
        main()
