//! What `learn fit` is told.

use std::path::PathBuf;

use clap::ValueEnum;
use twoblade::learn::Missing;

use crate::args::CheckpointArgs;
use crate::commands::table::reading::DataArgs;
use crate::commands::table::working::WorkArgs;
use crate::quantity::parse_at_least_one;

/// A model that predicts a column from others, cross-validated. A counting read comes first; then one read
/// (linear and logistic: one for each epoch), and one more that scores the folds (but for ridge).
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// File to write the model to; MODEL.html beside it shows what was found
    #[arg(long, required_unless_present_any = ["plan", "plan_out"], value_name = "MODEL")]
    pub(crate) out: Option<PathBuf>,
    /// Write the plan to this file, for a fit in parts (pass-one, merge, pass-two, finish): ridge, bayes
    /// and forest
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["out", "plan", "folder"])]
    pub(crate) plan_out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) features: FeatureArgs,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    #[command(flatten)]
    pub(crate) metrics: MetricArgs,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) work: WorkArgs,
    #[command(flatten)]
    pub(crate) checkpoint: CheckpointArgs,
}

/// Which columns, and what they become.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Features")]
pub(crate) struct FeatureArgs {
    /// The column that is predicted
    #[arg(long, value_name = "COLUMN")]
    pub(crate) target: String,
    /// Whether it is one of some classes or a number, where a model can predict both [default: a class,
    /// if it is a category, a boolean, or nothing but 0 and 1]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) target_kind: Option<TargetKind>,
    /// The columns that it is predicted from, separated by commas [default: all others]
    #[arg(long, value_delimiter = ',', value_name = "COLUMNS")]
    pub(crate) features: Vec<String>,
    /// Columns that are no features, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "COLUMNS")]
    pub(crate) without: Vec<String>,
    /// Columns whose values are hashed into buckets, as NAME=BUCKETS separated by commas
    #[arg(long, value_delimiter = ',', value_parser = parse_hash, value_name = "HASHES")]
    pub(crate) hash: Vec<(String, u32)>,
    /// The most words of a category that become indicators, one for each
    #[arg(long, default_value_t = 1000, value_name = "WORDS")]
    pub(crate) levels: usize,
    /// Rows in which a feature is missing: left out, or the mean (of a number) and no indicator (of a
    /// word). Rows without target are left out
    #[arg(long, value_enum, default_value_t = MissingKind::Drop, value_name = "HOW")]
    pub(crate) incomplete: MissingKind,
}

/// Which model, and how it is fitted.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelArgs {
    /// What is fitted
    #[arg(long = "model", value_enum, value_name = "KIND")]
    pub(crate) kind: ModelKind,
    /// ridge: penalties on squared coefficients of standardized features, separated by commas; the one
    /// that predicts best in cross-validation is taken [default: powers of 10 from 0.01 to 1e7]
    #[arg(long, value_delimiter = ',', value_name = "PENALTIES")]
    pub(crate) penalties: Vec<f64>,
    /// ridge: groups of blocks that are left out for standard errors; a multiple of --cv, to which it is
    /// rounded up
    #[arg(long, default_value_t = 50, value_parser = parse_groups, value_name = "GROUPS")]
    pub(crate) jackknife: usize,
    /// bayes: the part of the largest variance of a feature that is added to all variances
    #[arg(long, default_value_t = 1e-9, value_name = "SHARE")]
    pub(crate) smoothing: f64,
    /// logistic, linear: how often the rows are read
    #[arg(long, default_value_t = 1, value_parser = parse_epochs, value_name = "EPOCHS")]
    pub(crate) epochs: u32,
    /// logistic, linear: how far the first steps go, in units of standardized features
    #[arg(long, default_value_t = 0.2, value_name = "RATE")]
    pub(crate) rate: f64,
    /// logistic, linear: penalty on absolute weights of standardized features, beside the mean loss of a
    /// row
    #[arg(long, default_value_t = 0.0, value_name = "PENALTY")]
    pub(crate) l1: f64,
    /// logistic, linear: penalty on half of their squares, likewise
    #[arg(long, default_value_t = 0.0, value_name = "PENALTY")]
    pub(crate) l2: f64,
    /// forest: trees that grow on each chunk of 4,096 rows [default: enough for 100 in all]
    #[arg(long, value_name = "TREES")]
    pub(crate) trees: Option<u32>,
    /// forest: features that a split chooses from [default: the root of their number for classes, a
    /// third of it for numbers]
    #[arg(long, value_name = "FEATURES")]
    pub(crate) tried: Option<u32>,
    /// forest: rows of a leaf, at least
    #[arg(long, default_value_t = 5, value_name = "ROWS")]
    pub(crate) leaf_rows: u32,
    /// forest: splits above a leaf, at most 60
    #[arg(long, default_value_t = 60, value_name = "SPLITS")]
    pub(crate) depth: u32,
    /// forest: leaves of all trees together, at most
    #[arg(long, default_value_t = 1_000_000, value_name = "LEAVES")]
    pub(crate) max_leaves: u64,
    /// forest: seed of what is drawn
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
}

/// How well it predicts.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Metrics")]
pub(crate) struct MetricArgs {
    /// Folds of the cross-validation: a row is in the fold of its block's number modulo this; 0 for none
    #[arg(long, default_value_t = 5, value_parser = parse_folds, value_name = "FOLDS")]
    pub(crate) cv: usize,
    /// Rows of a block [default: 16,384; less where that makes fewer than 20 blocks, for ridge 50]
    #[arg(long, value_parser = parse_at_least_one, value_name = "ROWS")]
    pub(crate) block_rows: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelKind {
    /// Linear regression with a penalty on squared coefficients: the whole path of penalties at once
    Ridge,
    /// Classes whose features are normal and independent within a class (Gaussian naive Bayes)
    Bayes,
    /// Log odds of classes that are linear in the features, learned in the order of the rows
    Logistic,
    /// A number that is linear in the features, learned in the order of the rows
    Linear,
    /// The mean of trees that grow on chunks of rows; of classes or of numbers
    Forest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TargetKind {
    /// A number
    Number,
    /// One of some classes
    Class,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MissingKind {
    /// They are left out, and counted
    Drop,
    /// They stay
    Mean,
}

impl MissingKind {
    pub(crate) fn missing(self) -> Missing {
        match self {
            Self::Drop => Missing::Drop,
            Self::Mean => Missing::Mean,
        }
    }
}

impl ModelKind {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ridge => "ridge",
            Self::Bayes => "bayes",
            Self::Logistic => "logistic",
            Self::Linear => "linear",
            Self::Forest => "forest",
        }
    }
}

fn parse_hash(text: &str) -> Result<(String, u32), String> {
    let parts = text.rsplit_once('=').filter(|(name, _)| !name.is_empty());
    let (name, buckets) = parts.ok_or_else(|| format!("'{text}' is not NAME=BUCKETS"))?;
    match buckets.parse() {
        Ok(buckets @ 1..) => Ok((name.to_owned(), buckets)),
        _ => Err(format!("'{buckets}' is no number of buckets, which is 1 or more")),
    }
}

fn parse_folds(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(1) | Err(_) => Err(format!("'{text}' is no number of folds: 0 for none, or 2 or more")),
        Ok(folds) => Ok(folds),
    }
}

fn parse_epochs(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(epochs @ 1..) => Ok(epochs),
        _ => Err(format!("'{text}' is no number of epochs, which is 1 or more")),
    }
}

fn parse_groups(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0 | 1) | Err(_) => Err(format!("'{text}' is no number of groups, which is 2 or more")),
        Ok(groups) => Ok(groups),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_names_with_buckets() {
        assert_eq!(parse_hash("a=b=8"), Ok(("a=b".to_owned(), 8)));
        assert_eq!(parse_hash("a"), Err("'a' is not NAME=BUCKETS".to_owned()));
        assert!(parse_hash("a=0").unwrap_err().starts_with("'0' is no number of buckets"));
    }

    #[test]
    fn there_are_no_folds_or_two() {
        assert_eq!((parse_folds("0"), parse_folds("2")), (Ok(0), Ok(2)));
        assert!(
            parse_folds("1").is_err() && parse_groups("1").is_err() && parse_groups("").is_err()
        );
    }
}
