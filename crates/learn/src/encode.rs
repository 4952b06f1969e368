//! Rows as numbers.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, PrimitiveArray, RecordBatch};
use twoblade_table::{Error as TableError, Kind, Rows};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::Error;
use crate::features::{Features, Missing, Scale, Target, Term};

/// Turns rows into numbers, as [`Features`] say.
#[derive(Clone, Debug)]
pub struct Encoder<'a> {
    features: &'a Features,
    classes: HashMap<&'a str, usize>,
    /// By term; empty where it has no levels.
    levels: Vec<HashMap<&'a str, usize>>,
    /// Whether indicators become places.
    places: bool,
}

/// The place of an indicator that is not there.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// Rows as numbers: what is left of a chunk when rows with missing values are out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Encoded {
    /// Which rows of the chunk these are, ascending, from 0.
    pub rows: Vec<usize>,
    /// The numbers of each feature, `rows.len()` after another, in units of the features' scales; without
    /// those of indicators, where these are places.
    pub numbers: Vec<f64>,
    /// Which features `numbers` are of, where indicators are places; else empty, and they are of all.
    pub columns: Vec<usize>,
    /// Of each term that has indicators, `rows.len()` after another, the feature that is 1 in a row, or
    /// `u32::MAX` where none is; empty, where they are numbers.
    pub places: Vec<u32>,
    /// The target of each row, in units of its scale; or its class. Empty if it was not asked for.
    pub target: Vec<f64>,
}

impl Encoded {
    /// Columns of `numbers`.
    pub(crate) fn column(&self, column: usize) -> &[f64] {
        &self.numbers[column * self.rows.len()..][..self.rows.len()]
    }

    /// The places of each term that has indicators.
    pub(crate) fn terms(&self) -> impl Iterator<Item = &[u32]> {
        self.places.chunks_exact(self.rows.len().max(1))
    }
}

impl<'a> Encoder<'a> {
    /// For these features.
    pub fn new(features: &'a Features) -> Self {
        let places = |words: &'a [String]| {
            words.iter().enumerate().map(|(place, word)| (word.as_str(), place)).collect()
        };
        let classes = match &features.target {
            Target::Class { classes, .. } => places(classes),
            Target::Number { .. } => HashMap::new(),
        };
        let level = |term: &'a Term| match term {
            Term::Levels { levels, .. } => places(levels),
            _ => HashMap::new(),
        };
        let levels = features.terms.iter().map(level).collect();
        Self { features, classes, levels, places: false }
    }

    /// Whether indicators become places, so that a row takes a few numbers however many there are; else
    /// they are numbers, 0 or 1.
    #[must_use]
    pub fn with_places(mut self, places: bool) -> Self {
        self.places = places;
        self
    }

    /// Numbers of a row, the target not among them.
    pub(crate) fn width(features: &Features, places: bool) -> usize {
        if places { features.terms.len() } else { features.width() }
    }

    /// The features and the target of these rows. Rows in which one is missing are left out, or only
    /// those without target, as [`Features::missing`] says.
    ///
    /// # Errors
    /// A column that is not there or of another kind, an infinite number, an unknown class.
    pub fn encode(&self, rows: &Rows) -> Result<Encoded, Error> {
        let mut encoded = Encoded::default();
        self.encode_into(rows, &mut encoded)?;
        Ok(encoded)
    }

    /// [`encode`](Self::encode) in place of what is in `to`, in the memory that it has.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode); `to` has then some of both.
    pub fn encode_into(&self, rows: &Rows, to: &mut Encoded) -> Result<(), Error> {
        self.kept_with_target(rows, &mut to.rows, &mut to.target)?;
        self.numbers(rows, to)
    }

    /// The features of these rows, where no target need be known.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode).
    pub fn encode_features(&self, rows: &Rows) -> Result<Encoded, Error> {
        let mut encoded = Encoded::default();
        self.encode_features_into(rows, &mut encoded)?;
        Ok(encoded)
    }

    /// [`encode_features`](Self::encode_features) in place of what is in `to`, in the memory that it has.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode); `to` has then some of both.
    pub fn encode_features_into(&self, rows: &Rows, to: &mut Encoded) -> Result<(), Error> {
        self.kept(rows, None, &mut to.rows)?;
        to.target.clear();
        self.numbers(rows, to)
    }

    /// Rows that stay, and their target.
    fn kept_with_target(
        &self,
        rows: &Rows,
        kept: &mut Vec<usize>,
        to: &mut Vec<f64>,
    ) -> Result<(), Error> {
        let target = column(rows.batch(), self.features.target.column())?;
        self.kept(rows, Some(target), kept)?;
        to.clear();
        match &self.features.target {
            Target::Number { column, scale } => {
                push_numbers(rows, (column, target), *scale, kept, to)
            }
            Target::Class { column, .. } => self.push_classes(rows, (column, target), kept, to),
        }
    }

    /// Rows that stay.
    fn kept(
        &self,
        rows: &Rows,
        target: Option<&dyn Array>,
        kept: &mut Vec<usize>,
    ) -> Result<(), Error> {
        let mut asked: Vec<&dyn Array> = target.into_iter().collect();
        if self.features.missing == Missing::Drop {
            for term in &self.features.terms {
                asked.push(column(rows.batch(), term.column())?);
            }
        }
        // For most runs of rows there is nothing to look at row by row.
        let mut keep = Vec::new();
        for array in asked {
            let floats = array.as_primitive_opt::<Float64Type>().map(PrimitiveArray::values);
            // A NaN is a missing number that was written out.
            let floats = floats.filter(|values| !all_finite(values));
            let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
            if floats.is_some() || nulls.is_some() {
                keep.resize(rows.count(), true);
            }
            if let Some(nulls) = nulls {
                keep.iter_mut().zip(nulls).for_each(|(keep, there)| *keep &= there);
            }
            for (keep, value) in keep.iter_mut().zip(floats.into_iter().flat_map(|it| it.iter())) {
                *keep &= !value.is_nan();
            }
        }
        kept.clear();
        if keep.is_empty() {
            kept.extend(0..rows.count());
        } else {
            kept.extend((0..rows.count()).filter(|&row| keep[row]));
        }
        Ok(())
    }

    /// The features of the rows that stay.
    fn numbers(&self, rows: &Rows, to: &mut Encoded) -> Result<(), Error> {
        let Encoded { rows: kept, numbers, columns, places, .. } = to;
        numbers.clear();
        columns.clear();
        places.clear();
        numbers.reserve(kept.len() * Self::width(self.features, self.places));
        let mut feature = 0;
        for (term, levels) in self.features.terms.iter().zip(&self.levels) {
            let name = term.column();
            let array = column(rows.batch(), name)?;
            let place = |text: &str| place(term, levels, text);
            match term {
                Term::Number { scale, .. } => {
                    push_numbers(rows, (name, array), *scale, kept, numbers)?;
                    columns.extend(self.places.then_some(feature));
                }
                _ if self.places => push_places(array, feature, kept, places, place),
                _ => push_indicators(array, term.width(), kept, numbers, place),
            }
            feature += term.width();
        }
        Ok(())
    }

    fn push_classes(
        &self,
        rows: &Rows,
        (name, array): (&str, &dyn Array),
        kept: &[usize],
        classes: &mut Vec<f64>,
    ) -> Result<(), Error> {
        let mut text = Text::of(array);
        // Whole numbers are looked up as they are, once they were as words.
        let whole = array.as_primitive_opt::<Int64Type>().map(PrimitiveArray::values);
        let mut known: Vec<(i64, f64)> = Vec::new();
        for &row in kept {
            let value = whole.map(|values| values[row]);
            if let Some(&(_, class)) = known.iter().find(|(other, _)| Some(*other) == value) {
                classes.push(class);
                continue;
            }
            let word = text.at(row).unwrap_or_default();
            let Some(&class) = self.classes.get(word) else {
                let (column, value) = (name.to_owned(), word.to_owned());
                let (row, known) = (rows.first() + row as u64, self.classes_in_order());
                return Err(Error::Class { column, row, value, known });
            };
            classes.push(class as f64);
            known.extend(value.filter(|_| known.len() < 16).map(|value| (value, class as f64)));
        }
        Ok(())
    }

    fn classes_in_order(&self) -> Vec<String> {
        match &self.features.target {
            Target::Class { classes, .. } => classes.clone(),
            Target::Number { .. } => Vec::new(),
        }
    }
}

/// Which of a term's indicators a value has.
fn place(term: &Term, levels: &HashMap<&str, usize>, text: &str) -> Option<usize> {
    match term {
        Term::Number { .. } => None,
        Term::Levels { .. } => levels.get(text).copied(),
        Term::Hashed { buckets, .. } => {
            let bucket = xxh3_64(text.as_bytes()) % u64::from(*buckets);
            Some(usize::try_from(bucket).expect("below 2^32"))
        }
    }
}

pub(crate) fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a dyn Array, Error> {
    batch.column_by_name(name).map(AsRef::as_ref).ok_or_else(|| {
        let there = batch.schema_ref().fields().iter().map(|field| field.name().clone()).collect();
        TableError::NoSuchColumn { name: name.to_owned(), there }.into()
    })
}

/// A column's values in units of its scale; a missing one is the mean, 0.
fn push_numbers(
    rows: &Rows,
    (name, array): (&str, &dyn Array),
    scale: Scale,
    kept: &[usize],
    to: &mut Vec<f64>,
) -> Result<(), Error> {
    let begin = to.len();
    let by = 1.0 / scale.sd;
    // Without a branch for missing values: those are put right below.
    let scaled = |value: f64| (value - scale.mean) * by;
    if let Some(array) = array.as_primitive_opt::<Float64Type>() {
        push_each(array.values(), kept, scaled, to);
        if !all_finite(array.values()) {
            for (number, &row) in to[begin..].iter_mut().zip(kept) {
                let value = array.value(row);
                if value.is_infinite() && array.is_valid(row) {
                    let (column, row) = (name.to_owned(), rows.first() + row as u64);
                    return Err(Error::Infinite { column, row, value });
                }
                *number = if value.is_nan() { 0.0 } else { *number };
            }
        }
    } else if let Some(array) = array.as_primitive_opt::<Int64Type>() {
        push_each(array.values(), kept, |value| scaled(value as f64), to);
    } else if let Some(array) = array.as_boolean_opt() {
        to.extend(kept.iter().map(|&row| scaled(f64::from(u8::from(array.value(row))))));
    } else if let Some(array) = array.as_primitive_opt::<Date32Type>() {
        push_each(array.values(), kept, |value| scaled(f64::from(value)), to);
    } else if let Some(array) = array.as_primitive_opt::<TimestampMicrosecondType>() {
        push_each(array.values(), kept, |value| scaled(value as f64), to);
    } else {
        let found = Kind::of(array.data_type())
            .map_or_else(|| array.data_type().to_string(), |kind| format!("values of kind {kind}"));
        return Err(Error::Kind { column: name.to_owned(), found, wanted: "number" });
    }
    if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
        for (number, &row) in to[begin..].iter_mut().zip(kept) {
            *number = if nulls.is_null(row) { 0.0 } else { *number };
        }
    }
    Ok(())
}

/// The numbers of the rows that stay.
fn push_each<T: Copy>(values: &[T], kept: &[usize], number: impl Fn(T) -> f64, to: &mut Vec<f64>) {
    if kept.len() == values.len() {
        to.extend(values.iter().map(|&value| number(value)));
    } else {
        to.extend(kept.iter().map(|&row| number(values[row])));
    }
}

/// Whether no value is infinite or NaN; many at a time.
fn all_finite(values: &[f64]) -> bool {
    const EXPONENT: u64 = f64::INFINITY.to_bits();
    // One in the lowest bit of an exponent that is all ones goes into the sign, and of no other.
    let one = EXPONENT & EXPONENT.wrapping_neg();
    let carried = |value: &f64| (value.to_bits() & EXPONENT) + one;
    values.iter().fold(0, |any, value| any | carried(value)) >> 63 == 0
}

/// Columns of 0 and 1, of which a row has 1 where its value is.
fn push_indicators(
    array: &dyn Array,
    width: usize,
    kept: &[usize],
    to: &mut Vec<f64>,
    place: impl Fn(&str) -> Option<usize>,
) {
    let begin = to.len();
    to.resize(begin + width * kept.len(), 0.0);
    let mut text = Text::of(array);
    for (at, &row) in kept.iter().enumerate() {
        if let Some(level) = text.at(row).and_then(&place) {
            to[begin + level * kept.len() + at] = 1.0;
        }
    }
}

/// The features of a term, from `first` on, that are 1.
fn push_places(
    array: &dyn Array,
    first: usize,
    kept: &[usize],
    to: &mut Vec<u32>,
    place: impl Fn(&str) -> Option<usize>,
) {
    let mut text = Text::of(array);
    to.extend(kept.iter().map(|&row| {
        let feature = text.at(row).and_then(&place).map(|place| first + place);
        feature.map_or(NOWHERE, |feature| u32::try_from(feature).unwrap_or(NOWHERE))
    }));
}

/// Values as text: words as they are, other kinds as they are written.
pub(crate) struct Text<'a> {
    array: &'a dyn Array,
    written: String,
}

impl<'a> Text<'a> {
    pub(crate) fn of(array: &'a dyn Array) -> Self {
        Self { array, written: String::new() }
    }

    /// `None` where it is missing.
    pub(crate) fn at(&mut self, row: usize) -> Option<&str> {
        if self.array.is_null(row) {
            return None;
        }
        if let Some(array) = self.array.as_string_opt::<i32>() {
            return Some(array.value(row));
        }
        let array = self.array;
        self.written = if let Some(array) = array.as_primitive_opt::<Int64Type>() {
            array.value(row).to_string()
        } else if let Some(array) = array.as_primitive_opt::<Float64Type>() {
            array.value(row).to_string()
        } else if let Some(array) = array.as_boolean_opt() {
            array.value(row).to_string()
        } else if let Some(array) = array.as_primitive_opt::<Date32Type>() {
            array.value(row).to_string()
        } else if let Some(array) = array.as_primitive_opt::<TimestampMicrosecondType>() {
            array.value(row).to_string()
        } else {
            return None;
        };
        Some(&self.written)
    }
}
