//! From sums over subjects to files.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use twoblade::core::Fingerprint;
use twoblade::fnm::{Fnm, State};
use twoblade::runner::{Cancel, Plan, Stage};

use crate::commands::fnm::args::Args;
use crate::commands::fnm::inputs::{Input, Inputs};
use crate::commands::fnm::marks::Identity;
use crate::commands::fnm::names::Files;
use crate::commands::fnm::record::{self, GroupRead};
use crate::commands::fnm::{maps, results};
use crate::exit::{Failure, Stopped, listed};
use crate::output::write_whole;
use crate::quantity::thousands;
use crate::say;

/// The maps of a run as they come.
pub(crate) struct Mapping<'a> {
    args: &'a Args,
    inputs: &'a Inputs,
    folder: &'a Path,
    cancel: &'a Cancel,
    parameters: Value,
    data: Fingerprint,
    /// Those that have maps, or will have.
    mapped: Vec<&'a Input>,
    failed: Vec<Failure>,
    done: usize,
    started: Instant,
    /// The reads that were made.
    reads: Vec<GroupRead>,
}

impl<'a> Mapping<'a> {
    /// For maps in a folder, which is made; of `lesions`, beside which some failed before; of a command
    /// that `started` then.
    pub(crate) fn new(
        args: &'a Args,
        (inputs, lesions): (&'a Inputs, Vec<&'a Input>),
        (data, started): (Fingerprint, Instant),
        folder: &'a Path,
        cancel: &'a Cancel,
    ) -> Result<Self> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder {} could not be made", folder.display()))?;
        let failed = inputs.failed.iter().map(|(failure, _)| failure.clone()).collect();
        let parameters = args.parameters(inputs.parcels_of_subjects(args));
        Ok(Self {
            args,
            inputs,
            folder,
            cancel,
            parameters,
            data,
            mapped: lesions,
            failed,
            done: 0,
            started,
            reads: Vec::new(),
        })
    }

    /// Writes the maps of lesions that share a read, and are not there yet; `of` are to be written in
    /// all.
    pub(crate) fn group(
        &mut self,
        lesions: &[&Input],
        (model, total): (&Fnm, &State),
        (plan, stages): (&Plan, Vec<Stage>),
        is_wanted: impl Fn(&Input) -> bool,
        of: usize,
    ) -> Result<()> {
        let began = Instant::now();
        results::clear(self.folder)?;
        let wanted = lesions.iter().copied().enumerate().filter(|(_, input)| is_wanted(input));
        for (number, input) in wanted {
            if self.cancel.is_cancelled() {
                return Err(Stopped { done: self.done, of }.into());
            }
            let (name, file) = (input.lesion.name.as_str(), &input.file);
            let identity = (self.identity(input), &self.parameters);
            let parcels = self.inputs.parcels.as_ref();
            let place = (self.files(input), self.inputs.connectome.mask(), parcels);
            if !maps::write(self.args, place, (model, total), (number, input), identity)? {
                say::news(format_args!(
                    "not mapped: {name}: {} has voxels that are constant in every subject, and no \
                     others",
                    file.display()
                ));
                self.failed.push(Failure { lesion: name.to_owned(), file: file.clone() });
                self.mapped.retain(|mapped| mapped.lesion.name != name);
            }
            self.done += 1;
        }
        self.reads.push(GroupRead {
            lesions: lesions.iter().map(|of| of.lesion.name.clone()).collect(),
            plan: plan.clone(),
            stages,
            writing: began.elapsed(),
        });
        Ok(())
    }

    /// Writes what is made of all maps, and says what there is; gives the lesions that failed.
    pub(crate) fn conclude(self, resolved: &str) -> Result<Vec<Failure>> {
        let Self { args, inputs, folder, cancel, data, mapped, failed, started, reads, .. } = self;
        ensure!(!mapped.is_empty(), "no lesion could be mapped: {}", listed(&failed));
        write_whole(&folder.join("run.toml"), resolved)?;
        let mut dropped: Vec<String> = Vec::new();
        results::write(args, (folder, inputs), (&mapped, &failed), cancel, |mark| {
            // The same in every lesion.
            if dropped.is_empty() {
                dropped.clone_from(&mark.subjects_dropped);
                for name in &dropped {
                    say::news(format_args!(
                        "subject {name} is dropped: too many voxels are not finite"
                    ));
                }
            }
            for note in &mark.notes {
                say::news(format_args!("{}: {note}", mark.lesion));
            }
        })?;
        record::write(folder, (&args.machine, data, inputs.bytes()), &reads, started)?;
        if !args.screen.quiet {
            say::result(format_args!(
                "{} lesions mapped over {} subjects and {} voxels, in {}",
                thousands(mapped.len()),
                thousands(inputs.connectome.count()),
                thousands(inputs.connectome.mask().count()),
                folder.display()
            ))?;
        }
        Ok(failed)
    }

    fn identity(&self, input: &Input) -> Identity {
        Identity::new(input, self.data, &self.parameters)
    }

    fn files<'f>(&'f self, input: &'f Input) -> Files<'f> {
        Files { folder: self.folder, name: &input.lesion.name }
    }
}
