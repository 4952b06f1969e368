//! The moment equations as tables: what is left of the genotypes when nobody needs them any more.

use std::fmt::Write;

use twoblade_core::Jackknife;

use crate::estimate::Estimate;
use crate::features::Features;
use crate::model::HasemanElston;
use crate::pairs::pair;

/// The equations of every replicate and of the whole, for one or several groups of traits; tab-
/// separated, full precision.
///
/// A row for each group, replicate and component, the residual last: `group` (from 1),
/// `individuals`, `rank` of what is projected off, `left_out` (the number of the block, from 1, or
/// `none`), `component`, `variants` (M_k without the block), `variants_in_block`, then a column
/// `T_NAME` for each component and the residual (tr(V K_k V K_l), tr(V K_k), N - rank), and a column
/// `y_NAME` for each trait (y' V K_k V y, y' V y; `NA` where the trait is of another group).
pub fn trace_table<F: Features>(groups: &[(&HasemanElston<F>, &Jackknife<Estimate>)]) -> String {
    let mut out =
        String::from("group\tindividuals\trank\tleft_out\tcomponent\tvariants\tvariants_in_block");
    let residual = "residual".to_owned();
    let components = groups.first().map(|(model, _)| model.components()).unwrap_or_default();
    for name in components.iter().chain([&residual]) {
        let _ = write!(out, "\tT_{name}");
    }
    for name in groups.iter().flat_map(|(model, _)| model.traits()) {
        let _ = write!(out, "\ty_{name}");
    }
    out.push('\n');
    let all_traits: usize = groups.iter().map(|(model, _)| model.traits().count()).sum();
    let mut first = 0;
    for (number, (model, Jackknife { full, replicates })) in (1..).zip(groups) {
        let left_out = (1..).map(|block: usize| block.to_string());
        let rows = left_out.zip(replicates).chain([("none".to_owned(), full)]);
        for (left_out, estimate) in rows {
            for (k, name) in components.iter().chain([&residual]).enumerate() {
                let (individuals, rank) = (model.individuals(), model.projection().rank());
                let _ = write!(out, "{number}\t{individuals}\t{rank}\t{left_out}\t{name}");
                let of_columns =
                    |of: &Estimate| of.columns[..of.layout.of_columns()].get(k).copied();
                match (of_columns(estimate), of_columns(full)) {
                    (Some(left), Some(all)) => {
                        let _ = write!(out, "\t{left}\t{}", all - left);
                    }
                    _ => out.push_str("\tNA\tNA"),
                }
                let size = components.len() + 1;
                for entry in &estimate.matrix[k * size..][..size] {
                    let _ = write!(out, "\t{entry}");
                }
                for place in 0..all_traits {
                    let of = place.checked_sub(first).and_then(|t| estimate.traits.get(t));
                    let _ = match of {
                        Some(of) => write!(out, "\t{}", of.right[k]),
                        None => write!(out, "\tNA"),
                    };
                }
                out.push('\n');
            }
        }
        first += model.traits().count();
    }
    out
}

/// A trace summary as SUMRHE and PyRHE write and read it: the texts of PREFIX.tr and PREFIX.MN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceSummary {
    /// A header `LD_SUM_0,..,NSNPS_JACKKNIFE`; then for each replicate, and for the whole last, a row
    /// for each bin: (T_kl - N) M_k M_l / N^2 for every bin l, and M_k.
    pub tr: String,
    /// `NSAMPLE,NSNPS,NBLKS,NBINS,K`: individuals N, variants listed, blocks, bins and probes.
    pub mn: String,
}

impl TraceSummary {
    /// The summary of one run over `variants` variants.
    ///
    /// None where bins overlap: those programs put each variant in one bin; and none of models with
    /// other columns than additive ones, or with environments. They count M_k from the
    /// annotation again, so their numbers are right where every listed variant is used.
    pub fn new<F: Features>(
        model: &HasemanElston<F>,
        Jackknife { full, replicates }: &Jackknife<Estimate>,
        variants: usize,
    ) -> Option<Self> {
        let bins = full.components();
        let apart = |k: usize| (k + 1..bins).all(|l| full.shared[pair(k, l, bins)] == 0);
        let other =
            full.layout.environments > 0 || full.layout.by_trace || full.distinct != full.variants;
        if other || !(0..bins).all(apart) {
            return None;
        }
        let n = model.individuals() as f64;
        let mut tr: String =
            (0..bins).fold(String::new(), |names, l| names + &format!("LD_SUM_{l},"));
        tr.push_str("NSNPS_JACKKNIFE\n");
        for estimate in replicates.iter().chain([full]) {
            for k in 0..bins {
                for l in 0..bins {
                    let _ = write!(tr, "{:.3},", ld_sum(estimate, k, l, n));
                }
                let _ = writeln!(tr, "{}", estimate.columns[k]);
            }
        }
        let mn = format!(
            "NSAMPLE,NSNPS,NBLKS,NBINS,K\n{},{variants},{},{bins},{}\n",
            model.individuals(),
            replicates.len(),
            model.probes()
        );
        Some(Self { tr, mn })
    }
}

fn ld_sum(of: &Estimate, k: usize, l: usize, n: f64) -> f64 {
    let entry = of.matrix[k * (of.components() + 1) + l];
    (entry - n) * of.columns[k] as f64 * of.columns[l] as f64 / (n * n)
}
