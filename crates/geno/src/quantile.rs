//! Quantiles of the normal distribution.

#![allow(clippy::excessive_precision, reason = "digits as they were published")]

// Coefficients of the rational approximations, from the constant term up.
const CENTRE: [[f64; 8]; 2] = [
    [
        3.387_132_872_796_366_608_0e0,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_083_0e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061_0e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561_0e3,
    ],
];
const TAIL: [[f64; 8]; 2] = [
    [
        1.423_437_110_749_683_577_34e0,
        4.630_337_846_156_545_295_90e0,
        5.769_497_221_460_691_405_50e0,
        3.647_848_324_763_204_605_04e0,
        1.270_458_252_452_368_382_58e0,
        2.417_807_251_774_506_117_70e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_40e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87e0,
        1.676_384_830_183_803_849_40e0,
        6.897_673_349_851_000_045_50e-1,
        1.481_039_764_274_800_745_90e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946_00e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
];
const FAR_TAIL: [[f64; 8]; 2] = [
    [
        6.657_904_643_501_103_777_20e0,
        5.463_784_911_164_114_369_90e0,
        1.784_826_539_917_291_335_80e0,
        2.965_605_718_285_048_912_30e-1,
        2.653_218_952_657_612_309_30e-2,
        1.242_660_947_388_078_438_60e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        5.998_322_065_558_879_376_90e-1,
        1.369_298_809_227_358_053_10e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591_00e-4,
        1.846_318_317_510_054_681_80e-5,
        1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
];

/// The number below which a standard normal variable lies with probability `p`, for 0 < `p` < 1.
///
/// Routine PPND16 of Wichura, "Algorithm AS 241: the percentage points of the normal distribution",
/// Applied Statistics 37 (1988) 477–484; good to about one part in 10^16. The same bits on every
/// machine: the logarithm is libm's.
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        return q * ratio(&CENTRE, 0.180_625 - q * q);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-libm::log(tail)).sqrt();
    let size = if r <= 5.0 { ratio(&TAIL, r - 1.6) } else { ratio(&FAR_TAIL, r - 5.0) };
    size.copysign(q)
}

fn ratio([numerator, denominator]: &[[f64; 8]; 2], at: f64) -> f64 {
    let horner = |coefficients: &[f64; 8]| coefficients.iter().rev().fold(0.0, |s, c| s * at + c);
    horner(numerator) / horner(denominator)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By mpmath 1.3.0 with 60 digits, of the double that `p` is:
    /// `findroot(lambda x: (erfc(-x / sqrt(2)) / 2 - p) / p, x0)`.
    const KNOWN: [(f64, f64); 18] = [
        (0.975, 1.959_963_984_540_053_855_6),
        (0.25, -0.674_489_750_196_081_743_2),
        (0.1, -1.281_551_565_544_600_435_3),
        (0.075, -1.439_531_470_938_455_934_9),
        (0.074_999_99, -1.439_531_541_582_168_032_7),
        (0.925, 1.439_531_470_938_456_229_1),
        (0.6, 0.253_347_103_135_799_741_32),
        (0.500_001, 2.506_628_274_705_705_199_1e-6),
        (0.01, -2.326_347_874_040_841_093_1),
        (1e-5, -4.264_890_793_922_824_610_2),
        (1e-10, -6.361_340_902_404_056_199_1),
        (1.4e-11, -6.656_723_091_518_183_635_6),
        (1e-11, -6.706_023_155_495_136_296_1),
        (1e-16, -8.222_082_216_130_435_615_2),
        (1e-100, -21.273_453_560_965_324_294),
        (1e-300, -37.047_096_299_361_199_237),
        (0.999_999, 4.753_424_308_817_087_765_7),
        (1.0 - f64::EPSILON / 2.0, 8.209_536_151_601_386_855_6),
    ];

    #[test]
    fn quantiles_are_those_of_sixty_digits() {
        for (p, expected) in KNOWN {
            let error = (normal_quantile(p) - expected).abs() / expected.abs();
            assert!(error < 1e-15, "{p}: {error:e}");
        }
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "what is exact is compared exactly")]
    fn quantiles_are_symmetric_and_ascend() {
        assert_eq!(normal_quantile(0.5), 0.0);
        let all: Vec<f64> = (1..4096).map(|k| normal_quantile(f64::from(k) / 4096.0)).collect();
        assert!(all.iter().zip(all.iter().rev()).all(|(low, high)| *low == -*high));
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
