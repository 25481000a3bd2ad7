//! Many sessions at once: what one costs, and that nothing gets lost or left behind among many threads.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use webphone::protocol::{Command, PhoneNumber, QueueId};
use webphone::session::{
    Cause, CommandOperation, CommandStarted, PageReport, Request, Session, SessionConfig, TextsStarted, Updates,
    UpdatesStarted,
};
use webphone::{Clock, Error};

/// Counts what is allocated and not freed.
struct Counting;

static LIVE: AtomicI64 = AtomicI64::new(0);

// SAFETY: as the system's, which does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as i64, Ordering::Relaxed);
        // SAFETY: the caller's layout.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as i64, Ordering::Relaxed);
        // SAFETY: allocated above, with this layout.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What is allocated counts for the whole process: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

const CONNECTED: &str = r#"{"message":"status","status":"conectado"}"#;

fn idle() -> Session {
    let session = Session::open(SessionConfig::default(), None, None).unwrap();
    session.page_report(PageReport::Loaded);
    session.receive(CONNECTED.to_owned());
    session
}

#[test]
fn ten_thousand_sessions_live_on_one_thread_and_little_memory() {
    let _alone = alone();
    // What is made once.
    drop(idle());
    let before = LIVE.load(Ordering::Relaxed);
    let sessions: Vec<_> = (0..10_000).map(|_| idle()).collect();
    let each = (LIVE.load(Ordering::Relaxed) - before) / 10_000;
    println!("an idle session takes {each} bytes");
    assert!(each <= 8 * 1024, "an idle session takes {each} bytes");
    let followers: Vec<_> = sessions.iter().map(|session| session.updates(256).unwrap()).collect();
    // All of them wait at once, and all of them end by time.
    let short = SessionConfig { ready_timeout_ms: 200, ..SessionConfig::default() };
    let waiting: Vec<_> = (0..10_000)
        .map(|_| {
            let session = Session::open(short.clone(), None, None).unwrap();
            match session.start_execute(Request::Execute { command: Command::HangUp }, 0) {
                Ok(CommandStarted::Pending { operation }) => (session, operation),
                _ => panic!("it can't be ready"),
            }
        })
        .collect();
    for (_, operation) in &waiting {
        assert_eq!(operation.wait_for(60_000).unwrap_err().code(), "not_ready");
    }
    #[cfg(target_os = "linux")]
    {
        let threads = std::fs::read_dir("/proc/self/task").unwrap();
        let names = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("comm")).ok());
        assert_eq!(names.filter(|name| name.trim() == "webphone").count(), 1);
    }
    for (session, updates) in sessions.iter().zip(&followers) {
        session.shut_down();
        assert!(matches!(updates.start_next(16, 0), Ok(UpdatesStarted::Done { .. })));
    }
    drop((sessions, followers, waiting));
    let left = LIVE.load(Ordering::Relaxed) - before;
    assert!(left < 64 * 1024, "{left} bytes are left behind");
}

/// A session among many threads, and who follows it.
struct Busy {
    session: Session,
    updates: Updates,
    given: AtomicUsize,
    settled: Mutex<BTreeSet<i64>>,
}

impl Busy {
    fn new(clock: Option<Arc<Clock>>) -> Self {
        // Short waits, so that time takes part.
        let config = SessionConfig {
            ready_timeout_ms: 40,
            post_timeout_ms: 20,
            alive_grace_ms: 5,
            ready_grace_ms: 5,
            call_timeout_ms: 30,
            hang_up_timeout_ms: 30,
            queue_timeout_ms: 30,
            dtmf_pace_ms: 2,
            ..SessionConfig::default()
        };
        let session = Session::open(config, None, clock).unwrap();
        let updates = session.updates(65_536).unwrap();
        Self { session, updates, given: AtomicUsize::new(0), settled: Mutex::default() }
    }

    /// Takes in what followers were told: each end of a command once.
    fn follow(&self) {
        // Another thread may be following.
        while let Ok(UpdatesStarted::Done { value }) = self.updates.start_next(64, 0) {
            let mut settled = self.settled.lock().unwrap();
            for update in value {
                match update.cause {
                    Cause::Settled { id, .. } => assert!(settled.insert(id), "command {id} ended twice"),
                    Cause::Overflow { lost } => panic!("{lost} updates were lost"),
                    _ => {}
                }
            }
        }
    }

    fn act(&self, open: &mut Vec<Arc<CommandOperation>>) {
        let session = &self.session;
        match fastrand::u8(..12) {
            0 => session.page_report(PageReport::Loaded),
            1 if fastrand::u8(..8) == 0 => session.page_report(PageReport::Loading),
            1 | 2 => session.receive(CONNECTED.to_owned()),
            3 => session.receive(r#"{"message":"status","status":"encerrada"}"#.to_owned()),
            4 => session.receive(r#"{"message":"entrou_na_fila","filaId":1}"#.to_owned()),
            5 => session.receive(format!(r#"{{"message":"chamada_id","chamada_id":{}}}"#, fastrand::u32(1..9))),
            6 | 7 => {
                if let Ok(TextsStarted::Done { value }) = session.start_next_texts(4, 0) {
                    value.iter().for_each(|text| session.posted(text.n, fastrand::u8(..8) > 0));
                }
            }
            8..=10 => {
                let command = match fastrand::u8(..5) {
                    0 => Command::Call { number: PhoneNumber::parse("4000").unwrap() },
                    1 => Command::HangUp,
                    2 => Command::ToggleMute,
                    3 => Command::JoinQueue { queue: QueueId::parse("1").unwrap() },
                    _ => Command::Answer,
                };
                self.given.fetch_add(1, Ordering::SeqCst);
                if let Ok(CommandStarted::Pending { operation }) =
                    session.start_execute(Request::Execute { command }, 0)
                {
                    open.push(operation);
                }
            }
            _ => self.follow(),
        }
        if open.len() > 8 {
            let operation = open.swap_remove(fastrand::usize(..open.len()));
            match fastrand::u8(..3) {
                0 => drop(operation),
                1 => {
                    operation.cancel();
                    // Cancelled, or done before.
                    assert!(!matches!(operation.wait_for(0), Ok(None) | Err(Error::Cancelled)));
                }
                _ => drop(operation.wait_for(1)),
            }
        }
    }

    /// Every command ended, and was told of once.
    fn account(&self) {
        self.session.shut_down();
        self.follow();
        let given = self.given.load(Ordering::SeqCst) as i64;
        assert!(self.settled.lock().unwrap().iter().copied().eq(1..=given), "of {given}");
        let UpdatesStarted::Done { .. } = (match self.updates.start_next(1, 0) {
            Err(error) => {
                assert_eq!(error, Error::Closed);
                return;
            }
            Ok(started) => started,
        }) else {
            panic!("a follower waits on")
        };
    }
}

fn round() -> usize {
    let sessions: Vec<Busy> = (0..200).map(|_| Busy::new(None)).collect();
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                let mut open = Vec::new();
                for _ in 0..500 {
                    sessions[fastrand::usize(..sessions.len())].act(&mut open);
                }
            });
        }
    });
    sessions.iter().for_each(Busy::account);
    sessions.iter().map(|busy| busy.given.load(Ordering::SeqCst)).sum()
}

#[test]
fn nothing_gets_lost_among_64_threads_and_200_sessions() {
    let _alone = alone();
    let mut given = round();
    // What a round leaves for good, such as the room of the runtime's queues, the first one left.
    thread::sleep(Duration::from_millis(50));
    let before = LIVE.load(Ordering::Relaxed);
    for _ in 0..3 {
        given += round();
    }
    let grown = LIVE.load(Ordering::Relaxed) - before;
    println!("{given} commands, each accounted for; {grown} bytes more than after the first round");
    assert!(given > 10_000, "only {given} commands were given");
    assert!(grown < 256 * 1024, "{grown} bytes more after three more rounds");
}
