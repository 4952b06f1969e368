//! Columns of Parquet's many types made those of the few kinds.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    Decimal256Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray, StringArray};
use arrow_schema::{DataType, TimeUnit};
use twoblade_table::Kind;

const DAY: i64 = 86_400_000;

/// A value without room, and what is wrong with it.
pub(crate) type Unfit = (String, &'static str);

/// The kind of columns of this type.
pub(crate) fn natural(data: &DataType) -> Option<Kind> {
    if data.is_integer() {
        return Some(Kind::Integer);
    }
    match data {
        _ if data.is_floating() || data.is_decimal() => Some(Kind::Float),
        DataType::Boolean => Some(Kind::Boolean),
        DataType::Utf8 => Some(Kind::Category),
        DataType::Date32 | DataType::Date64 => Some(Kind::Date),
        DataType::Timestamp(_, _) => Some(Kind::Time),
        _ => None,
    }
}

/// The same values as the kind has them: text of integers where those are asked for as categories;
/// decimals as the nearest doubles; times without a zone as UTC.
///
/// # Errors
/// With the first value that there is no room for.
pub(crate) fn widen(column: &ArrayRef, kind: Kind) -> Result<ArrayRef, Unfit> {
    if kind == Kind::Category && column.data_type().is_integer() {
        return Ok(digits(column));
    }
    let column = match column.data_type() {
        DataType::Int8 => each::<Int8Type, Int64Type>(column, i64::from),
        DataType::Int16 => each::<Int16Type, Int64Type>(column, i64::from),
        DataType::Int32 => each::<Int32Type, Int64Type>(column, i64::from),
        DataType::UInt8 => each::<UInt8Type, Int64Type>(column, i64::from),
        DataType::UInt16 => each::<UInt16Type, Int64Type>(column, i64::from),
        DataType::UInt32 => each::<UInt32Type, Int64Type>(column, i64::from),
        DataType::UInt64 => return unsigned(column),
        DataType::Float16 => each::<Float16Type, Float64Type>(column, f64::from),
        DataType::Float32 => each::<Float32Type, Float64Type>(column, f64::from),
        DataType::Decimal32(_, scale) => decimal::<Decimal32Type>(column, *scale),
        DataType::Decimal64(_, scale) => decimal::<Decimal64Type>(column, *scale),
        DataType::Decimal128(_, scale) => decimal::<Decimal128Type>(column, *scale),
        DataType::Decimal256(_, scale) => decimal::<Decimal256Type>(column, *scale),
        DataType::Date64 => return days(column),
        DataType::Timestamp(unit, _) => return times(column, *unit),
        _ => Arc::clone(column),
    };
    Ok(column)
}

fn each<F, T>(column: &ArrayRef, value: impl Fn(F::Native) -> T::Native) -> ArrayRef
where
    F: ArrowPrimitiveType,
    T: ArrowPrimitiveType,
{
    Arc::new(column.as_primitive::<F>().unary::<_, T>(value))
}

/// As [`each`], where not every value has one.
fn tried<F, T>(
    column: &ArrayRef,
    value: impl Fn(F::Native) -> Option<T::Native>,
    reason: &'static str,
) -> Result<PrimitiveArray<T>, Unfit>
where
    F: ArrowPrimitiveType,
    F::Native: std::fmt::Display,
    T: ArrowPrimitiveType,
{
    let tried = |found: F::Native| value(found).ok_or_else(|| (found.to_string(), reason));
    column.as_primitive::<F>().try_unary::<_, T, _>(tried)
}

fn unsigned(column: &ArrayRef) -> Result<ArrayRef, Unfit> {
    let signed = |value: u64| i64::try_from(value).ok();
    let reason = "beyond the integers of 64 bits with a sign; read the column as a category, with \
                  --types";
    Ok(Arc::new(tried::<UInt64Type, Int64Type>(column, signed, reason)?))
}

fn decimal<T: ArrowPrimitiveType>(column: &ArrayRef, scale: i8) -> ArrayRef
where
    T::Native: std::fmt::Display,
{
    // By its text: a quotient of two doubles would be rounded twice.
    let nearest = |value: T::Native| {
        let text = format!("{value}e{}", -i32::from(scale));
        fast_float2::parse(text).expect("digits and an exponent are a number")
    };
    each::<T, Float64Type>(column, nearest)
}

fn days(column: &ArrayRef) -> Result<ArrayRef, Unfit> {
    let day = |value: i64| i32::try_from(value / DAY).ok().filter(|_| value % DAY == 0);
    let reason = "in milliseconds, which are no whole days; write the column as times";
    Ok(Arc::new(tried::<Date64Type, Date32Type>(column, day, reason)?))
}

fn times(column: &ArrayRef, unit: TimeUnit) -> Result<ArrayRef, Unfit> {
    let beyond = "beyond the microseconds of 64 bits; leave it out";
    let within =
        "in nanoseconds, which are no whole microseconds; write the column in microseconds";
    let times = match unit {
        TimeUnit::Second => {
            tried::<TimestampSecondType, _>(column, |value| value.checked_mul(1_000_000), beyond)?
        }
        TimeUnit::Millisecond => {
            tried::<TimestampMillisecondType, _>(column, |value| value.checked_mul(1000), beyond)?
        }
        TimeUnit::Microsecond => column.as_primitive::<TimestampMicrosecondType>().clone(),
        TimeUnit::Nanosecond => {
            let micros = |value: i64| (value % 1000 == 0).then_some(value / 1000);
            tried::<TimestampNanosecondType, TimestampMicrosecondType>(column, micros, within)?
        }
    };
    Ok(Arc::new(times.with_timezone("UTC")))
}

fn digits(column: &ArrayRef) -> ArrayRef {
    fn of<T: ArrowPrimitiveType>(column: &ArrayRef) -> StringArray
    where
        T::Native: std::fmt::Display,
    {
        column
            .as_primitive::<T>()
            .iter()
            .map(|value| value.map(|value| value.to_string()))
            .collect()
    }
    Arc::new(match column.data_type() {
        DataType::Int8 => of::<Int8Type>(column),
        DataType::Int16 => of::<Int16Type>(column),
        DataType::Int32 => of::<Int32Type>(column),
        DataType::UInt8 => of::<UInt8Type>(column),
        DataType::UInt16 => of::<UInt16Type>(column),
        DataType::UInt32 => of::<UInt32Type>(column),
        DataType::UInt64 => of::<UInt64Type>(column),
        _ => of::<Int64Type>(column),
    })
}
