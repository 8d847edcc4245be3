//! Long work on all cores, which Ctrl-C stops.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// How often the calling thread looks for signals.
const TICK: Duration = Duration::from_millis(50);

/// The pool of this process, with the process's number: a forked child has its parent's pool in
/// memory, but none of its threads, and would wait for them for ever.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// A pool of so many threads, or the one of all cores (`RAYON_NUM_THREADS`).
fn pool(threads: Option<usize>) -> PyResult<Arc<ThreadPool>> {
    let build = |threads| {
        let built = ThreadPoolBuilder::new().num_threads(threads).build();
        built
            .map(Arc::new)
            .map_err(|e| PyRuntimeError::new_err(e.to_string()))
    };
    if let Some(threads) = threads {
        return build(threads);
    }
    let process = std::process::id();
    let mut shared = POOL
        .lock()
        .map_err(|_| PyRuntimeError::new_err("no threads"))?;
    match shared.take() {
        Some((owner, pool)) if owner == process => {
            *shared = Some((owner, pool.clone()));
            return Ok(pool);
        }
        // the parent's: its threads, which do not exist here, are not to be ended
        parents => std::mem::forget(parents),
    }
    let made = build(0)?;
    *shared = Some((process, made.clone()));
    Ok(made)
}

/// `work` in the pool, without the interpreter's lock. The calling thread calls `tick` now and then,
/// and returns at once with the exception when a signal's handler raises one (Ctrl-C); `work` is
/// told by its flag, and what it returns then is dropped.
pub fn run<T: Send + 'static>(
    py: Python<'_>,
    threads: Option<usize>,
    mut tick: impl FnMut(Python<'_>) -> PyResult<()>,
    work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
) -> PyResult<T> {
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, mut receiver) = mpsc::channel();
    let pool = pool(threads)?;
    let flag = stop.clone();
    pool.spawn(move || {
        // a panic that left a spawned task would end the process
        if let Ok(found) = catch_unwind(AssertUnwindSafe(|| work(&flag))) {
            // nobody waits for it after a signal
            let _ = sender.send(found);
        }
    });
    loop {
        let waiting = &mut receiver;
        match py.detach(move || waiting.recv_timeout(TICK)) {
            Ok(found) => {
                tick(py)?;
                return Ok(found);
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err("the computation failed"));
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Err(raised) = py.check_signals().and_then(|()| tick(py)) {
                    stop.store(true, Relaxed);
                    return Err(raised);
                }
            }
        }
    }
}
