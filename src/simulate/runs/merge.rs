//! The parts of one run, put together.

use std::path::Path;

use crate::simulate::runs::error::RunError;
use crate::simulate::runs::output::{PathsFormat, deliver, is_whole_run};
use crate::simulate::runs::part::Part;
use crate::simulate::runs::run::Run;
use crate::simulate::runs::statistics::Statistics;

/// What [`merge`] put together.
#[derive(Debug, Clone)]
pub struct Merged {
    /// The run, from what its parts say of themselves.
    pub run: Run,
    /// Its statistics; of the trajectories that are there, where the output is a part.
    pub statistics: Statistics,
}

/// Puts the parts that [`Run::write`] wrote into one file, in whatever order they are given.
///
/// # Errors
/// [`RunError`] for files that are no parts, are damaged or of another version; for parts of
/// different runs, trajectories that are missing (at the end a part may end early) or there twice;
/// and for an output that cannot be written.
pub fn merge(
    parts: &[impl AsRef<Path>],
    output: &Path,
    format: PathsFormat,
) -> Result<Merged, RunError> {
    let opened: Result<Vec<Part>, RunError> =
        parts.iter().map(|path| Part::open(path.as_ref())).collect();
    let mut parts = opened?;
    parts.sort_by_key(|part| (part.header.first, part.header.count));
    let Some(first) = parts.first() else {
        return Err(RunError::Parts("there are no parts to merge".into()));
    };
    let name = first.path.clone();
    let run = run_of(first)?;
    let mut next = 0;
    for part in &parts {
        if !part.header.same_run(&first.header) {
            let (one, other) = (name.display(), part.path.display());
            let text = format!("{one} and {other} are of different runs");
            return Err(RunError::Parts(text));
        }
        if part.header.first != next {
            let what = if part.header.first > next {
                "missing"
            } else {
                "given twice"
            };
            let (from, to) = (next.min(part.header.first), next.max(part.header.first));
            return Err(RunError::Parts(trajectories(from, to, what)));
        }
        next = part.header.range().end;
    }
    let all = run.plan().trajectories;
    if format != PathsFormat::Part && !is_whole_run(&parts) {
        return Err(RunError::Parts(trajectories(next, all, "missing")));
    }
    let statistics = deliver(&parts, run.work(), output, format)?;
    Ok(Merged { run, statistics })
}

/// The run that a part says it is of.
fn run_of(part: &Part) -> Result<Run, RunError> {
    let header = &part.header;
    let version = env!("CARGO_PKG_VERSION");
    if header.version != version {
        let reason = format!("it is of version {}; this is {version}", header.version);
        return Err(RunError::file(&part.path, reason));
    }
    let run = header.run.work().and_then(Run::of);
    let run = run.map_err(|error| RunError::file(&part.path, error))?;
    let beyond = header.range().end > run.plan().trajectories;
    if beyond || run.numbers_per_trajectory() as u64 != header.row {
        return Err(RunError::file(&part.path, "it is damaged"));
    }
    Ok(run.titled(header.title.clone()))
}

fn trajectories(from: u64, to: u64, what: &str) -> String {
    format!("trajectories {} to {to} are {what}", from + 1)
}
