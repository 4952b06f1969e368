//! Ridge regression.

use anyhow::{Result, ensure};
use twoblade::core::Jackknife;
use twoblade::learn::metrics::Report as ScoreReport;
use twoblade::learn::ridge::{Estimate, Ridge, cross_validate};
use twoblade::learn::{
    Coefficient, Coefficients, Fitted, Folded, FoldedTotal, Linear, Point, Report,
};
use twoblade::runner::Run;

use super::ground::{Found, Ground};
use super::learner::Learner;

/// The path of penalties, cross-validated; the best of them, with standard errors.
pub(crate) struct Ridged;

impl Learner for Ridged {
    type Model = Folded<Ridge>;
    /// Nothing: folds are scored from their states.
    type Without = Linear;

    fn model(ground: &Ground<'_>) -> Result<Folded<Ridge>> {
        let Ground { args, features, source, .. } = ground;
        let cv = args.metrics.cv;
        let penalties = match &args.model.penalties {
            given if !given.is_empty() => given.clone(),
            _ if cv == 0 => vec![1.0],
            _ => (-2..=7).map(|power| 10f64.powi(power)).collect(),
        };
        ensure!(
            cv > 0 || penalties.len() == 1,
            "{} penalties and no cross-validation to choose among them; give one, or --cv 5",
            penalties.len()
        );
        let ridge = Ridge::new((*features).clone(), source.counted().rows(), penalties)?;
        // Each fold is some of these groups.
        let groups = args.model.jackknife.next_multiple_of(cv.max(1));
        Ok(Folded::new(ridge, ground.groups(groups)?))
    }

    fn without(
        _: &Ground<'_>,
        _: &Folded<Ridge>,
        _: &FoldedTotal<Ridge>,
    ) -> Result<Option<Vec<Linear>>> {
        Ok(None)
    }

    fn held(_: &Ground<'_>, _: &[Linear]) -> usize {
        0
    }

    fn found(
        ground: &Ground<'_>,
        model: &Folded<Ridge>,
        run: Run<Folded<Ridge>>,
        _: Option<ScoreReport>,
    ) -> Result<Found> {
        let (cv, features) = (ground.args.metrics.cv, ground.features);
        let folds = match cv {
            0 => Vec::new(),
            _ => cross_validate(model.model(), &run.total.coarser(model, cv)).map_err(boxed)?,
        };
        let jackknife = run.total.jackknife(model).map_err(boxed)?;
        let point = |(place, &penalty): (usize, &f64)| Point {
            penalty,
            mean_squared_error: folds.iter().map(|fold| fold.mean_squared_error[place]).collect(),
        };
        let path: Vec<Point> = model.model().penalties().iter().enumerate().map(point).collect();
        let chosen = best(&path);
        let fit = &jackknife.full.fits[chosen];
        let report = Report {
            rows: jackknife.full.rows,
            dropped: run.total.all().dropped(),
            folds: cv,
            coefficients: vec![coefficients(&features.names(), &jackknife, chosen)],
            path,
            chosen: Some(chosen),
            ..Report::default()
        };
        Ok(Found { fitted: Fitted::Linear(fit.predictor(features)), report })
    }
}

/// The one with the least error; of equal ones the largest penalty.
fn best(path: &[Point]) -> usize {
    let mut best = 0;
    for (place, point) in path.iter().enumerate() {
        let (mean, least) = (point.mean(), path[best].mean());
        if mean < least || mean <= least && point.penalty > path[best].penalty {
            best = place;
        }
    }
    best
}

fn coefficients(names: &[String], of: &Jackknife<Estimate>, chosen: usize) -> Coefficients {
    let feature = |(place, name): (usize, &String)| {
        let measure = of.measure(|estimate| estimate.fits[chosen].coefficients[place]);
        Coefficient::measured(name, measure)
    };
    Coefficients {
        class: None,
        intercept: Coefficient::measured(
            "(intercept)",
            of.measure(|estimate| estimate.fits[chosen].intercept),
        ),
        features: names.iter().enumerate().map(feature).collect(),
    }
}

fn boxed(error: twoblade::core::BoxError) -> anyhow::Error {
    anyhow::Error::from_boxed(error)
}
