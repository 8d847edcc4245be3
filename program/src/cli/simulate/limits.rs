//! Runs that would take more time, memory or disk than anyone means are refused before they start.

use std::path::Path;

use crate::cli::outcome::Refusal;
use isomoment::simulate::runs::{Run, Shard, folder_of_parts};

/// Longest run: thirty days.
const MOST_SECONDS: f64 = 30.0 * 86_400.0;

/// Largest memory in bytes: 16 GiB.
const MOST_MEMORY: f64 = 16.0 * (1_u64 << 30) as f64;

/// Refuses a share of a run on `threads` threads if it is absurd.
pub fn check(
    run: &Run,
    shard: Shard,
    threads: usize,
    output: Option<&Path>,
) -> Result<(), Refusal> {
    let range = shard.of(run.plan().trajectories);
    let trajectories = range.end - range.start;
    let seconds = run.networks().seconds_per_path() * trajectories as f64 / threads as f64;
    if seconds > MOST_SECONDS {
        return Err(Refusal(format!(
            "this would take about {} on {threads} threads, and 30 days is the limit; \
             ask for fewer --trajectories, layers or units, or give a --shard to each of several machines",
            duration(seconds)
        )));
    }
    let memory = memory(run, trajectories, threads);
    if memory > MOST_MEMORY {
        return Err(Refusal(format!(
            "this would need about {} of memory, and 16 GB is the limit; \
             ask for smaller layers, fewer --inputs or --threads, or --record last",
            size(memory)
        )));
    }
    let Some(path) = output else { return Ok(()) };
    // parts and output at the same time; a number in a CSV takes about 24 bytes
    let numbers = trajectories as f64 * run.numbers_per_trajectory() as f64;
    let text = path.extension().is_some_and(|e| e == "csv");
    let bytes = numbers * if text { 32.0 } else { 16.0 };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let free = fs4::available_space(folder)
        .map_err(|e| Refusal(format!("{}: {e}", folder.display())))? as f64;
    if bytes - finished(path) > free {
        return Err(Refusal(format!(
            "the output and its parts would take about {}, and {} has {} free; \
             ask for fewer --trajectories or --record last",
            size(bytes),
            folder.display(),
            size(free)
        )));
    }
    Ok(())
}

/// Bytes that an interrupted run has already written.
fn finished(path: &Path) -> f64 {
    let entries = std::fs::read_dir(folder_of_parts(path));
    let entries = entries.into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.metadata().ok())
        .map(|data| data.len() as f64)
        .sum()
}

/// Bytes: the batch's paths, what each thread holds, and the list of layers.
fn memory(run: &Run, trajectories: u64, threads: usize) -> f64 {
    let networks = run.networks();
    let batch = run.batch().min(trajectories) as f64;
    let each = networks.numbers_per_thread();
    8.0 * (each * threads as f64 + batch * run.numbers_per_trajectory() as f64)
        + 32.0 * networks.depth() as f64
}

fn duration(seconds: f64) -> String {
    let days = seconds / 86_400.0;
    if days < 1000.0 {
        format!("{days:.0} days")
    } else if days < 365.25e6 {
        format!("{:.0} years", days / 365.25)
    } else {
        format!("{:.0e} years", days / 365.25)
    }
}

fn size(bytes: f64) -> String {
    let names = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let step = ((bytes.max(1.0).log10() / 3.0) as usize).min(names.len() - 1);
    format!("{:.0} {}", bytes / 1000_f64.powi(step as i32), names[step])
}
