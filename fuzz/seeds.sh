#!/bin/sh
# Writes the seeds anew, with the simulators of the command: run it in this folder, with `twoblade` in
# the path or its place in TWOBLADE.
set -eu
twoblade=${TWOBLADE:-twoblade}
made=$(mktemp -d)
trap 'rm -r "$made"' EXIT
"$twoblade" simulate --individuals 14 --variants 12 --h2 0.2,0.3 --seed 1 --out "$made/study"
"$twoblade" simulate connectome --subjects 2 --time-points 4 --voxels 30 --seed 1 --out "$made/brain"
put() {
    mkdir -p "seeds/$1"
    cp "$2" "seeds/$1/"
}
put bed "$made/study.bed"
put bim "$made/study.bim"
put fam "$made/study.fam"
put phenotype "$made/study.pheno"
put annotation "$made/study.annot"
for file in "$made"/brain/connectome/*.h5; do put hdf5 "$file"; done
for file in "$made"/brain/lesions/*.nii.gz; do put nifti "$file"; done
for file in ../tests/tests/golden/moments-*.state; do put state "$file"; done
