//! A census, against counting genotype by genotype.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::ops::ControlFlow;

use twoblade_core::{
    BlockSource, BoxError, Fingerprint, Jackknife, Random, Serial, StreamingEstimator,
};
use twoblade_geno::{Census, Cut, PackedChunk, Tally, code, stride};

/// 7 blocks of 6 variants, the last of 8, in chunks of 2.
const VARIANTS: usize = 44;
const BLOCKS: usize = 7;

/// Genotypes in memory; bits beyond the last individual are set, as they mean nothing.
struct Genotypes {
    /// `codes[v][i]`, each below 4.
    codes: Vec<Vec<u8>>,
    cut: Cut,
}

impl Genotypes {
    /// All four codes at random; a variant without a known genotype, two with one allele, and a
    /// variant with nothing missing.
    fn new(individuals: usize) -> Self {
        let random = Random::new(23, 0);
        let draw = |v: u64, i: u32| u8::try_from(random.below(v, i, 4)).unwrap();
        let count = u32::try_from(individuals).unwrap();
        let mut codes: Vec<Vec<u8>> =
            (0..VARIANTS as u64).map(|v| (0..count).map(|i| draw(v, i)).collect()).collect();
        codes[3].fill(1);
        codes[8].fill(0);
        codes[9].fill(3);
        codes[10].iter_mut().for_each(|code| *code |= 2);
        let cut = Cut::new(VARIANTS, individuals, BLOCKS).unwrap().chunk_variants(2);
        Self { codes, cut }
    }

    fn individuals(&self) -> usize {
        self.codes[0].len()
    }

    fn census(&self, by_individual: bool, by_variant: bool) -> Census {
        Census { individuals: self.individuals(), variants: VARIANTS, by_individual, by_variant }
    }

    fn tally(&self, census: Census, blocks: std::ops::Range<usize>) -> Tally {
        let mut state = census.init();
        for block in blocks {
            let visited = self.visit(block, &mut |chunk| {
                census.pass_one(chunk, &mut state, &Serial).unwrap();
                ControlFlow::Continue(())
            });
            visited.unwrap();
        }
        census.finish(&census.aggregate(state).unwrap()).unwrap()
    }

    /// Counts of the variants that are not in a block.
    fn naive(&self, without: Option<usize>) -> (Vec<f64>, Vec<f64>) {
        let block = without.map_or(0..0, |block| self.cut.blocks().range(block));
        let there = |v: usize| !block.contains(&v);
        let missing = |i: usize| {
            let of = |v: &usize| there(*v) && usize::from(self.codes[*v][i]) == code::MISSING;
            (0..VARIANTS).filter(of).count() as f64
        };
        let frequency = |v: usize| {
            let mut alleles = [0.0f64, 0.0];
            for &genotype in self.codes[v].iter().filter(|_| there(v)) {
                let copies = match usize::from(genotype) {
                    code::HOM_A1 => 2.0,
                    code::HET => 1.0,
                    code::HOM_A2 => 0.0,
                    _ => continue,
                };
                alleles = [alleles[0] + copies, alleles[1] + 2.0 - copies];
            }
            let rarer = alleles[0].min(alleles[1]);
            if rarer > 0.0 { rarer / (alleles[0] + alleles[1]) } else { f64::NAN }
        };
        ((0..self.individuals()).map(missing).collect(), (0..VARIANTS).map(frequency).collect())
    }

    /// All counts and frequencies, a variant without a frequency NaN.
    fn reference(&self) -> Jackknife<Vec<f64>> {
        let numbers = |without| {
            let (missing, frequencies) = self.naive(without);
            [missing, frequencies].concat()
        };
        Jackknife {
            full: numbers(None),
            replicates: (0..BLOCKS).map(|b| numbers(Some(b))).collect(),
        }
    }
}

impl BlockSource for Genotypes {
    type Chunk = PackedChunk;

    fn blocks(&self) -> usize {
        self.cut.blocks().count()
    }

    fn chunks(&self) -> u64 {
        self.cut.chunks()
    }

    fn chunk_bytes(&self) -> usize {
        self.cut.largest_chunk() * stride(self.individuals())
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new([0; 32])
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&PackedChunk) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let individuals = self.individuals();
        let mut chunk = PackedChunk::new(individuals);
        for range in self.cut.chunks_of(block) {
            let bytes = chunk.refill(range.start, range.len());
            // 01 everywhere: missing, where a bit beyond the last individual is taken for one.
            bytes.fill(0b0101_0101);
            for (row, codes) in bytes.chunks_exact_mut(stride(individuals)).zip(&self.codes[range])
            {
                for (i, code) in codes.iter().enumerate() {
                    row[i / 4] ^= (code ^ 1) << (2 * (i % 4));
                }
            }
            if visit(&chunk).is_break() {
                break;
            }
        }
        Ok(0)
    }
}

fn numbers(tally: &Tally) -> Vec<f64> {
    let mut numbers: Vec<f64> =
        tally.missing_by_individual.iter().map(|&count| f64::from(count)).collect();
    let frequency = |v| tally.minor_frequency(v).unwrap_or(f64::NAN);
    numbers.extend((0..VARIANTS).map(frequency));
    numbers
}

twoblade_testkit::conformance! {
    mod of_few;
    model: Genotypes::new(45).census(true, true),
    source: Genotypes::new(45),
    numbers: numbers,
    reference: || Genotypes::new(45).reference(),
    // Counts and their quotients are exact.
    tolerance: 0.0,
}

twoblade_testkit::conformance! {
    mod on_two_tiles;
    model: Genotypes::new(16_384 + 61).census(true, true),
    source: Genotypes::new(16_384 + 61),
    numbers: numbers,
    reference: || Genotypes::new(16_384 + 61).reference(),
    // As above.
    tolerance: 0.0,
}

#[test]
fn only_what_is_asked_for_is_counted_and_held() {
    // Whole words, whole bytes and neither.
    for individuals in [1, 3, 4, 31, 32, 33, 64, 100, 4100, 16_384] {
        let source = Genotypes::new(individuals);
        let (missing, frequencies) = source.naive(None);
        let both = source.tally(source.census(true, true), 0..BLOCKS);
        assert_eq!(both.variants, VARIANTS as u64);
        assert!(both.missing_by_individual.iter().map(|&count| f64::from(count)).eq(missing));
        let found = |v| both.minor_frequency(v).unwrap_or(f64::NAN).to_bits();
        assert!((0..VARIANTS).map(found).eq(frequencies.iter().map(|f| f.to_bits())));

        let census = source.census(true, false);
        let one = source.tally(census, 0..BLOCKS);
        assert_eq!(one.missing_by_individual, both.missing_by_individual);
        assert_eq!(census.footprint(0).state, 64 + 5 * individuals);

        let census = source.census(false, true);
        let other = source.tally(census, 0..BLOCKS);
        assert_eq!(other.missing_by_individual, [0; 0]);
        assert!((0..VARIANTS).all(|v| other.minor_frequency(v) == both.minor_frequency(v)));
        assert_eq!(census.footprint(0).state, 64 + 10 * VARIANTS);
    }
}

#[test]
fn variants_that_are_not_seen_have_no_frequency() {
    let source = Genotypes::new(20);
    let census = source.census(false, true);
    let tally = source.tally(census, 2..3);
    let seen: Vec<usize> = (0..VARIANTS).filter(|&v| tally.minor_frequency(v).is_some()).collect();
    assert_eq!((seen, tally.variants), ((12..18).collect(), 6));
}

#[test]
fn more_individuals_than_can_be_counted_are_refused() {
    let census =
        Census { individuals: 1 << 31, variants: 1, by_individual: false, by_variant: true };
    let error = census.pass_one(&PackedChunk::new(1 << 31), &mut census.init(), &Serial);
    assert_eq!(
        error.unwrap_err().to_string(),
        "2147483648 individuals, at most 2147483647 can be counted; analyse fewer"
    );
}
