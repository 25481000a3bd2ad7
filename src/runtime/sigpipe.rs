//! A peer that closes its connection early must not end the program.
//!
//! On Linux a write to such a connection raises SIGPIPE, whose default is to end the process. Rust's own programs ignore
//! that signal, and so do CPython and the JVM; a program in Swift or C++ does not. A plain `send` can be told not to raise
//! it, but HTTP and TLS write with `writev`, which can't. What the whole program does with the signal is its own affair
//! (its children would inherit a change), so the signal is held back in a thread while that thread writes for this library.
//! Apple's systems have an option of the socket instead, which the HTTP stack sets; that is not verified here.

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use held_back::NoSigpipe;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use unneeded::NoSigpipe;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod held_back {
    use std::marker::PhantomData;
    use std::mem::MaybeUninit;
    use std::ptr::{null, null_mut};

    /// While it lives, what this thread writes raises no SIGPIPE.
    pub(crate) struct NoSigpipe {
        /// What the thread held back before; none when there is nothing to undo.
        before: Option<libc::sigset_t>,
        /// It belongs to its thread.
        _here: PhantomData<*const ()>,
    }

    impl NoSigpipe {
        pub(crate) fn here() -> Self {
            // One system call where the host has said what it wants, instead of three.
            let before = if would_end_the_program() { hold_back() } else { None };
            Self { before, _here: PhantomData }
        }
    }

    impl Drop for NoSigpipe {
        fn drop(&mut self) {
            let Some(before) = self.before else { return };
            let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            // SAFETY: the sets are whole. A signal that was raised meanwhile is taken out first, else it would strike now.
            unsafe {
                libc::sigtimedwait(&only_sigpipe(), null_mut(), &at_once);
                libc::pthread_sigmask(libc::SIG_SETMASK, &before, null_mut());
            }
        }
    }

    fn would_end_the_program() -> bool {
        let mut action = MaybeUninit::<libc::sigaction>::uninit();
        // SAFETY: changes nothing; `action` is written when it returns 0.
        unsafe {
            libc::sigaction(libc::SIGPIPE, null(), action.as_mut_ptr()) == 0
                && action.assume_init().sa_sigaction == libc::SIG_DFL
        }
    }

    /// The thread's mask as it was; none if that held the signal back already.
    fn hold_back() -> Option<libc::sigset_t> {
        let mut before = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: `before` is written when it returns 0, and read only then.
        unsafe {
            if libc::pthread_sigmask(libc::SIG_BLOCK, &only_sigpipe(), before.as_mut_ptr()) != 0 {
                return None;
            }
            let before = before.assume_init();
            (libc::sigismember(&before, libc::SIGPIPE) == 0).then_some(before)
        }
    }

    fn only_sigpipe() -> libc::sigset_t {
        let mut set = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: emptied before it is read; neither call fails for a signal that exists.
        unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE);
            set.assume_init()
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn is_held_back() -> bool {
            let mut now = MaybeUninit::<libc::sigset_t>::uninit();
            // SAFETY: asks only.
            unsafe {
                assert_eq!(libc::pthread_sigmask(libc::SIG_BLOCK, null(), now.as_mut_ptr()), 0);
                libc::sigismember(now.as_ptr(), libc::SIGPIPE) == 1
            }
        }

        #[test]
        fn a_thread_is_left_as_it_was() {
            // Rust's programs ignore the signal: then nothing is done.
            drop(NoSigpipe::here());
            assert!(!is_held_back());
            let outer = NoSigpipe { before: hold_back(), _here: PhantomData };
            assert!(outer.before.is_some() && is_held_back());
            assert!(hold_back().is_none(), "it was held back already");
            // SAFETY: held back, so it strikes nobody.
            assert_eq!(unsafe { libc::raise(libc::SIGPIPE) }, 0);
            drop(outer);
            assert!(!is_held_back());
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod unneeded {
    pub(crate) struct NoSigpipe;

    impl NoSigpipe {
        pub(crate) fn here() -> Self {
            Self
        }
    }
}
