//! One value: its text, and what that says.
//!
//! Spaces and tabs around numbers, dates and their like are passed over; words are taken as they
//! stand.

use twoblade_table::Kind;

const DAY: i64 = 86_400_000_000;

/// A whole number of 64 bits, exactly: a sign and digits.
pub(crate) fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.split_first() {
        Some((sign @ (b'-' | b'+'), digits)) => (*sign == b'-', digits),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |byte: u8| i64::from(byte - b'0');
    if digits.len() <= 18 {
        let size = digits.iter().fold(0, |sum, &byte| sum * 10 + digit(byte));
        return Some(if negative { -size } else { size });
    }
    // Downward, since the least has no opposite.
    let down = digits
        .iter()
        .try_fold(0_i64, |sum, &byte| sum.checked_mul(10)?.checked_sub(digit(byte)))?;
    if negative { Some(down) } else { down.checked_neg() }
}

/// The double nearest to a decimal number; none to one that is beyond all doubles. Infinity is a word.
#[inline]
pub(crate) fn float(text: &[u8]) -> Option<f64> {
    let value: f64 = fast_float2::parse(text).ok()?;
    (value.is_finite() || !text.iter().any(u8::is_ascii_digit)).then_some(value)
}

/// `true` or `false` in any case.
pub(crate) fn boolean(text: &[u8]) -> Option<bool> {
    if text.eq_ignore_ascii_case(b"true") {
        Some(true)
    } else if text.eq_ignore_ascii_case(b"false") {
        Some(false)
    } else {
        None
    }
}

/// Days since 1970-01-01 of `YYYY-MM-DD` in the Gregorian calendar.
pub(crate) fn date(text: &[u8]) -> Option<i32> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = *text else { return None };
    let year = number(&[y0, y1, y2, y3])?;
    let month = number(&[m0, m1])?;
    let day = number(&[d0, d1])?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=length).contains(&day).then(|| days(year, month, day))
}

/// Microseconds since 1970-01-01T00:00:00Z of RFC 3339, `T` or a space between date and time; UTC
/// where no offset stands. At most six decimals of a second, and no leap second.
pub(crate) fn time(text: &[u8]) -> Option<i64> {
    let (day, rest) = text.split_at_checked(10)?;
    let [b'T' | b't' | b' ', clock @ ..] = rest else { return None };
    let [h0, h1, b':', m0, m1, b':', s0, s1, rest @ ..] = clock else { return None };
    let hour = number(&[*h0, *h1]).filter(|&hour| hour < 24)?;
    let minute = number(&[*m0, *m1]).filter(|&minute| minute < 60)?;
    let second = number(&[*s0, *s1]).filter(|&second| second < 60)?;
    let (micros, zone) = match rest {
        [b'.', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let mut micros = i64::from(number(&rest[..digits])?);
            if digits > 6 {
                return None;
            }
            for _ in digits..6 {
                micros *= 10;
            }
            (micros, &rest[digits..])
        }
        rest => (0, rest),
    };
    let offset = match *zone {
        [] | [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), h0, h1, b':', m0, m1] => {
            let hour = number(&[h0, h1]).filter(|&hour| hour < 24)?;
            let minute = number(&[m0, m1]).filter(|&minute| minute < 60)?;
            let minutes = i64::from(hour * 60 + minute);
            if sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    let seconds = i64::from(hour * 3600 + minute * 60 + second) - offset * 60;
    Some(i64::from(date(day)?) * DAY + seconds * 1_000_000 + micros)
}

/// Digits only, nine of them at most.
fn number(digits: &[u8]) -> Option<i32> {
    if digits.is_empty() || digits.len() > 9 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |sum, &byte| sum * 10 + i32::from(byte - b'0')))
}

/// Days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`):
/// years begin in March, so that the leap day is the last.
fn days(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Without the spaces and tabs around it.
pub(crate) fn trimmed(text: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let begin = text.iter().position(|byte| !blank(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !blank(byte)).map_or(begin, |last| last + 1);
    &text[begin..end]
}

/// Whether zeros lead that a number would lose: `007` is a name.
pub(crate) fn padded(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    matches!(digits, [b'0', b'0'..=b'9', ..])
}

/// What a value by itself looks like.
pub(crate) fn kind(text: &[u8]) -> Kind {
    let text = trimmed(text);
    match text.first() {
        Some(b'0'..=b'9') if date(text).is_some() => Kind::Date,
        Some(b'0'..=b'9') if time(text).is_some() => Kind::Time,
        Some(b'0'..=b'9' | b'-' | b'+' | b'.') if padded(text) => Kind::Category,
        Some(b'0'..=b'9' | b'-' | b'+') if integer(text).is_some() => Kind::Integer,
        Some(_) if float(text).is_some() => Kind::Float,
        Some(_) if boolean(text).is_some() => Kind::Boolean,
        _ => Kind::Category,
    }
}

/// The kind that has room for values of both.
pub(crate) fn both(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        _ if one == other => one,
        (Kind::Integer, Kind::Float) | (Kind::Float, Kind::Integer) => Kind::Float,
        _ => Kind::Category,
    }
}

/// What stands for a missing value.
#[derive(Clone, Debug)]
pub(crate) struct Missing {
    markers: Vec<Vec<u8>>,
    /// Whether a marker begins with this byte: for nearly all values that settles it.
    begins: Box<[bool; 256]>,
}

impl Missing {
    pub(crate) fn new(markers: &[String]) -> Self {
        let mut begins = Box::new([false; 256]);
        for first in markers.iter().filter_map(|marker| marker.bytes().next()) {
            begins[usize::from(first)] = true;
        }
        Self { markers: markers.iter().map(|marker| marker.clone().into_bytes()).collect(), begins }
    }

    /// The markers.
    pub(crate) fn markers(&self) -> &[Vec<u8>] {
        &self.markers
    }

    /// Whether this is a marker, or empty.
    #[inline]
    pub(crate) fn is(&self, text: &[u8]) -> bool {
        match text.first() {
            None => true,
            Some(&first) => {
                self.begins[usize::from(first)] && self.markers.iter().any(|marker| marker == text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        // Counted one by one, by the rule of the calendar alone.
        let mut expected = -719_528; // 0000-01-01: 1970 years with 478 leap days before 1970
        let mut counted = 0;
        for year in 0..=9999 {
            for month in 1..=12 {
                for day in 1..=31 {
                    if let Some(found) = date(format!("{year:04}-{month:02}-{day:02}").as_bytes()) {
                        assert_eq!(found, expected);
                        expected += 1;
                        counted += 1;
                    }
                }
            }
        }
        assert_eq!(counted, 25 * 146_097);
        assert_eq!(date(b"1970-01-01"), Some(0));
    }

    #[test]
    fn times_are_checked() {
        assert_eq!(time(b"1970-01-01T00:00:00Z"), Some(0));
        // date -u -d '2013-01-01 10:00:00' +%s
        assert_eq!(time(b"2013-01-01T10:00:00Z"), Some(1_357_034_400_000_000));
        assert_eq!(time(b"2013-01-01 10:00:00"), Some(1_357_034_400_000_000));
        assert_eq!(time(b"2013-01-01T10:00:00.25+01:30"), Some(1_357_029_000_250_000));
        assert_eq!(time(b"2013-01-01T10:00:00-00:01"), Some(1_357_034_460_000_000));
        for wrong in [
            "2013-01-01T24:00:00Z",
            "2013-01-01T10:60:00Z",
            "2013-01-01T10:00:60Z",
            "2013-02-29T10:00:00Z",
            "2013-01-01T10:00:00.Z",
            "2013-01-01T10:00:00.1234567Z",
            "2013-01-01T10:00:00+1:00",
            "2013-01-01T10:00",
            "2013-01-01",
        ] {
            assert_eq!(time(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn values_look_like_kinds() {
        for (text, expected) in [
            ("12", Kind::Integer),
            (" -12 ", Kind::Integer),
            ("0", Kind::Integer),
            ("9223372036854775807", Kind::Integer),
            ("-9223372036854775808", Kind::Integer),
            ("9223372036854775808", Kind::Float),
            ("1.5", Kind::Float),
            ("1e5", Kind::Float),
            (".5", Kind::Float),
            ("inf", Kind::Float),
            ("-Infinity", Kind::Float),
            ("1.7976931348623157e308", Kind::Float),
            ("1e-400", Kind::Float),
            ("1e400", Kind::Category),
            ("-1e400", Kind::Category),
            ("007", Kind::Category),
            ("-01.5", Kind::Category),
            ("TRUE", Kind::Boolean),
            ("false", Kind::Boolean),
            ("t", Kind::Category),
            ("2024-02-29", Kind::Date),
            ("2023-02-29", Kind::Category),
            ("2023-02-28 00:00:00", Kind::Time),
            ("1,5", Kind::Category),
            ("-", Kind::Category),
            ("1-2", Kind::Category),
            ("", Kind::Category),
        ] {
            assert_eq!(kind(text.as_bytes()), expected, "{text}");
        }
        // The largest double has 309 digits.
        assert_eq!(kind("9".repeat(308).as_bytes()), Kind::Float);
        assert_eq!(kind("9".repeat(309).as_bytes()), Kind::Category);
        assert_eq!(kind("9".repeat(9900).as_bytes()), Kind::Category);
    }

    proptest! {
        #[test]
        fn integers_are_those_of_std(value: i64, wide: i128) {
            prop_assert_eq!(integer(value.to_string().as_bytes()), Some(value));
            prop_assert_eq!(integer(wide.to_string().as_bytes()), i64::try_from(wide).ok());
        }

        #[test]
        fn text_that_is_no_integer_is_none(text in "[-+0-9 a]{0,22}") {
            prop_assert_eq!(integer(text.as_bytes()), text.parse::<i64>().ok());
        }
    }
}
