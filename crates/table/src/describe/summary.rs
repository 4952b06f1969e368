//! From what is known of a column to what is said about it.

use super::buckets::{Bucket, Buckets};
use super::column::{self, Seen, Values};
use super::description::{Bar, Distinct, Level, Number, Numbers, Quantile, Summary};
use super::extremes::float;
use crate::kind::Kind;

/// How many different values there are among `present`: exact where that is known, `None` where nothing
/// is.
pub(super) fn distinct(seen: &Seen, present: u64) -> Option<Distinct> {
    let exact = match &seen.values {
        Values::Words(levels) => levels.commonest().map(|words| words.len() as u64),
        Values::Booleans { yes } => Some(u64::from(*yes > 0) + u64::from(*yes < present)),
        _ => None,
    };
    if let Some(count) = exact {
        return Some(Distinct { count, error: 0.0 });
    }
    let Distinct { count, error } = seen.hashes.as_ref()?.distinct()?;
    Some(Distinct { count: count.min(present), error })
}

pub(super) fn summary(
    seen: &Seen,
    kind: Kind,
    rows: u64,
    quantiles: &[f64],
    bars: usize,
) -> Summary {
    match &seen.values {
        Values::Numbers(found) => Summary::Numbers(numbers(found, kind, quantiles, bars)),
        Values::Booleans { yes } => Summary::Booleans { yes: *yes, no: rows - seen.missing - *yes },
        Values::Words(levels) => {
            let level = |(word, count): (&str, u64)| Level { word: word.to_owned(), count };
            let commonest = levels.commonest();
            Summary::Words { commonest: commonest.map(|it| it.into_iter().map(level).collect()) }
        }
        Values::Instants(extremes) => Summary::Instants { extremes: extremes.both() },
    }
}

fn numbers(found: &column::Numbers, kind: Kind, shares: &[f64], bars: usize) -> Numbers {
    let number = |value: i64| match kind {
        Kind::Integer => Number::Integer(value),
        _ => Number::Float(float(value)),
    };
    let nothing = Number::Float(f64::NAN);
    let (min, max) =
        found.extremes.both().map_or((nothing, nothing), |(a, b)| (number(a), number(b)));
    let sketch = found.buckets.as_ref().map(|buckets| Sketch {
        buckets,
        count: found.moments.count(),
        min: min.to_f64(),
        max: max.to_f64(),
        whole: kind == Kind::Integer,
    });
    let quantile = |sketch: &Sketch, share| Quantile { share, value: sketch.quantile(share) };
    let quantiles = sketch.as_ref().map(|it| shares.iter().map(|&at| quantile(it, at)).collect());
    Numbers {
        nan: found.nan,
        infinite: found.infinite,
        mean: found.moments.mean(),
        sd: found.moments.deviation(),
        min,
        max,
        quantiles: quantiles.unwrap_or_default(),
        histogram: sketch.map(|sketch| sketch.histogram(bars)).unwrap_or_default(),
    }
}

/// Numbers as they are counted in buckets.
struct Sketch<'a> {
    buckets: &'a Buckets,
    count: u64,
    min: f64,
    max: f64,
    /// Whether they are integers.
    whole: bool,
}

impl Sketch<'_> {
    /// The value of rank ceil(share n).
    fn quantile(&self, share: f64) -> f64 {
        let &Self { buckets, count, min, max, whole } = self;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to count")]
        let rank = ((share * count as f64).ceil() as u64).clamp(1, count.max(1));
        if rank == 1 {
            return min;
        }
        if rank == count {
            return max;
        }
        let bucket = buckets.at_rank(rank);
        let value = if whole { bucket.whole() } else { bucket.middle() };
        value.clamp(min, max)
    }

    /// Bars of about one width. Their ends are ends of buckets, so that the counts are exact: they are
    /// as near as buckets allow to where they would be, and where two meet there is one bar fewer.
    fn histogram(&self, bars: usize) -> Vec<Bar> {
        let &Self { buckets, count, min, max, whole } = self;
        if count == 0 {
            return Vec::new();
        }
        // Integers fill a range one wider than their difference, and bars end at integers.
        let end = if whole { max + 1.0 } else { max };
        let bars = if whole { (bars as f64).min(end - min).max(1.0) } else { bars as f64 };
        let (mut result, mut from, mut start) = (Vec::new(), min, Bucket::FIRST);
        let mut step = 1.0;
        while step < bars {
            let share = step / bars;
            step += 1.0;
            let wanted = min * (1.0 - share) + end * share;
            let (cut, to) = if whole { whole_cut(wanted) } else { cut(wanted) };
            if cut > start && to > from && to < max {
                result.push(Bar { from, to, count: buckets.between(start, cut) });
                (from, start) = (to, cut);
            }
        }
        result.push(Bar { from, to: max, count: buckets.between(start, Bucket::END) });
        result
    }
}

/// The end of a bucket that is nearest to `wanted`, and the bucket that is the first above it.
fn cut(wanted: f64) -> (Bucket, f64) {
    let cut = Bucket::of(wanted);
    let next = cut.next();
    // Zero and what is next to it begin at the same number, and zero belongs with what is above.
    let nearer = cut != Bucket::of(0.0) && next.lower() - wanted < wanted - cut.lower();
    let cut = if nearer { next } else { cut };
    (cut, cut.lower())
}

/// The bucket of the next integer, and the least integer in it.
fn whole_cut(wanted: f64) -> (Bucket, f64) {
    let cut = Bucket::of(wanted.ceil());
    // The lower end of a negative bucket is not in it.
    let to = if wanted.ceil() < 0.0 { cut.lower().floor() + 1.0 } else { cut.lower().ceil() };
    (cut, to)
}
