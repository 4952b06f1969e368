//! Rotations as NIfTI's qform has them.

/// The rotation of a unit quaternion, of which the last three parts are given. Where rounding made
/// these longer than 1, they are shortened and the first part is 0.
pub(crate) fn rotation([b, c, d]: [f64; 3]) -> [[f64; 3]; 3] {
    let rest = 1.0 - (b * b + c * c + d * d);
    let (a, [b, c, d]) = if rest < 1e-7 {
        let length = (b * b + c * c + d * d).sqrt();
        (0.0, [b / length, c / length, d / length])
    } else {
        (rest.sqrt(), [b, c, d])
    };
    [
        [a * a + b * b - c * c - d * d, 2.0 * (b * c - a * d), 2.0 * (b * d + a * c)],
        [2.0 * (b * c + a * d), a * a + c * c - b * b - d * d, 2.0 * (c * d - a * b)],
        [2.0 * (b * d - a * c), 2.0 * (c * d + a * b), a * a + d * d - b * b - c * c],
    ]
}

/// The last three parts of the unit quaternion of a rotation, the first part being 0 or more.
///
/// The largest part is found first, so that nothing small is divided by (Shepperd, "Quaternion from
/// rotation matrix", Journal of Guidance and Control 1, 1978).
pub(crate) fn parts(r: &[[f64; 3]; 3]) -> [f64; 3] {
    // Four times the square of each part.
    let squares = [
        1.0 + r[0][0] + r[1][1] + r[2][2],
        1.0 + r[0][0] - r[1][1] - r[2][2],
        1.0 - r[0][0] + r[1][1] - r[2][2],
        1.0 - r[0][0] - r[1][1] + r[2][2],
    ];
    let mut largest = 0;
    for part in 1..4 {
        if squares[part] > squares[largest] {
            largest = part;
        }
    }
    let twice = squares[largest].sqrt();
    let over = 0.5 / twice;
    let half = twice / 2.0;
    let (x, y, z) = (r[2][1] - r[1][2], r[0][2] - r[2][0], r[1][0] - r[0][1]);
    let (xy, xz, yz) = (r[1][0] + r[0][1], r[2][0] + r[0][2], r[2][1] + r[1][2]);
    let (a, b, c, d) = match largest {
        0 => (half, x * over, y * over, z * over),
        1 => (x * over, half, xy * over, xz * over),
        2 => (y * over, xy * over, half, yz * over),
        _ => (z * over, xz * over, yz * over, half),
    };
    if a < 0.0 { [-b, -c, -d] } else { [b, c, d] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_undo_rotation() {
        let halves = [0.0, 0.3, 0.5, -0.7, 0.999, -0.2];
        for b in halves {
            for c in halves {
                for d in halves {
                    if b * b + c * c + d * d > 1.0 {
                        continue;
                    }
                    let turned = rotation([b, c, d]);
                    let again = rotation(parts(&turned));
                    for (row, other) in turned.iter().flatten().zip(again.iter().flatten()) {
                        assert!((row - other).abs() < 1e-12, "{b} {c} {d}");
                    }
                }
            }
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "zeros and ones are exact")]
    fn half_turns_are_found() {
        for turn in [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]] {
            assert_eq!(parts(&rotation(turn)), turn);
        }
    }
}
