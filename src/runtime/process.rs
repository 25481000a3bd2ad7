//! What belongs to one process. After `fork` a child must not touch its parent's runtime, connections or locks: they
//! share one epoll descriptor, and a lock may have been held by a thread that does not exist in the child.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::process;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use once_cell::sync::OnceCell;

use crate::error::Error;

/// A value made at first use, once in each process. What a parent made is leaked in its child, never dropped.
pub(crate) struct PerProcess<T> {
    node: AtomicPtr<Node<T>>,
    owns: PhantomData<Node<T>>,
}

struct Node<T> {
    pid: u32,
    /// Fallible to fill, which is why it is a cell of its own and not a part of making the node.
    cell: OnceCell<T>,
}

impl<T> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self { node: AtomicPtr::new(ptr::null_mut()), owns: PhantomData }
    }

    /// This process's value, made now if it does not exist yet.
    pub(crate) fn get_or_try_init(&self, make: impl FnOnce() -> Result<T, Error>) -> Result<&T, Error> {
        self.cell().get_or_try_init(make)
    }

    /// This process's value, made now if it does not exist yet.
    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        self.cell().get_or_init(make)
    }

    fn cell(&self) -> &OnceCell<T> {
        let pid = process::id();
        let mut seen = self.node.load(Ordering::Acquire);
        loop {
            // SAFETY: a node that was published is freed only by `drop`, which has the only reference.
            if let Some(node) = unsafe { seen.as_ref() }
                && node.pid == pid
            {
                return &node.cell;
            }
            let fresh = Box::into_raw(Box::new(Node { pid, cell: OnceCell::new() }));
            match self.node.compare_exchange(seen, fresh, Ordering::AcqRel, Ordering::Acquire) {
                // SAFETY: just made and published; the parent's node, if there was one, is leaked on purpose.
                Ok(_) => return unsafe { &(*fresh).cell },
                Err(published) => {
                    // SAFETY: just made, and nobody else has seen it.
                    drop(unsafe { Box::from_raw(fresh) });
                    seen = published;
                }
            }
        }
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let node = *self.node.get_mut();
        // SAFETY: `drop` has the only reference, and a published node is valid until here.
        if unsafe { node.as_ref() }.is_some_and(|node| node.pid == process::id()) {
            // SAFETY: as above; made by `Box::into_raw`.
            drop(unsafe { Box::from_raw(node) });
        }
    }
}

/// A value of the process that made it: in any other it is [`Error::Closed`], and leaked instead of dropped.
pub(crate) struct ProcessBound<T> {
    pid: u32,
    value: ManuallyDrop<T>,
}

impl<T> ProcessBound<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { pid: process::id(), value: ManuallyDrop::new(value) }
    }

    pub(crate) fn get(&self) -> Result<&T, Error> {
        if self.is_ours() { Ok(&self.value) } else { Err(Error::Closed) }
    }

    pub(crate) fn get_mut(&mut self) -> Result<&mut T, Error> {
        if self.is_ours() { Ok(&mut self.value) } else { Err(Error::Closed) }
    }

    fn is_ours(&self) -> bool {
        self.pid == process::id()
    }
}

impl<T> Drop for ProcessBound<T> {
    fn drop(&mut self) {
        if self.is_ours() {
            // SAFETY: dropped once, here, and never used again.
            unsafe { ManuallyDrop::drop(&mut self.value) }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn makes_the_value_once_and_drops_it() {
        let cell = PerProcess::new();
        let value = Arc::new(1);
        assert!(cell.get_or_try_init(|| Err(Error::Closed)).is_err());
        assert_eq!(**cell.get_or_init(|| Arc::clone(&value)), 1);
        assert_eq!(**cell.get_or_init(|| unreachable!("made twice")), 1);
        drop(cell);
        assert_eq!(Arc::strong_count(&value), 1);
    }

    #[test]
    fn another_process_gets_a_fresh_value_and_leaks_the_old_one() {
        let value = Arc::new(1);
        let node = Box::new(Node { pid: 0, cell: OnceCell::with_value(Arc::clone(&value)) });
        let cell = PerProcess { node: AtomicPtr::new(Box::into_raw(node)), owns: PhantomData };
        assert_eq!(**cell.get_or_init(|| Arc::new(2)), 2);
        drop(cell);
        assert_eq!(Arc::strong_count(&value), 2);
    }

    #[test]
    fn a_bound_value_is_closed_elsewhere_and_leaked() {
        let value = Arc::new(1);
        let mut bound = ProcessBound::new(Arc::clone(&value));
        assert!(bound.get().is_ok() && bound.get_mut().is_ok());
        drop(bound);
        assert_eq!(Arc::strong_count(&value), 1);

        let mut foreign = ProcessBound { pid: 0, value: ManuallyDrop::new(Arc::clone(&value)) };
        assert_eq!(foreign.get().err(), Some(Error::Closed));
        assert_eq!(foreign.get_mut().err(), Some(Error::Closed));
        drop(foreign);
        assert_eq!(Arc::strong_count(&value), 2);
    }
}
