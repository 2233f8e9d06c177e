//! From a tree to a graph: states from which everything that follows is the same are one.
//!
//! *What to notice*: no two states are taken for one because they look alike. What a
//! thread keeps to itself is not seen here, and it may matter only later; so states are
//! merged from the ends backwards, by all that can still be seen to happen.

use super::{Graph, State};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The graph of a tree, unless it has more than `most` states.
pub(super) fn merged(tree: Graph, most: usize) -> Option<Graph> {
    let mut states: Vec<State> = vec![];
    let mut known: HashMap<State, usize> = HashMap::new();
    let mut became = vec![0; tree.states.len()];
    // What follows a state stands behind it, and so is done before it.
    for (at, mut state) in tree.states.into_iter().enumerate().rev() {
        for way in state.turns.iter_mut().flat_map(|turn| &mut turn.ways) {
            way.to = became[way.to];
        }
        became[at] = match known.entry(state) {
            Entry::Occupied(same) => *same.get(),
            Entry::Vacant(new) => {
                states.push(new.key().clone());
                *new.insert(states.len() - 1)
            }
        };
        if states.len() > most {
            return None;
        }
    }
    Some(Graph { states, ..tree })
}
