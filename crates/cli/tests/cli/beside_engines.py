"""Writes the same table as one CSV and as folders of Parquet, as engines of many machines leave them.

    python beside_engines.py FOLDER

Each folder is written by pyarrow with the names, types and files beside them that the engine's own writer
gives: Spark 3 (zero-padded parts of a job, a checksum beside each, _SUCCESS, times as INT96, a part without
rows), Dask 2026 (part.N without zeros, words as large strings, a _metadata), DataFusion and Ballista (N at
the end, words in a dictionary, large numbers of row groups).
"""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

ROWS, PARTS = 2400, 12


def table():
    """Rows whose order shows: row counts up."""
    row = list(range(ROWS))
    return pa.table(
        {
            "row": pa.array(row, pa.int32()),
            "x": pa.array([None if i % 97 == 0 else (i * 37 % 1001) / 8 for i in row], pa.float64()),
            "word": pa.array([None if i % 89 == 0 else "abc"[i % 3] * (1 + i % 4) for i in row]),
            "yes": pa.array([i % 5 == 0 for i in row]),
            "day": pa.array([15706 + i % 700 for i in row], pa.int32()).cast(pa.date32()),
            "time": pa.array([1357034400000000 + i * 61_000_003 for i in row], pa.timestamp("us", "UTC")),
        }
    )


def parts(whole):
    size = ROWS // PARTS
    return [whole.slice(size * i, size) for i in range(PARTS)]


def spark(folder, whole):
    pieces = parts(whole)
    pieces.insert(3, whole.slice(0, 0))
    for i, piece in enumerate(pieces):
        name = f"part-{i:05}-6f2c1bd4-3c1e-4b1e-9d53-0a1f3f0f2c11-c000.snappy.parquet"
        pq.write_table(piece, folder / name, compression="snappy", use_deprecated_int96_timestamps=True)
        (folder / f".{name}.crc").write_bytes(b"crc\0\0\0\2\0")
    (folder / "_SUCCESS").touch()
    (folder / "._SUCCESS.crc").write_bytes(b"crc\0\0\0\2\0")


def dask(folder, whole):
    place = whole.schema.get_field_index("word")
    whole = whole.set_column(place, "word", whole["word"].cast(pa.large_string()))
    written = []
    for i, piece in enumerate(parts(whole)):
        pq.write_table(piece, folder / f"part.{i}.parquet", metadata_collector=written)
        written[-1].set_file_path(f"part.{i}.parquet")
    pq.write_metadata(whole.schema, folder / "_metadata", metadata_collector=written)
    pq.write_metadata(whole.schema, folder / "_common_metadata")


def datafusion(folder, whole):
    place = whole.schema.get_field_index("word")
    whole = whole.set_column(place, "word", whole["word"].dictionary_encode())
    for i, piece in enumerate(parts(whole)):
        name = f"kP3pXc0YQeOhVh1b_{i}.parquet"
        pq.write_table(piece, folder / name, compression="zstd", row_group_size=50, version="2.6")


def main(folder):
    whole = table()
    pq.write_table(whole, folder / "whole.parquet")
    for write in (spark, dask, datafusion):
        (folder / write.__name__).mkdir()
        write(folder / write.__name__, whole)
    print(f"{ROWS} rows")


main(Path(sys.argv[1]))
