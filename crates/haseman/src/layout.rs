//! Which components a model has, and what each is made of.

use serde::{Deserialize, Serialize};

/// The components of a model, in this order: the sets of columns that its features make; then, for
/// each environment, the same sets times that environment; then, for each environment, noise that
/// grows with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Sets of columns.
    pub sets: usize,
    /// Environments.
    pub environments: usize,
    /// Whether there is noise that grows with each environment.
    pub noise: bool,
    /// Whether h2 is a share of the variance that the individuals have, sigma_k tr(V K_k) over the sum
    /// of these, and not sigma_k over the sum of all sigma.
    pub by_trace: bool,
}

/// What a component is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// Columns of genotypes: K = X X' / M; times an environment, K = E X X' E / M with E = diag(e).
    Columns {
        /// Which set of columns.
        set: usize,
        /// Times which environment.
        environment: Option<usize>,
    },
    /// No columns: K = E E, the same without any block.
    Noise {
        /// Which environment.
        environment: usize,
    },
}

impl Layout {
    /// How many components, the residual not counted.
    pub fn components(&self) -> usize {
        self.of_columns() + if self.noise { self.environments } else { 0 }
    }

    /// How many are made of columns: the first ones.
    pub fn of_columns(&self) -> usize {
        self.sets * self.versions()
    }

    /// A set of columns as it is, and times each environment.
    pub(crate) fn versions(&self) -> usize {
        1 + self.environments
    }

    /// What a component is made of; nothing beyond the last one, where the residual stands.
    pub fn made(&self, component: usize) -> Option<Made> {
        if component < self.of_columns() {
            let (version, set) = (component / self.sets, component % self.sets);
            return Some(Made::Columns { set, environment: version.checked_sub(1) });
        }
        let environment = component - self.of_columns();
        (component < self.components()).then_some(Made::Noise { environment })
    }

    /// Whether two components are columns times the same environment, or both times none.
    pub(crate) fn alike(&self, k: usize, l: usize) -> bool {
        k.max(l) < self.of_columns() && k / self.sets == l / self.sets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_numbered_set_by_set_and_environment_by_environment() {
        let layout = Layout { sets: 2, environments: 3, noise: true, by_trace: true };
        assert_eq!((layout.of_columns(), layout.components()), (8, 11));
        let made: Vec<_> = (0..11).map(|k| layout.made(k).unwrap()).collect();
        for (k, made) in made.iter().enumerate() {
            let places = made_again(&made.clone());
            assert_eq!(places, k);
        }
        assert_eq!(layout.made(11), None);
        assert!(layout.alike(2, 3) && !layout.alike(1, 2) && !layout.alike(8, 8));
    }

    fn made_again(made: &Made) -> usize {
        match *made {
            Made::Columns { set, environment: None } => set,
            Made::Columns { set, environment: Some(e) } => 2 + 2 * e + set,
            Made::Noise { environment } => 8 + environment,
        }
    }
}
