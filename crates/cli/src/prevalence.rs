//! Shares of cases, for all traits or for one.

use anyhow::{Result, bail};
use twoblade::haseman::Prevalence;

/// A share for every trait of two values, or for the trait of a name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ForTraits {
    name: Option<String>,
    share: f64,
}

/// `0.01`, or `asthma=0.01`.
///
/// # Errors
/// What is wrong, for a usage message.
pub(crate) fn parse_prevalence(text: &str) -> Result<ForTraits, String> {
    let (name, number) = match text.rsplit_once('=') {
        Some((name, number)) => (Some(name.to_owned()), number),
        None => (None, text),
    };
    match number.parse() {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(ForTraits { name, share }),
        _ => Err(format!("'{number}' is not a number between 0 and 1 (0.01, or asthma=0.01)")),
    }
}

/// The prevalence of each trait, given its name and its share of cases if it has two values.
///
/// # Errors
/// A name that no trait has, or whose trait has more values than two.
pub(crate) fn of_traits(
    population: &[ForTraits],
    sample: &[ForTraits],
    traits: &[(String, Option<f64>)],
) -> Result<Vec<Option<Prevalence>>> {
    for list in [population, sample] {
        let twice =
            |(at, of): (usize, &ForTraits)| list[..at].iter().any(|other| other.name == of.name);
        if let Some((_, of)) = list.iter().enumerate().find(|&(at, of)| twice((at, of))) {
            let whose =
                of.name.as_deref().map_or("all traits".to_owned(), |name| format!("'{name}'"));
            bail!("two prevalences are given for {whose}; NAME=NUMBER tells traits apart");
        }
    }
    for name in population.iter().chain(sample).filter_map(|of| of.name.as_ref()) {
        match traits.iter().find(|(other, _)| other == name) {
            None => {
                let names: Vec<&str> = traits.iter().map(|(name, _)| name.as_str()).collect();
                bail!("a prevalence is given for '{name}', the traits are {}", names.join(", "));
            }
            Some((_, None)) => bail!(
                "a prevalence is given for '{name}', which is not of cases and controls: it has more \
                 than two values"
            ),
            Some(_) => {}
        }
    }
    if !population.is_empty() && traits.iter().all(|(_, cases)| cases.is_none()) {
        bail!("a prevalence is given, and no trait is of cases and controls: two values expected");
    }
    let of = |list: &[ForTraits], name: &str| {
        let own = list.iter().find(|of| of.name.as_deref() == Some(name));
        own.or_else(|| list.iter().find(|of| of.name.is_none())).map(|of| of.share)
    };
    let prevalence = |(name, cases): &(String, Option<f64>)| {
        let population = cases.and_then(|_| of(population, name));
        Ok(population
            .map(|population| Prevalence::new(population, of(sample, name)))
            .transpose()?)
    };
    traits.iter().map(prevalence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_for_all_or_for_one() {
        let given = |text: &str| parse_prevalence(text).unwrap();
        let traits =
            [("a", Some(0.3)), ("b", None), ("c=d", Some(0.5))].map(|(n, c)| (n.to_owned(), c));
        let shares = |population: &[ForTraits], sample: &[ForTraits]| {
            let all = of_traits(population, sample, &traits);
            let shares = |p: Prevalence| (p.population(), p.sample_or(0.9));
            all.map(|all| all.into_iter().map(|p| p.map(shares)).collect::<Vec<_>>())
        };
        let found = shares(&[given("0.1"), given("c=d=0.2")], &[given("a=0.4")]).unwrap();
        assert_eq!(found, [Some((0.1, 0.4)), None, Some((0.2, 0.9))]);
        assert!(shares(&[given("x=0.1")], &[]).unwrap_err().to_string().contains("a, b, c=d"));
        assert!(shares(&[given("b=0.1")], &[]).is_err());
        assert!(shares(&[given("0.1"), given("0.2")], &[]).is_err());
        assert!(shares(&[given("a=0.1"), given("a=0.2")], &[]).is_err());
        for bad in ["0", "1", "a=", "x", "-0.1", "nan"] {
            assert!(parse_prevalence(bad).is_err(), "{bad}");
        }
    }
}
