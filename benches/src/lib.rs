//! What the benchmarks share: data made outside the timed part, with fixed seeds.

pub mod network;
pub mod process;

use twoblade::core::{Random, unit};
use twoblade::geno::{Column, Counts, PackedChunk, Panel, PanelSize, code};

/// Random genotypes of `variants` variants, none missing, and their standardized columns.
pub fn chunk(individuals: usize, variants: usize) -> (PackedChunk, Vec<Column>) {
    let random = Random::new(1, 0);
    let mut chunk = PackedChunk::new(individuals);
    for (word, byte) in (0u64..).zip(chunk.refill(0, variants).iter_mut()) {
        // Of two bits 01 means missing: turn it into 00.
        let bits = random.bits(word, 0)[0].to_le_bytes()[0];
        let missing = bits & 0x55 & !((bits >> 1) & 0x55);
        *byte = bits & !missing;
    }
    let columns = (0..variants).map(|variant| {
        let counts = Counts::of(chunk.variant(variant), individuals);
        let p = counts.frequency();
        let scale = (2.0 * p * (1.0 - p)).sqrt();
        let mut values = [0.0; 4];
        for (genotype, copies) in [(code::HOM_A1, 2.0), (code::HET, 1.0), (code::HOM_A2, 0.0)] {
            values[genotype] = (copies - 2.0 * p) / scale;
        }
        Column::new(variant, values, &counts)
    });
    let columns = columns.collect();
    (chunk, columns)
}

/// Probes of +1 and -1, at most 128.
pub fn panel(individuals: usize, width: usize) -> Panel {
    let random = Random::new(2, 0);
    let mut panel = Panel::new(individuals, 24, PanelSize { masks: width, ..PanelSize::default() });
    panel.push_two_valued(width, [-1.0, 1.0], |row| {
        let [low, high] = random.bits(row as u64, 0);
        (u128::from(high) << 64) | u128::from(low)
    });
    panel
}

/// Columns of many values, of which so many are floats and the others whole numbers.
pub fn reals(individuals: usize, width: usize, floats: usize) -> Panel {
    let mut panel = Panel::new(individuals, 24, PanelSize { floats, ..PanelSize::default() });
    for stream in (0u32..).take(width) {
        let random = Random::new(3, stream);
        let value = |row: usize| unit(random.bits(row as u64, 0)[0]) - 0.5;
        panel.push(&(0..individuals).map(value).collect::<Vec<f64>>());
    }
    panel
}

/// CPU time of this process and all its threads while it does something, to a hundredth of a second.
///
/// # Panics
/// Where there is no /proc.
pub fn cpu_seconds(work: impl FnOnce()) -> f64 {
    let ticks = || {
        let text = std::fs::read_to_string("/proc/self/stat").expect("Linux");
        // After the name, which may contain blanks: utime and stime are fields 14 and 15 of all.
        let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11);
        fields.take(2).map(|field| field.parse::<f64>().expect("a number")).sum::<f64>()
    };
    let before = ticks();
    work();
    (ticks() - before) / 100.0
}
