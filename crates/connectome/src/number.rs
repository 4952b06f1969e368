//! Kinds of numbers as files store them.

use std::fmt;

/// A kind of number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    F16,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

impl Kind {
    /// Bytes of one.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::F16 | Self::I16 | Self::U16 => 2,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    /// Whether it is a whole number.
    pub(crate) fn is_whole(self) -> bool {
        !matches!(self, Self::F16 | Self::F32 | Self::F64)
    }

    /// Whether every one of them is a 32-bit float too.
    pub(crate) fn fits_f32(self) -> bool {
        !matches!(self, Self::F64 | Self::I32 | Self::I64 | Self::U32 | Self::U64)
    }
}

/// How the numbers of an array lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stored {
    pub(crate) kind: Kind,
    pub(crate) big_endian: bool,
}

impl Stored {
    /// What needs no conversion.
    pub(crate) const PLAIN: Self = Self { kind: Kind::F32, big_endian: false };

    /// The number that these bytes are, as many as its kind has; nothing is lost but the last digits of
    /// whole numbers above 2^53.
    pub(crate) fn number(self, bytes: &[u8]) -> f64 {
        let mut little = [0; 8];
        let little = &mut little[..self.kind.bytes()];
        little.copy_from_slice(bytes);
        if self.big_endian {
            little.reverse();
        }
        match (self.kind, &*little) {
            (Kind::I8, &[a]) => f64::from(i8::from_le_bytes([a])),
            (Kind::U8, &[a]) => f64::from(a),
            (Kind::F16, &[a, b]) => f64::from(half(u16::from_le_bytes([a, b]))),
            (Kind::I16, &[a, b]) => f64::from(i16::from_le_bytes([a, b])),
            (Kind::U16, &[a, b]) => f64::from(u16::from_le_bytes([a, b])),
            (Kind::F32, &[a, b, c, d]) => f64::from(f32::from_le_bytes([a, b, c, d])),
            (Kind::I32, &[a, b, c, d]) => f64::from(i32::from_le_bytes([a, b, c, d])),
            (Kind::U32, &[a, b, c, d]) => f64::from(u32::from_le_bytes([a, b, c, d])),
            (Kind::F64, &[a, b, c, d, e, f, g, h]) => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
            (Kind::I64, &[a, b, c, d, e, f, g, h]) => {
                i64::from_le_bytes([a, b, c, d, e, f, g, h]) as f64
            }
            (Kind::U64, &[a, b, c, d, e, f, g, h]) => {
                u64::from_le_bytes([a, b, c, d, e, f, g, h]) as f64
            }
            _ => unreachable!("there are as many bytes as the kind has"),
        }
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::F16 => "16-bit float",
            Kind::F32 => "32-bit float",
            Kind::F64 => "64-bit float",
            Kind::I8 => "8-bit integer",
            Kind::I16 => "16-bit integer",
            Kind::I32 => "32-bit integer",
            Kind::I64 => "64-bit integer",
            Kind::U8 => "8-bit unsigned integer",
            Kind::U16 => "16-bit unsigned integer",
            Kind::U32 => "32-bit unsigned integer",
            Kind::U64 => "64-bit unsigned integer",
        };
        f.write_str(kind)?;
        if self.big_endian && self.kind.bytes() > 1 {
            f.write_str(", big-endian")?;
        }
        Ok(())
    }
}

/// The number that the bits of an IEEE 754 half stand for: exact.
pub(crate) fn half(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let exponent = u32::from(bits >> 10 & 0x1f);
    let mantissa = u32::from(bits & 0x3ff);
    match exponent {
        // Subnormal: a multiple of 2^-24.
        0 => f32::from_bits(sign | (mantissa as f32 / 16_777_216.0).to_bits()),
        0x1f => f32::from_bits(sign | 0x7f80_0000 | mantissa << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | mantissa << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "halves are exact")]
    fn halves_are_exact() {
        let cases = [
            (0x0000, 0.0),
            (0x8000, -0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65_504.0),
            (0x3555, 0.333_251_95),
            (0x0001, 5.960_464_5e-8),
            (0x0400, 6.103_515_6e-5),
            (0x7c00, f32::INFINITY),
            (0xfc00, f32::NEG_INFINITY),
        ];
        for (bits, number) in cases {
            assert_eq!(half(bits), number, "{bits:#x}");
        }
        assert!(half(0x7e00).is_nan());
    }
}
