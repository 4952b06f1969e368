//! Values as bytes that are ordered as the values are.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Float64Array};
use arrow_row::{RowConverter, Rows, SortField};
use arrow_schema::{DataType, SortOptions};
use twoblade_table::Schema;

use crate::error::Error;
use crate::sort::by::By;

/// Makes keys of columns, such that keys compare byte by byte as the rows are to stand.
///
/// Numbers, dates and times go by value, words by their bytes (in UTF-8: by code points), false before
/// true. 0 and -0 are equal. NaN is above all numbers. Missing values come last, in either direction.
#[derive(Debug)]
pub(crate) struct Keys {
    converter: RowConverter,
    rows: Rows,
}

impl Keys {
    /// For columns of this table, which [`encode`](Self::encode) is given in the order of `by`.
    pub(crate) fn new(by: &By, schema: &Schema) -> Result<Self, Error> {
        let fields = by.columns().iter().map(|column| {
            let options = SortOptions { descending: column.descending, nulls_first: false };
            let kind = schema.columns()[column.place].kind;
            SortField::new_with_options(kind.arrow(), options)
        });
        let converter = RowConverter::new(fields.collect())?;
        let rows = converter.empty_rows(0, 0);
        Ok(Self { converter, rows })
    }

    /// The keys of some rows.
    pub(crate) fn encode(&mut self, columns: &[ArrayRef]) -> Result<&Rows, Error> {
        let columns: Vec<ArrayRef> = columns.iter().map(one_zero_and_one_nan).collect();
        self.rows.clear();
        self.converter.append(&mut self.rows, &columns)?;
        Ok(&self.rows)
    }

    /// The columns of some keys that [`encode`](Self::encode) made.
    pub(crate) fn decode<'a>(
        &self,
        keys: impl Iterator<Item = &'a [u8]>,
    ) -> Result<Vec<ArrayRef>, Error> {
        let parser = self.converter.parser();
        Ok(self.converter.convert_rows(keys.map(|key| parser.parse(key)))?)
    }
}

/// Bits that differ where the order sees no difference are made the same.
fn one_zero_and_one_nan(column: &ArrayRef) -> ArrayRef {
    if *column.data_type() != DataType::Float64 {
        return Arc::clone(column);
    }
    let values: &Float64Array = column.as_primitive::<Float64Type>();
    let one = |value: f64| if value.is_nan() { f64::NAN } else { value + 0.0 };
    if values.values().iter().all(|&value| one(value).to_bits() == value.to_bits()) {
        return Arc::clone(column);
    }
    Arc::new(values.unary::<_, Float64Type>(one))
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use arrow_array::{BooleanArray, Date32Array, Int64Array, StringArray};
    use proptest::prelude::*;
    use twoblade_table::{Column, Kind};

    use super::*;

    fn keys(columns: &[ArrayRef], list: &str) -> Vec<Vec<u8>> {
        let kind = |column: &ArrayRef| Kind::of(column.data_type()).unwrap();
        let named = columns
            .iter()
            .enumerate()
            .map(|(i, column)| Column { name: ["a", "b"][i].into(), kind: kind(column) });
        let schema = Schema::new(named.collect()).unwrap();
        let by = By::parse(list, &schema).unwrap();
        let wanted: Vec<_> = by.places().into_iter().map(|i| Arc::clone(&columns[i])).collect();
        let mut keys = Keys::new(&by, &schema).unwrap();
        // The second time the buffer is used again.
        keys.encode(&wanted).unwrap();
        keys.encode(&wanted).unwrap().iter().map(|row| row.data().to_vec()).collect()
    }

    /// Missing last in either direction, NaN above all numbers, -0 as 0.
    fn compare(one: Option<f64>, two: Option<f64>, descending: bool) -> Ordering {
        let (Some(one), Some(two)) = (one, two) else { return two.is_some().cmp(&one.is_some()) };
        let order = match (one.is_nan(), two.is_nan()) {
            (false, false) => one.partial_cmp(&two).unwrap(),
            nan => nan.0.cmp(&nan.1),
        };
        if descending { order.reverse() } else { order }
    }

    fn number() -> impl Strategy<Value = Option<f64>> {
        let special = prop::sample::select(vec![
            0.0,
            -0.0,
            1.0,
            f64::NAN,
            -f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            5e-324,
        ]);
        prop::option::of(prop_oneof![special, any::<f64>()])
    }

    proptest! {
        #[test]
        fn two_columns_of_numbers(
            rows in prop::collection::vec((number(), prop::option::of(-2i64..3)), 2..12),
            down in any::<(bool, bool)>(),
        ) {
            let a: Float64Array = rows.iter().map(|row| row.0).collect();
            let b: Int64Array = rows.iter().map(|row| row.1).collect();
            let sign = |down| if down { "-" } else { "" };
            let list = format!("{}b,{}a", sign(down.0), sign(down.1));
            let keys = keys(&[Arc::new(a), Arc::new(b)], &list);
            for (i, one) in rows.iter().enumerate() {
                for (j, two) in rows.iter().enumerate() {
                    let whole = |value: Option<i64>| value.map(|value| value as f64);
                    let expected = compare(whole(one.1), whole(two.1), down.0)
                        .then(compare(one.0, two.0, down.1));
                    prop_assert_eq!(keys[i].cmp(&keys[j]), expected);
                }
            }
        }

        #[test]
        fn words_by_their_bytes(
            words in prop::collection::vec(prop::option::of("[a-cé\u{10000}]{0,40}"), 2..12),
            down in any::<bool>(),
        ) {
            let column: StringArray = words.iter().map(Option::as_deref).collect();
            let keys = keys(&[Arc::new(column)], if down { "-a" } else { "a" });
            for (i, one) in words.iter().enumerate() {
                for (j, two) in words.iter().enumerate() {
                    let expected = match (one, two) {
                        (Some(one), Some(two)) if down => two.as_bytes().cmp(one.as_bytes()),
                        (Some(one), Some(two)) => one.as_bytes().cmp(two.as_bytes()),
                        _ => two.is_some().cmp(&one.is_some()),
                    };
                    prop_assert_eq!(keys[i].cmp(&keys[j]), expected);
                }
            }
        }
    }

    #[test]
    fn days_and_truths() {
        let days: Date32Array = [Some(5), None, Some(-3), Some(0)].into_iter().collect();
        let days = keys(&[Arc::new(days)], "a");
        assert!(days[2] < days[3] && days[3] < days[0] && days[0] < days[1]);
        let truths: BooleanArray = [Some(true), None, Some(false)].into_iter().collect();
        let up = keys(&[Arc::new(truths.clone())], "a");
        assert!(up[2] < up[0] && up[0] < up[1]);
        let down = keys(&[Arc::new(truths)], "-a");
        assert!(down[0] < down[2] && down[2] < down[1]);
    }
}
