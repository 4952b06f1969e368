//! What the text files say.

use anyhow::Result;
use twoblade::geno::Study;
use twoblade::plink::{Annotation, Joined, Phenotypes, Plink};

use crate::commands::rhe::args::Args;

/// What the text files say.
pub(crate) struct Inputs {
    pub(crate) plink: Plink,
    pub(crate) phenotypes: Phenotypes,
    pub(crate) joined: Joined,
    pub(crate) study: Study,
}

impl Inputs {
    /// Reads and joins them; no genotype is touched.
    pub(crate) fn read(args: &Args) -> Result<Self> {
        let plink = Plink::open(&args.bfile)?;
        let mut phenotypes = plink.phenotypes(&args.pheno)?;
        if !args.pheno_name.is_empty() {
            phenotypes = phenotypes.select(&args.pheno_name)?;
        }
        let annotation = match &args.annot {
            Some(file) => plink.annotation(file)?,
            None => Annotation::everything("all"),
        };
        let study = plink.study(&phenotypes, &annotation, args.blocks)?;
        let joined = plink.joined(&phenotypes, &annotation);
        Ok(Self { plink, phenotypes, joined, study })
    }

    /// Bytes that stay for what the text files said: identifiers of the .fam, traits, rows, bins.
    pub(crate) fn bytes(&self) -> usize {
        let (listed, kept) = (self.study.listed, self.study.individuals.len());
        let traits = self.study.traits.len();
        listed * (128 + 8 * traits) + kept * (4 + 8 * traits) + self.study.bins.bytes()
    }
}
