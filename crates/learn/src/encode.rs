//! Rows as numbers.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use twoblade_table::{Error as TableError, Kind, Rows};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::Error;
use crate::features::{Features, Missing, Scale, Target, Term};
use crate::sparse::{NOWHERE, Sparse};

/// Turns rows into numbers, as [`Features`] say.
#[derive(Clone, Debug)]
pub struct Encoder<'a> {
    features: &'a Features,
    classes: HashMap<&'a str, usize>,
    /// By term; empty where it has no levels.
    levels: Vec<HashMap<&'a str, usize>>,
}

/// Rows as numbers: what is left of a chunk when rows with missing values are out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Encoded {
    /// Which rows of the chunk these are, ascending, from 0.
    pub rows: Vec<usize>,
    /// The numbers of each feature, `rows.len()` after another, in units of the features' scales.
    pub numbers: Vec<f64>,
    /// The target of each row, in units of its scale; or its class. Empty if it was not asked for.
    pub target: Vec<f64>,
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
        Self { features, classes, levels: features.terms.iter().map(level).collect() }
    }

    /// The features and the target of these rows. Rows in which one is missing are left out, or only
    /// those without target, as [`Features::missing`] says.
    ///
    /// # Errors
    /// A column that is not there or of another kind, an infinite number, an unknown class.
    pub fn encode(&self, rows: &Rows) -> Result<Encoded, Error> {
        let (kept, target) = self.kept_with_target(rows)?;
        Ok(Encoded { numbers: self.numbers(rows, &kept)?, rows: kept, target })
    }

    /// The same without the zeros of indicators.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode).
    pub fn encode_sparse(&self, rows: &Rows) -> Result<Sparse, Error> {
        let (kept, target) = self.kept_with_target(rows)?;
        self.sparse(rows, kept, target)
    }

    /// The features of these rows, where no target need be known.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode).
    pub fn encode_features(&self, rows: &Rows) -> Result<Encoded, Error> {
        let kept = self.kept(rows, None)?;
        Ok(Encoded { numbers: self.numbers(rows, &kept)?, rows: kept, target: Vec::new() })
    }

    /// Rows that stay, and their target.
    fn kept_with_target(&self, rows: &Rows) -> Result<(Vec<usize>, Vec<f64>), Error> {
        let target = column(rows.batch(), self.features.target.column())?;
        let kept = self.kept(rows, Some(target))?;
        let target = match &self.features.target {
            Target::Number { column, scale } => {
                let mut numbers = Vec::with_capacity(kept.len());
                push_numbers(rows, (column, target), *scale, &kept, &mut numbers)?;
                numbers
            }
            Target::Class { column, .. } => self.target_classes(rows, (column, target), &kept)?,
        };
        Ok((kept, target))
    }

    fn sparse(&self, rows: &Rows, kept: Vec<usize>, target: Vec<f64>) -> Result<Sparse, Error> {
        let terms = &self.features.terms;
        let columns = terms.iter().filter(|term| matches!(term, Term::Number { .. })).count();
        let mut numbers = Vec::with_capacity(columns * kept.len());
        let mut places = Vec::with_capacity((terms.len() - columns) * kept.len());
        let mut before = 0;
        for (term, levels) in terms.iter().zip(&self.levels) {
            let name = term.column();
            let array = column(rows.batch(), name)?;
            if let Term::Number { scale, .. } = term {
                push_numbers(rows, (name, array), *scale, &kept, &mut numbers)?;
                continue;
            }
            let mut text = Text::of(array);
            let place = |text: &str| place(term, levels, text);
            places.extend(kept.iter().map(|&row| {
                let place = text.at(row).and_then(place).map(|place| before + place);
                place.map_or(NOWHERE, |place| u32::try_from(place).unwrap_or(NOWHERE))
            }));
            before += term.width();
        }
        Ok(Sparse { rows: kept, numbers, places, target })
    }

    /// Rows that stay.
    fn kept(&self, rows: &Rows, target: Option<&dyn Array>) -> Result<Vec<usize>, Error> {
        let mut asked: Vec<&dyn Array> = target.into_iter().collect();
        if self.features.missing == Missing::Drop {
            for term in &self.features.terms {
                asked.push(column(rows.batch(), term.column())?);
            }
        }
        let mut keep = vec![true; rows.count()];
        for array in asked {
            if array.null_count() > 0 {
                keep.iter_mut().enumerate().for_each(|(row, keep)| *keep &= array.is_valid(row));
            }
            if let Some(array) = array.as_primitive_opt::<Float64Type>()
                && array.values().iter().fold(false, |any, value| any | value.is_nan())
            {
                // A NaN is a missing number that was written out.
                let values = keep.iter_mut().zip(array.values());
                values.for_each(|(keep, value)| *keep &= !value.is_nan());
            }
        }
        Ok((0..rows.count()).filter(|&row| keep[row]).collect())
    }

    fn numbers(&self, rows: &Rows, kept: &[usize]) -> Result<Vec<f64>, Error> {
        let mut numbers = Vec::with_capacity(kept.len() * self.features.width());
        for (term, levels) in self.features.terms.iter().zip(&self.levels) {
            let name = term.column();
            let array = column(rows.batch(), name)?;
            match term {
                Term::Number { scale, .. } => {
                    push_numbers(rows, (name, array), *scale, kept, &mut numbers)?;
                }
                Term::Levels { .. } | Term::Hashed { .. } => {
                    push_indicators(array, term.width(), kept, &mut numbers, |text| {
                        place(term, levels, text)
                    });
                }
            }
        }
        Ok(numbers)
    }

    fn target_classes(
        &self,
        rows: &Rows,
        (name, array): (&str, &dyn Array),
        kept: &[usize],
    ) -> Result<Vec<f64>, Error> {
        let mut text = Text::of(array);
        let mut classes = Vec::with_capacity(kept.len());
        for &row in kept {
            let word = text.at(row).unwrap_or_default();
            let Some(&class) = self.classes.get(word) else {
                let (column, value) = (name.to_owned(), word.to_owned());
                let (row, known) = (rows.first() + row as u64, self.classes_in_order());
                return Err(Error::Class { column, row, value, known });
            };
            classes.push(class as f64);
        }
        Ok(classes)
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
    // Without a branch for missing values: those are put right below.
    let scaled = |value: f64| (value - scale.mean) / scale.sd;
    if let Some(array) = array.as_primitive_opt::<Float64Type>() {
        let values = array.values();
        // Mostly all rows stay and all values are finite, which one look without branches can tell.
        let whole = kept.len() == values.len() && array.null_count() == 0;
        if whole && values.iter().fold(true, |all, value| all & value.is_finite()) {
            to.extend(values.iter().map(|&value| scaled(value)));
            return Ok(());
        }
        to.extend(kept.iter().map(|&row| scaled(values[row])));
        let infinite = |&&row: &&usize| values[row].is_infinite() && array.is_valid(row);
        if let Some(&row) = kept.iter().find(infinite) {
            let (column, at) = (name.to_owned(), rows.first() + row as u64);
            return Err(Error::Infinite { column, row: at, value: values[row] });
        }
        for (value, &row) in to[begin..].iter_mut().zip(kept) {
            if value.is_nan() || array.is_null(row) {
                *value = 0.0;
            }
        }
        return Ok(());
    }
    if let Some(array) = array.as_primitive_opt::<Int64Type>() {
        to.extend(kept.iter().map(|&row| scaled(array.values()[row] as f64)));
    } else if let Some(array) = array.as_boolean_opt() {
        to.extend(kept.iter().map(|&row| scaled(f64::from(u8::from(array.value(row))))));
    } else if let Some(array) = array.as_primitive_opt::<Date32Type>() {
        to.extend(kept.iter().map(|&row| scaled(f64::from(array.values()[row]))));
    } else if let Some(array) = array.as_primitive_opt::<TimestampMicrosecondType>() {
        to.extend(kept.iter().map(|&row| scaled(array.values()[row] as f64)));
    } else {
        let found = Kind::of(array.data_type())
            .map_or_else(|| array.data_type().to_string(), |kind| format!("values of kind {kind}"));
        return Err(Error::Kind { column: name.to_owned(), found, wanted: "number" });
    }
    if array.null_count() > 0 {
        for (value, &row) in to[begin..].iter_mut().zip(kept) {
            if array.is_null(row) {
                *value = 0.0;
            }
        }
    }
    Ok(())
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
