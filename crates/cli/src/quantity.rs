//! Quantities as people write and read them.

use std::time::Duration;

use twoblade::plink::ColumnNumbers;

/// Bytes from text such as `4G`, `512M`, `1.5GiB` or `800000` (bytes); powers of 1,024.
///
/// # Errors
/// What is wrong, for a usage message.
pub(crate) fn parse_bytes(text: &str) -> Result<usize, String> {
    let number_end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(number_end);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        "t" | "tb" | "tib" => 1 << 40,
        _ => return Err(format!("unit '{unit}' is not one of K, M, G, T")),
    };
    let number: f64 = number.parse().map_err(|_| format!("'{text}' is not a size such as 4G"))?;
    let bytes = number * factor as f64;
    if !(1.0..9e15).contains(&bytes) {
        return Err(format!("'{text}' is not a size that a machine could have"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    let bytes = bytes as u64;
    usize::try_from(bytes).map_err(|_| format!("'{text}' is beyond this machine"))
}

/// A time in seconds, such as `30`, `0.5` or `90s`.
///
/// # Errors
/// What is wrong, for a usage message.
pub(crate) fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.strip_suffix('s').unwrap_or(text).parse().ok();
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.ok_or_else(|| format!("'{text}' is not a time in seconds"))
}

/// A number of blocks or of probes, from whose spread an error is told.
///
/// # Errors
/// What is wrong, for a usage message.
pub(crate) fn parse_at_least_two(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number >= 2 => Ok(number),
        Ok(_) => Err("at least 2 are needed, or no error could be told".to_owned()),
        Err(_) => Err(format!("'{text}' is not a whole number")),
    }
}

/// A number of groups.
///
/// # Errors
/// What is wrong, for a usage message.
pub(crate) fn parse_at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&number| number >= 1).ok_or(format!("'{text}' is not 1 or more"))
}

/// Columns by number.
///
/// # Errors
/// What is wrong, for a usage message.
pub(crate) fn parse_columns(text: &str) -> Result<ColumnNumbers, String> {
    ColumnNumbers::parse(text).map_err(|error| error.to_string())
}

/// Where a class of frequencies ends: between 0 and 0.5.
///
/// # Errors
/// What is wrong, for a usage message.
pub(crate) fn parse_edge(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|&number: &f64| number > 0.0 && number < 0.5);
    number.ok_or_else(|| format!("'{text}' is not a number between 0 and 0.5"))
}

/// A share, from 0 to 1.
///
/// # Errors
/// What is wrong, for a usage message.
pub(crate) fn parse_share(text: &str) -> Result<f64, String> {
    parse_up_to(text, 1.0)
}

/// The frequency of the rarer allele, from 0 to 0.5.
///
/// # Errors
/// What is wrong, for a usage message.
pub(crate) fn parse_maf(text: &str) -> Result<f64, String> {
    parse_up_to(text, 0.5)
}

fn parse_up_to(text: &str, most: f64) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=most).contains(number));
    number.ok_or_else(|| format!("'{text}' is not a number from 0 to {most}"))
}

/// Two numbers, `LOW,HIGH`.
///
/// # Errors
/// What is wrong, for a usage message.
pub(crate) fn parse_range(text: &str) -> Result<(f64, f64), String> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let numbers = text.split_once(',').and_then(|(low, high)| Some((number(low)?, number(high)?)));
    numbers.ok_or_else(|| format!("'{text}' is not two numbers LOW,HIGH"))
}

/// Bytes in mebibytes, or in kibibytes where these are few, rounded up: what is printed suffices.
pub(crate) fn mebibytes(bytes: usize) -> String {
    if bytes < 10 << 20 {
        return format!("{} KiB", thousands(bytes.div_ceil(1 << 10)));
    }
    format!("{} MiB", thousands(bytes.div_ceil(1 << 20)))
}

/// The smallest `--memory` that holds so many bytes, as it is typed.
pub(crate) fn typed_memory(bytes: usize) -> String {
    if bytes < 10 << 20 {
        return format!("{}K", bytes.div_ceil(1 << 10));
    }
    format!("{}M", bytes.div_ceil(1 << 20))
}

/// 1234567 as 1,234,567.
pub(crate) fn thousands(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let sizes = [("800", 800), ("1k", 1024), ("1.5G", 3 << 29), ("2 MiB", 2 << 20)];
        for (text, bytes) in sizes {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for text in ["", "G", "4X", "-1", "0", "1e9", "9999999T"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        let cases = [(0u64, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")];
        for (number, text) in cases {
            assert_eq!(thousands(number), text);
        }
    }
}
