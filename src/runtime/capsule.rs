//! How an object of Python's owns one of the library's: by a capsule, whose destructor is a plain function.
//!
//! A finalizer in Python would be run by its interpreter, which swallows whatever is raised in one. An interrupt (Ctrl-C)
//! strikes between two instructions of Python's, so where objects come and go by the thousand it would soon strike there,
//! and be lost. No instruction of Python's takes part here; and a capsule in a reference cycle goes after all finalizers
//! of that cycle, which may still use its object.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

use once_cell::sync::OnceCell;
use uniffi::RustCallStatus;

use super::gate;

type Object = *mut c_void;
type Destructor = unsafe extern "C" fn(Object);

/// Frees the object behind a handle: as the generated code calls it.
type Free = unsafe extern "C" fn(u64, &mut RustCallStatus);

/// What Python's C interface has for capsules; it is not linked to, but given at run time.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Capsules {
    new: unsafe extern "C" fn(*mut c_void, *const c_char, Destructor) -> Object,
    pointer: unsafe extern "C" fn(Object, *const c_char) -> *mut c_void,
    set_context: unsafe extern "C" fn(Object, *mut c_void) -> c_int,
    context: unsafe extern "C" fn(Object) -> *mut c_void,
}

static CAPSULES: OnceCell<Capsules> = OnceCell::new();

/// Takes Python's `PyCapsule_New`, `PyCapsule_GetPointer`, `PyCapsule_SetContext` and `PyCapsule_GetContext`.
///
/// # Safety
/// `capsules` points to these four.
pub(crate) unsafe extern "C" fn use_capsules(capsules: *const Capsules) {
    // SAFETY: the caller vouches for it. Who comes second brings the same ones.
    let _ = CAPSULES.set(unsafe { *capsules });
}

/// A new capsule that owns the object of a handle; null, with Python's exception if it has one, when there is none.
///
/// # Safety
/// The calling thread holds the interpreter's lock, the handle is one that nobody else frees, and `free` is what frees it.
pub(crate) unsafe extern "C" fn own(handle: u64, free: Free) -> Object {
    let Some(python) = CAPSULES.get() else { return ptr::null_mut() };
    // SAFETY: as the caller vouches for; a handle is never null.
    unsafe {
        let capsule = (python.new)(handle as *mut c_void, ptr::null(), free_owned);
        if !capsule.is_null() {
            (python.set_context)(capsule, free as *mut c_void);
        }
        capsule
    }
}

/// # Safety
/// Called by the interpreter, for a capsule that [`own`] made.
unsafe extern "C" fn free_owned(capsule: Object) {
    // On its way out the process keeps everything: what would be freed may be in use by threads that are frozen.
    if gate::is_shut() {
        return;
    }
    let Some(python) = CAPSULES.get() else { return };
    // SAFETY: both are what `own` gave it.
    unsafe {
        let handle = (python.pointer)(capsule, ptr::null());
        let free = (python.context)(capsule);
        if !handle.is_null() && !free.is_null() {
            let free = std::mem::transmute::<*mut c_void, Free>(free);
            // Nobody could do anything about a panic while freeing.
            free(handle as u64, &mut RustCallStatus::default());
        }
    }
}
