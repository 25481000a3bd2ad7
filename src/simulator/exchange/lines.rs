//! Who is connected to whom.

use std::collections::BTreeMap;

/// One side of a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// A call of the phone of this extension.
    Phone { extension: String, call: i64 },
    /// Somebody outside.
    Party(i64),
}

impl Side {
    pub(super) fn phone(extension: &str, call: i64) -> Self {
        Self::Phone { extension: extension.to_owned(), call }
    }
}

/// Every connection, from both of its sides.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    others: BTreeMap<Side, Side>,
}

impl Lines {
    /// Connects two sides. Each belongs to no connection before.
    pub(super) fn connect(&mut self, one: Side, other: Side) {
        self.others.insert(one.clone(), other.clone());
        self.others.insert(other, one);
    }

    /// The other side.
    pub(super) fn other(&self, side: &Side) -> Option<&Side> {
        self.others.get(side)
    }

    /// Ends a connection; its other side.
    pub(super) fn cut(&mut self, side: &Side) -> Option<Side> {
        let other = self.others.remove(side)?;
        self.others.remove(&other);
        Some(other)
    }

    /// How many sides are connected.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.others.len()
    }
}
