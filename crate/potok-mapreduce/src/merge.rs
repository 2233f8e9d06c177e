//! Brings together all values of each key of one partition: from tables in memory, or from
//! sorted runs on disk as well.

use super::compiled::Codec;
use super::functions::{Key, OwnedKey};
use super::pairs::{Pairs, Part};
use super::runs::Reader;
use super::spill::Spill;
use super::table::Table;
use super::table_key::TableKey;
use potok_base::error::Result;
use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Receives a key and its values, in one or more slices.
pub(super) type Take<'f, K, V> = dyn FnMut(TableKey<&K>, &[&[V]]) -> Result<()> + 'f;

/// Passes each key with its values to `take`, in the order of the keys; values in the order
/// of the map tasks.
pub(super) fn merge<Q, V>(
    parts: &[Part<'_, Q::Owned, V>],
    spill: Option<&Spill<Q, V>>,
    take: &mut Take<'_, Q::Owned, V>,
) -> Result<()>
where
    Q: Key + ?Sized,
    V: Clone,
{
    match spill {
        Some(spill) if parts.iter().any(|part| !part.runs.is_empty()) => {
            (spill.codec.merge)(parts, spill, take)
        }
        _ => group::<Q, V>(parts, take),
    }
}

/// Some values of a key, and where the next ones stand; 0 for none.
struct Link<'a, V>(&'a [V], u32);

/// A key, and where the first and the last of its values stand, from 1.
struct Chain<'a, K>(TableKey<&'a K>, u32, u32);

/// Everything is in memory: a table finds the keys, and only they are sorted.
fn group<Q, V>(
    parts: &[Part<'_, Q::Owned, V>],
    take: &mut Take<'_, Q::Owned, V>,
) -> Result<()>
where
    Q: Key + ?Sized,
{
    let mut table: Table<Chain<'_, Q::Owned>> = Table::new();
    let mut links: Vec<Link<'_, V>> = vec![];
    for (hash, pairs) in parts.iter().flat_map(|part| part.pairs) {
        let key = pairs.key.as_ref();
        links.push(Link(pairs.values.slice(), 0));
        let here = links.len() as u32;
        let chain =
            table.entry(*hash, |chain| chain.0.is(key), || Chain(key, here, here));
        if chain.2 != here {
            links[chain.2 as usize - 1].1 = here;
            chain.2 = here;
        }
    }
    let mut chains = table.into_entries();
    chains.sort_unstable_by(|(_, a), (_, b)| a.0.order::<Q>(b.0));
    let mut values = vec![];
    for (_, Chain(key, first, _)) in chains {
        values.clear();
        let mut at = first;
        while let Some(Link(some, next)) = links.get((at as usize).wrapping_sub(1)) {
            values.push(*some);
            at = *next;
        }
        take(key, &values)?;
    }
    Ok(())
}

/// Pairs of one origin, in the order of their keys.
enum Source<'a, K, V> {
    Disk(Reader<'a>),
    Memory(std::vec::IntoIter<&'a Pairs<K, V>>),
}

impl<'a, K: Clone, V: Clone> Source<'a, K, V> {
    fn next<Q>(
        &mut self,
        codec: Codec<Q, V>,
        n: usize,
    ) -> Result<Option<Next<'a, Q, V>>>
    where
        Q: Key<Owned = K> + ?Sized,
        K: Borrow<Q> + OwnedKey,
    {
        let (key, values) = match self {
            Source::Memory(pairs) => {
                let Some(pairs) = pairs.next() else { return Ok(None) };
                (pairs.key.clone(), Cow::Borrowed(pairs.values.slice()))
            }
            Source::Disk(reader) => {
                let Some(bytes) = reader.next()? else { return Ok(None) };
                let (key, values) = (codec.read)(bytes)?;
                (TableKey::from_owned::<Q>(key), Cow::Owned(values))
            }
        };
        Ok(Some(Next { key, values, source: n }))
    }
}

/// The pairs that come next from a source.
struct Next<'a, Q: Key + ?Sized, V: Clone> {
    key: TableKey<Q::Owned>,
    values: Cow<'a, [V]>,
    source: usize,
}

/// Reversed, since a heap has its largest on top: the smallest key, then the first source.
impl<Q: Key + ?Sized, V: Clone> Ord for Next<'_, Q, V> {
    fn cmp(&self, other: &Self) -> Ordering {
        let keys = other.key.as_ref().order::<Q>(self.key.as_ref());
        keys.then_with(|| other.source.cmp(&self.source))
    }
}

impl<Q: Key + ?Sized, V: Clone> PartialOrd for Next<'_, Q, V> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<Q: Key + ?Sized, V: Clone> PartialEq for Next<'_, Q, V> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<Q: Key + ?Sized, V: Clone> Eq for Next<'_, Q, V> {}

/// Some of it is on disk: all sources are read side by side, the smallest key first.
pub(super) fn merge_runs<Q, V>(
    parts: &[Part<'_, Q::Owned, V>],
    spill: &Spill<Q, V>,
    take: &mut Take<'_, Q::Owned, V>,
) -> Result<()>
where
    Q: Key + ?Sized,
    V: Clone,
{
    let mut sources = vec![];
    for part in parts {
        for run in part.runs {
            sources.push(Source::Disk(Reader::new(&spill.file, run.clone())));
        }
        let mut pairs: Vec<&Pairs<Q::Owned, V>> =
            part.pairs.iter().map(|(_, pairs)| pairs).collect();
        pairs.sort_unstable_by(|a, b| a.key.as_ref().order::<Q>(b.key.as_ref()));
        sources.push(Source::Memory(pairs.into_iter()));
    }
    let mut heap = BinaryHeap::new();
    for (n, source) in sources.iter_mut().enumerate() {
        heap.extend(source.next(spill.codec, n)?);
    }
    let mut same: Vec<Next<'_, Q, V>> = vec![];
    while let Some(next) = heap.pop() {
        heap.extend(sources[next.source].next(spill.codec, next.source)?);
        same.push(next);
        let more =
            heap.peek().is_some_and(|next| next.key.as_ref().is(same[0].key.as_ref()));
        if !more {
            let values: Vec<&[V]> = same.iter().map(|next| &*next.values).collect();
            take(same[0].key.as_ref(), &values)?;
            same.clear();
        }
    }
    Ok(())
}
