//! Work on all cores. The code of the pool is compiled once, not for every kind of work: it was a
//! fifth of this library's.

use std::sync::Mutex;

use rayon::prelude::*;

/// Pieces that a core takes at least, of long work: then none is idle for long at the end.
const PIECES: usize = 64;

/// What `of` makes of 0, 1, …, `count` − 1, in this order, on the cores of the current pool.
///
/// # Panics
/// When `of` does.
pub fn on_all_cores<T: Send>(count: usize, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let made: Vec<Mutex<Option<T>>> = (0..count).map(|_| Mutex::new(None)).collect();
    for_each(count, &|index| {
        let one = of(index);
        *made[index].lock().expect("nothing panics here") = Some(one);
    });
    made.into_iter()
        .map(|one| {
            let one = one.into_inner().expect("nothing panics here");
            one.expect("all were made")
        })
        .collect()
}

fn for_each(count: usize, one: &(dyn Fn(usize) + Sync)) {
    let most = count / (PIECES * rayon::current_num_threads());
    let indices = (0..count).into_par_iter().with_max_len(most.max(1));
    indices.for_each(one);
}
