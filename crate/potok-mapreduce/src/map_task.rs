//! A map task, as any worker runs it: on a thread or in a process.

use super::collector::Collector;
use super::flow::{MapTask, Shuffled};
use super::functions::{Key, Value};
use super::input::{Source, Split};
use super::job::MapReduce;
use super::pairs::{Hashed, Parts, gather};
use super::spill::{Reservation, Spill};
use super::task::Context;
use potok_base::error::Result;
use std::ops::ControlFlow;

/// The result of a map task.
#[derive(Debug)]
pub(super) struct MapOutput<K, V> {
    pub(super) parts: Parts<K, V>,
    pub(super) flow: MapTask,
    /// Dropped with the output, whose memory is free then.
    pub(super) _reservation: Option<Reservation>,
}

/// Reads a split, maps each record, combines what is emitted and partitions it.
pub(super) fn map<T, Q, V, O>(
    job: &MapReduce<T, Q, V, O>,
    source: &dyn Source<T>,
    split: &Split,
    spill: Option<&Spill<Q, V>>,
    context: &Context<'_>,
) -> Result<MapOutput<Q::Owned, V>>
where
    T: ?Sized + 'static,
    Q: Key + ?Sized,
    V: Value,
    O: Value,
{
    let n = job.options.reducers;
    let mut parts = Parts { runs: vec![vec![]; n], pairs: vec![], starts: vec![] };
    let mut shuffled = vec![Shuffled::default(); n];
    let mut table: Collector<'_, Q, V> = Collector::new(job.functions.combine.as_ref());
    let (mut records, mut failed) = (0, None);
    source.read(split, &mut |record: &T| {
        if context.is_cancelled() {
            return ControlFlow::Break(());
        }
        (job.functions.map)(record, &mut |key, value| table.emit(key, value));
        records += 1;
        if let Some(spill) = spill
            && spill.is_too_much(table.bytes(spill))
        {
            let parted = part(job, table.take(), &mut parts, &mut shuffled);
            if let Err(error) = parted.and_then(|()| spill.write(&mut parts)) {
                failed = Some(error);
                return ControlFlow::Break(());
            }
        }
        context.stall()
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    context.check_wanted()?;

    let reserved = spill.map(|spill| spill.reserve(table.bytes(spill)));
    part(job, table.take(), &mut parts, &mut shuffled)?;
    if let (Some(spill), Some(None)) = (spill, &reserved) {
        spill.write(&mut parts)?;
    }
    context.crash_before_the_end();
    let flow = MapTask {
        split: split.clone(),
        worker: context.worker,
        records,
        emitted: table.emitted,
        pairs: table.first,
        shuffled,
    };
    Ok(MapOutput { parts, flow, _reservation: reserved.flatten() })
}

/// Sorts pairs by partition, and counts them.
fn part<T, Q, V, O>(
    job: &MapReduce<T, Q, V, O>,
    mut pairs: Hashed<Q::Owned, V>,
    parts: &mut Parts<Q::Owned, V>,
    shuffled: &mut [Shuffled],
) -> Result<()>
where
    T: ?Sized,
    Q: Key + ?Sized,
{
    let n = shuffled.len();
    let mut partitions = Vec::with_capacity(pairs.len());
    for (hash, pairs) in &pairs {
        let (key, values) = (pairs.key.as_ref(), pairs.values.slice().len());
        let partition = job.functions.partition_of(key, *hash, values, shuffled)?;
        partitions.push(partition as u32);
    }
    parts.starts = gather(&mut pairs, partitions, n);
    parts.pairs = pairs;
    Ok(())
}
