//! Columns as they are filled, value by value.

use std::sync::Arc;

use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray, StringArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, NullBufferBuilder, OffsetBuffer};
use twoblade_table::Kind;

use crate::input::value::{Missing, boolean, date, float, integer, padded, time, trimmed};

/// A column that grows.
#[derive(Debug)]
pub(crate) struct Growing {
    values: Values,
    present: NullBufferBuilder,
    /// Whether somebody said what kind it is: then `007` is 7.
    said: bool,
}

#[derive(Debug)]
enum Values {
    Integer(Vec<i64>),
    Float(Vec<f64>),
    Boolean(BooleanBufferBuilder),
    Category { bytes: Vec<u8>, ends: Vec<i32> },
    Date(Vec<i32>),
    Time(Vec<i64>),
}

impl Growing {
    /// For about so many rows, and so many bytes of words.
    pub(crate) fn new(kind: Kind, said: bool, rows: usize, bytes: usize) -> Self {
        let values = match kind {
            Kind::Integer => Values::Integer(Vec::with_capacity(rows)),
            Kind::Float => Values::Float(Vec::with_capacity(rows)),
            Kind::Boolean => Values::Boolean(BooleanBufferBuilder::new(rows)),
            Kind::Category => {
                let mut ends = Vec::with_capacity(rows + 1);
                ends.push(0);
                Values::Category { bytes: Vec::with_capacity(bytes), ends }
            }
            Kind::Date => Values::Date(Vec::with_capacity(rows)),
            Kind::Time => Values::Time(Vec::with_capacity(rows)),
        };
        Self { values, present: NullBufferBuilder::new(rows), said }
    }

    /// One value more; `false` if the text is none of the kind (then there is none more).
    #[inline]
    pub(crate) fn push(&mut self, text: &[u8], quoted: bool, missing: &Missing) -> bool {
        if let Values::Category { bytes, ends } = &mut self.values {
            // What is quoted is a word, whatever it says.
            let present = quoted || !missing.is(text);
            if present {
                bytes.extend_from_slice(text);
            }
            ends.push(i32::try_from(bytes.len()).expect("pieces are below 2 GiB"));
            self.present.append(present);
            return true;
        }
        if !missing.is(text) && self.parse(text) {
            return true;
        }
        let text = trimmed(text);
        if missing.is(text) {
            self.absent();
            return true;
        }
        self.parse(text)
    }

    #[inline]
    fn parse(&mut self, text: &[u8]) -> bool {
        let put = match &mut self.values {
            Values::Float(_) | Values::Integer(_) if !self.said && padded(text) => false,
            Values::Float(values) => put(values, float(text)),
            Values::Integer(values) => put(values, integer(text)),
            Values::Boolean(values) => boolean(text).map(|value| values.append(value)).is_some(),
            Values::Date(values) => put(values, date(text)),
            Values::Time(values) => put(values, time(text)),
            Values::Category { .. } => false,
        };
        if put {
            self.present.append_non_null();
        }
        put
    }

    fn absent(&mut self) {
        match &mut self.values {
            Values::Integer(values) | Values::Time(values) => values.push(0),
            Values::Float(values) => values.push(0.0),
            Values::Boolean(values) => values.append(false),
            Values::Category { bytes, ends } => {
                ends.push(i32::try_from(bytes.len()).expect("pieces are below 2 GiB"));
            }
            Values::Date(values) => values.push(0),
        }
        self.present.append_null();
    }

    /// Takes back all but the first `rows` values.
    pub(crate) fn truncate(&mut self, rows: usize) {
        match &mut self.values {
            Values::Integer(values) | Values::Time(values) => values.truncate(rows),
            Values::Float(values) => values.truncate(rows),
            Values::Boolean(values) => values.truncate(rows),
            Values::Category { bytes, ends } => {
                ends.truncate(rows + 1);
                let end = ends.last().copied().unwrap_or_default();
                bytes.truncate(usize::try_from(end).unwrap_or_default());
            }
            Values::Date(values) => values.truncate(rows),
        }
        if self.present.len() > rows {
            self.present.truncate(rows);
        }
    }

    /// The column; `None` if words are no UTF-8.
    pub(crate) fn finish(mut self) -> Option<ArrayRef> {
        let nulls = self.present.finish();
        Some(match self.values {
            Values::Integer(values) => primitive::<Int64Type>(values, nulls),
            Values::Float(values) => primitive::<Float64Type>(values, nulls),
            Values::Boolean(mut values) => Arc::new(BooleanArray::new(values.finish(), nulls)),
            Values::Category { bytes, ends } => {
                let ends = OffsetBuffer::new(ends.into());
                Arc::new(StringArray::try_new(ends, bytes.into(), nulls).ok()?)
            }
            Values::Date(values) => primitive::<Date32Type>(values, nulls),
            Values::Time(values) => Arc::new(
                PrimitiveArray::<TimestampMicrosecondType>::new(values.into(), nulls)
                    .with_timezone("UTC"),
            ),
        })
    }
}

fn primitive<T: ArrowPrimitiveType>(values: Vec<T::Native>, nulls: Option<NullBuffer>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::new(values.into(), nulls))
}

#[inline]
fn put<T>(values: &mut Vec<T>, value: Option<T>) -> bool {
    value.map(|value| values.push(value)).is_some()
}
