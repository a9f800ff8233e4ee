//! Removing components from the checkpoint that nobody needs any more: each swap adds one, and whoever swaps at each save of a file would fill it.

use std::collections::BTreeSet;

use super::driver::Driver;
use super::log::Compacted;
use super::vouched;
use crate::checkpoint::{FaultPoint, Store, StoreError, fault_point};
use crate::plugin::Digest;

/// Components of the last swaps that are kept to be gone back to, at most.
pub const SPARE: usize = 16;
/// Bytes of them at most, the first not counted.
const SPARE_BYTES: u64 = 256 << 20;

impl Driver {
    /// Remove the components that neither the job, batches that aren't done, nor entries of the log name, and that aren't among those of the last swaps. What can't be removed is told, and the next time tries again.
    pub(super) async fn sweep_components(&self, store: &Store, compacted: &Compacted) {
        // A component is put beside the log before it is recorded that the job runs with it. The next time comes soon.
        let Ok(_nobody_swaps) = self.components.swapping.try_lock() else { return };
        let mut needed: BTreeSet<Digest> = self.components.in_use().into_iter().collect();
        needed.extend(self.parts.log.components());
        for history in [&compacted.base, &compacted.earliest] {
            needed.extend(history.components.values().flat_map(|now| [now.digest, now.filed]));
            needed.extend(history.unfinished.iter().flat_map(|unfinished| unfinished.plan.plugins.values().copied()));
        }
        let swaps = self.components.swaps();
        let spare = swaps.iter().rev().flat_map(|swap| [swap.to, swap.from]);
        if let Err(error) = self.sweep_others(store, &needed, spare).await {
            tracing::warn!(target: "sluicebox::checkpoint", %error, "components that the checkpoint needs no more can't be removed");
        }
    }

    async fn sweep_others(
        &self,
        store: &Store,
        needed: &BTreeSet<Digest>,
        spare: impl Iterator<Item = Digest>,
    ) -> Result<(), StoreError> {
        let listed = store.list("components").await?.into_iter().filter_map(|object| {
            let digest = object.path.strip_prefix("components/")?.strip_suffix(".wasm")?.parse().ok()?;
            Some((digest, object.size))
        });
        let over = over(listed.collect(), needed, spare);
        // Another driver may need what this one doesn't know of.
        if over.is_empty() || self.parts.log.overtaken().await.is_some() {
            return Ok(());
        }
        for digest in &over {
            fault_point(FaultPoint::SweepBefore);
            vouched::remove(store, digest).await?;
        }
        tracing::info!(target: "sluicebox::checkpoint", components = over.len(), "components that nobody needs any more are removed");
        Ok(())
    }
}

/// Which of the components that are listed with their bytes are to be removed; `spare` are those that may be gone back to, the likeliest first.
fn over(listed: Vec<(Digest, u64)>, needed: &BTreeSet<Digest>, spare: impl Iterator<Item = Digest>) -> Vec<Digest> {
    let (mut kept, mut bytes) = (BTreeSet::new(), 0_u64);
    for digest in spare {
        let Some((_, size)) = listed.iter().find(|(of, _)| *of == digest) else { continue };
        if kept.contains(&digest) {
            continue;
        }
        bytes = if kept.is_empty() { 0 } else { bytes.saturating_add(*size) };
        if kept.len() == SPARE || bytes > SPARE_BYTES {
            break;
        }
        kept.insert(digest);
    }
    listed
        .into_iter()
        .map(|(digest, _)| digest)
        .filter(|digest| !kept.contains(digest) && !needed.contains(digest))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: u8) -> Digest {
        Digest([number; 32])
    }

    #[test]
    fn what_is_needed_and_the_last_that_may_be_gone_back_to_are_kept() {
        let listed = |size: u64| (0..100).map(|number| (digest(number), size)).collect::<Vec<_>>();
        let needed = BTreeSet::from([digest(0), digest(7)]);
        // Newest first, each with the one before; 99 is gone already.
        let spare = || (1..99).rev().chain([99]).flat_map(|number| [digest(number), digest(number - 1)]);
        let numbers = |over: Vec<Digest>| over.into_iter().map(|digest| digest.0[0]).collect::<Vec<_>>();
        let mut all = listed(1);
        all.pop();
        let first = 99 - u8::try_from(SPARE).unwrap();
        assert_eq!(numbers(over(all, &needed, spare())), (1..first).filter(|n| *n != 7).collect::<Vec<_>>());
        // Large ones are fewer, and one at least.
        let size = SPARE_BYTES / 3;
        assert_eq!(numbers(over(listed(size), &needed, spare())).len(), 100 - 2 - 4);
        assert_eq!(numbers(over(listed(2 * SPARE_BYTES), &needed, spare())).len(), 100 - 2 - 1);
        assert_eq!(numbers(over(listed(1), &needed, std::iter::empty())).len(), 98);
    }
}
