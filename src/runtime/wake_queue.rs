//! How a finished wait reaches an interpreter that no Rust thread may call: wakes are queued here, and the host's event
//! loop is told through a socket, or a thread of the host's pulls them.
//!
//! The functions are plain C ones, called through their addresses: they run in every wake, where an exported function
//! would cost more than the wake itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use super::gate::{self, Parking};
use super::process::PerProcess;

/// A wake's number has its queue above this bit and the host's own number of the wait below.
const QUEUE_SHIFT: u32 = 40;

/// The addresses of the wake queue's functions, for a host that calls C.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct WakeQueueFunctions {
    /// `void continuation(uint64_t wait, int8_t code)`: the continuation to give to the generated code. `wait` is the
    /// queue's number times 2^40 plus the host's own number of the wait.
    pub continuation: i64,
    /// `int64_t open(int32_t socket)`: a queue that writes one byte to (a duplicate of) this non-blocking socket when it
    /// becomes non-empty; with -1, a queue to pull from. Returns its number, or -1.
    pub open: i64,
    /// `void close(int64_t queue)`.
    pub shut: i64,
    /// `int64_t take(int64_t queue, uint64_t *waits, int8_t *codes, int64_t room, int64_t ms)`: moves up to `room`
    /// wakes out and returns how many, waiting up to `ms` milliseconds for the first; -1 when the queue is closed or
    /// the program is exiting.
    pub take: i64,
}

/// Where the functions of the wake queue are.
#[uniffi::export]
pub fn wake_queue_functions() -> WakeQueueFunctions {
    WakeQueueFunctions {
        continuation: continuation as *const () as i64,
        open: open as *const () as i64,
        shut: shut as *const () as i64,
        take: take as *const () as i64,
    }
}

static QUEUES: PerProcess<Queues> = PerProcess::new();

#[derive(Default)]
struct Queues {
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    open: HashMap<i64, Arc<Queue>>,
    last: i64,
}

struct Queue {
    bell: Option<Bell>,
    wakes: Mutex<Wakes>,
}

#[derive(Default)]
struct Wakes {
    waiting: Vec<(u64, i8)>,
    closed: bool,
    /// The thread that waits for wakes, if one does.
    puller: Option<Arc<Parking>>,
}

impl Wakes {
    fn tell_puller(&self) {
        if let Some(puller) = &self.puller {
            puller.unpark();
        }
    }
}

impl Queue {
    fn wakes(&self) -> MutexGuard<'_, Wakes> {
        self.wakes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn table() -> MutexGuard<'static, Table> {
    QUEUES.get_or_init(Queues::default).table.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find(queue: i64) -> Option<Arc<Queue>> {
    table().open.get(&queue).cloned()
}

extern "C" fn continuation(wait: u64, code: i8) {
    // The queue may be gone with its event loop, or belong to the parent process: then nobody waits any more.
    let Some(queue) = i64::try_from(wait >> QUEUE_SHIFT).ok().and_then(find) else { return };
    let mut wakes = queue.wakes();
    wakes.waiting.push((wait, code));
    if wakes.waiting.len() == 1 {
        match &queue.bell {
            Some(bell) => bell.ring(),
            None => wakes.tell_puller(),
        }
    }
}

extern "C" fn open(socket: i32) -> i64 {
    let bell = match socket {
        ..0 => None,
        socket => match Bell::new(socket) {
            Some(bell) => Some(bell),
            None => return -1,
        },
    };
    let queue = Arc::new(Queue { bell, wakes: Mutex::default() });
    let mut table = table();
    // 24 bits of numbers, none of them in use twice.
    let Some(number) = (1..1 << 24).map(|step| (table.last + step) & 0xff_ffff).find(|n| !table.open.contains_key(n))
    else {
        return -1;
    };
    table.last = number;
    table.open.insert(number, queue);
    number
}

extern "C" fn shut(queue: i64) {
    let Some(queue) = table().open.remove(&queue) else { return };
    let mut wakes = queue.wakes();
    wakes.closed = true;
    wakes.tell_puller();
}

/// # Safety
/// `waits` and `codes` have `room` places.
unsafe extern "C" fn take(queue: i64, waits: *mut u64, codes: *mut i8, room: i64, ms: i64) -> i64 {
    let Some(queue) = find(queue) else { return -1 };
    let room = usize::try_from(room).unwrap_or(0);
    if ms > 0 && !wait_for_wakes(&queue, Duration::from_millis(ms.unsigned_abs())) {
        return -1;
    }
    let mut wakes = queue.wakes();
    let count = room.min(wakes.waiting.len());
    for (place, (wait, code)) in wakes.waiting.drain(..count).enumerate() {
        // SAFETY: `place` is below `room`, which the caller vouches for.
        unsafe {
            waits.add(place).write(wait);
            codes.add(place).write(code);
        }
    }
    if let (Some(bell), false) = (&queue.bell, wakes.waiting.is_empty()) {
        // More than the caller had room for: it rings again, so that the event loop comes back for them.
        bell.ring();
    }
    i64::try_from(count).unwrap_or(0)
}

/// Waits until there are wakes or the time is up; false when the queue is closed or the program is exiting.
fn wait_for_wakes(queue: &Queue, longest: Duration) -> bool {
    let Ok(inside) = gate::enter() else { return false };
    let until = Instant::now() + longest;
    let parking = Arc::new(Parking::here());
    inside.wake_with(&Waker::from(Arc::clone(&parking)));
    queue.wakes().puller = Some(Arc::clone(&parking));
    loop {
        let mut wakes = queue.wakes();
        let over = !wakes.waiting.is_empty() || wakes.closed || inside.gate_is_shut();
        if over {
            wakes.puller = None;
            return !(wakes.closed || inside.gate_is_shut());
        }
        drop(wakes);
        if !parking.park_until(Some(until)) {
            queue.wakes().puller = None;
            return true;
        }
    }
}

/// What tells an event loop.
#[cfg(unix)]
struct Bell(std::os::unix::net::UnixStream);

#[cfg(unix)]
impl Bell {
    fn new(socket: i32) -> Option<Self> {
        use std::os::fd::{BorrowedFd, OwnedFd};
        // SAFETY: the caller gives an open socket; only a duplicate is kept.
        let socket = unsafe { BorrowedFd::borrow_raw(socket) };
        let own: OwnedFd = socket.try_clone_to_owned().ok()?;
        Some(Self(own.into()))
    }

    fn ring(&self) {
        use std::io::Write;
        // A full socket has rung already, and one whose other end is gone has nobody to tell.
        let _ = (&self.0).write(&[1]);
    }
}

/// Elsewhere a queue is pulled from.
#[cfg(not(unix))]
enum Bell {}

#[cfg(not(unix))]
impl Bell {
    fn new(_socket: i32) -> Option<Self> {
        None
    }

    fn ring(&self) {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(queue: i64, room: usize, ms: i64) -> Option<Vec<(u64, i8)>> {
        let (mut waits, mut codes) = (vec![0; room], vec![0; room]);
        // SAFETY: both have `room` places.
        let count = unsafe { take(queue, waits.as_mut_ptr(), codes.as_mut_ptr(), room as i64, ms) };
        let count = usize::try_from(count).ok()?;
        Some(waits.into_iter().zip(codes).take(count).collect())
    }

    fn wait(queue: i64, number: u64) -> u64 {
        ((queue as u64) << QUEUE_SHIFT) | number
    }

    #[test]
    fn a_pulled_queue_hands_out_wakes_in_order_and_ends() {
        let queue = open(-1);
        assert_eq!(taken(queue, 4, 0), Some(vec![]));
        for number in 1..=5 {
            continuation(wait(queue, number), 0);
        }
        assert_eq!(taken(queue, 4, 0).unwrap().len(), 4);
        assert_eq!(taken(queue, 4, 0), Some(vec![(wait(queue, 5), 0)]));
        let waiting = std::thread::spawn(move || taken(queue, 4, 60_000));
        continuation(wait(queue, 6), 1);
        assert_eq!(waiting.join().unwrap(), Some(vec![(wait(queue, 6), 1)]));
        let waiting = std::thread::spawn(move || taken(queue, 4, 60_000));
        shut(queue);
        assert_eq!(waiting.join().unwrap(), None);
        continuation(wait(queue, 7), 0);
        assert_eq!(taken(queue, 4, 0), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_queue_with_a_socket_rings_when_it_becomes_full() {
        use std::io::Read;
        use std::os::fd::AsRawFd;
        use std::os::unix::net::UnixStream;
        let (mut ear, bell) = UnixStream::pair().unwrap();
        let queue = open(bell.as_raw_fd());
        drop(bell);
        let mut heard = [0; 8];
        continuation(wait(queue, 1), 0);
        continuation(wait(queue, 2), 0);
        assert_eq!(ear.read(&mut heard).unwrap(), 1);
        assert_eq!(taken(queue, 1, 0).unwrap().len(), 1);
        assert_eq!(ear.read(&mut heard).unwrap(), 1, "it rings for what had no room");
        assert_eq!(taken(queue, 1, 0).unwrap().len(), 1);
        shut(queue);
        assert_eq!(ear.read(&mut heard).unwrap(), 0, "the duplicate is closed");
    }
}
