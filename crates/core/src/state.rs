//! What is known after some chunks: a commutative group, to the bit.

/// A state that can be added to another of the same model, exactly.
///
/// # Contract
/// To the bit, for any `a`, `b`, `c` that one model made: `a + b = b + a`, `(a + b) + c = a + (b + c)`,
/// and what the model's `init` returns changes nothing. A plain `f64` sum is *not* such a state,
/// because `(0.1 + 0.2) + 0.3 != 0.1 + (0.2 + 0.3)`; [`FixedSums`](crate::FixedSums) and
/// [`ExactSum`](crate::ExactSum) are.
///
/// # Panics
/// Implementations may panic when the two states have different shapes: one model makes states of
/// one shape.
///
/// # Example
/// ```
/// use twoblade_core::{ExactSum, group_fields};
///
/// #[derive(Clone, Debug, PartialEq)]
/// struct State {
///     count: u64,
///     sum: ExactSum,
/// }
/// group_fields!(State { count, sum }); // a forgotten field does not compile
///
/// use twoblade_core::{Group, Merge};
/// let mut one = State { count: 1, sum: ExactSum::from(0.1) };
/// let two = State { count: 1, sum: ExactSum::from(0.2) };
/// let before = one.clone();
/// one.merge(&two);
/// one.remove(&two);
/// assert_eq!(one, before);
/// ```
pub trait Merge {
    /// Adds `other` to `self`.
    fn merge(&mut self, other: &Self);
}

/// A state from which another can be taken out again, exactly.
///
/// # Contract
/// `remove` undoes `merge` to the bit, whatever was merged in between. Minimum and maximum have no
/// such inverse: a model whose state holds one cannot leave a block out.
pub trait Group: Merge {
    /// Takes `other` out of `self`.
    fn remove(&mut self, other: &Self);
}

/// A count; it wraps, so that every partial difference is defined.
macro_rules! count {
    ($integer:ty) => {
        impl Merge for $integer {
            fn merge(&mut self, other: &Self) {
                *self = self.wrapping_add(*other);
            }
        }

        impl Group for $integer {
            fn remove(&mut self, other: &Self) {
                *self = self.wrapping_sub(*other);
            }
        }
    };
}
count!(u32);
count!(u64);

/// One state per place; both must have the same number of places.
impl<S: Merge> Merge for Vec<S> {
    fn merge(&mut self, other: &Self) {
        assert_eq!(self.len(), other.len(), "states of one model have one shape");
        for (mine, theirs) in self.iter_mut().zip(other) {
            mine.merge(theirs);
        }
    }
}

impl<S: Group> Group for Vec<S> {
    fn remove(&mut self, other: &Self) {
        assert_eq!(self.len(), other.len(), "states of one model have one shape");
        for (mine, theirs) in self.iter_mut().zip(other) {
            mine.remove(theirs);
        }
    }
}

/// What only some models of a kind hold; both must have it, or neither.
impl<S: Merge> Merge for Option<S> {
    fn merge(&mut self, other: &Self) {
        match (self, other) {
            (Some(mine), Some(theirs)) => mine.merge(theirs),
            (None, None) => {}
            _ => panic!("states of one model have one shape"),
        }
    }
}

impl<S: Group> Group for Option<S> {
    fn remove(&mut self, other: &Self) {
        match (self, other) {
            (Some(mine), Some(theirs)) => mine.remove(theirs),
            (None, None) => {}
            _ => panic!("states of one model have one shape"),
        }
    }
}

impl<A: Merge, B: Merge> Merge for (A, B) {
    fn merge(&mut self, other: &Self) {
        self.0.merge(&other.0);
        self.1.merge(&other.1);
    }
}

impl<A: Group, B: Group> Group for (A, B) {
    fn remove(&mut self, other: &Self) {
        self.0.remove(&other.0);
        self.1.remove(&other.1);
    }
}

/// Implements [`Merge`] for a struct, field by field.
///
/// The pattern is exhaustive: a field that is not listed does not compile.
#[macro_export]
macro_rules! merge_fields {
    ($state:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::Merge for $state {
            fn merge(&mut self, other: &Self) {
                let Self { $($field),+ } = self;
                $( $crate::Merge::merge($field, &other.$field); )+
            }
        }
    };
}

/// Implements [`Merge`] and [`Group`] for a struct, field by field.
///
/// The pattern is exhaustive: a field that is not listed does not compile.
#[macro_export]
macro_rules! group_fields {
    ($state:ident { $($field:ident),+ $(,)? }) => {
        $crate::merge_fields!($state { $($field),+ });
        impl $crate::Group for $state {
            fn remove(&mut self, other: &Self) {
                let Self { $($field),+ } = self;
                $( $crate::Group::remove($field, &other.$field); )+
            }
        }
    };
}
