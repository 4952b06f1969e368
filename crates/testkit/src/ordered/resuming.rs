//! Stopped and started again, the same bits come out.

use twoblade_core::{BlockSource, OrderedEstimator};
use twoblade_runner::{Cancel, RunError, Runner};

use super::learning::{EPOCHS, Learning};
use crate::broken::{Broken, Law};
use crate::resuming::Impatient;
use crate::subject::same_bytes;

/// A run that is cancelled in every block of every epoch, and started again, ends as one that is not;
/// and so does one that is asked for one epoch more each time.
///
/// # Errors
/// [`Broken`] with [`Law::ResumingEqualsNotStopping`].
pub fn resuming_equals_not_stopping<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: OrderedEstimator,
    S: BlockSource<Chunk = M::Chunk>,
    S::Chunk: Clone + Send,
{
    let law = Law::ResumingEqualsNotStopping;
    let learning = Learning::new(law, model, source)?;
    let expected = learning.by_hand()?;
    let visits = learning.visits().count();
    for threads in [1, 2] {
        for grown in [false, true] {
            let case = format!("{threads} threads, more epochs each time: {grown}");
            let folder = tempfile::tempdir();
            let folder = folder.map_err(|error| learning.refused("a folder", error.into()))?;
            let mut stops = 0;
            let mut epochs = if grown { 1 } else { EPOCHS };
            let learned = loop {
                let cancel = Cancel::new();
                let impatient = Impatient(cancel.clone());
                let runner = Runner::new().threads(threads).checkpoint(folder.path());
                match runner.observer(&impatient).cancel(&cancel).ordered(model, source, epochs) {
                    Ok(learned) if epochs == EPOCHS => break learned,
                    Ok(_) => epochs += 1,
                    Err(RunError::Cancelled { .. }) if stops <= visits => stops += 1,
                    Err(error) => return Err(learning.refused(case, error.into())),
                }
            };
            // The last block of the last epoch is not stopped after; with `grown`, of each epoch.
            let least = visits - if grown { EPOCHS as usize } else { 1 };
            if stops != least {
                return Err(Broken::vacuous(law, format!("{stops} stops, {case}")));
            }
            same_bytes(law, &case, &learning.saved(&learned.model)?, &expected.0)?;
            let case = format!("{case}, estimate");
            same_bytes(law, case, &learning.saved(&learned.estimate)?, &expected.1)?;
        }
    }
    Ok(())
}
