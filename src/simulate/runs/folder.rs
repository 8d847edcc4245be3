//! The folder in which a run keeps its finished parts until all are there.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Instant;

use fs4::TryLockError;

use crate::simulate::runs::error::RunError;
use crate::simulate::runs::output::{PathsFormat, deliver};
use crate::simulate::runs::part::{Header, Part, PartWriter, UNFINISHED};
use crate::simulate::runs::statistics::Statistics;
use crate::simulate::runs::watch::Watch;
use crate::simulate::runs::work::Work;

/// Bytes of a part, and seconds of work that an interruption may lose.
const PART_BYTES: f64 = 64e6;
const PART_SECONDS: f64 = 20.0;

/// How much larger than the one before a part may be: the time of a trajectory is learnt from
/// small parts.
const GROWTH: f64 = 8.0;

/// Name of the file that a run locks while it writes parts.
const LOCK: &str = "lock";

/// Where the parts of an output are until it is finished: beside it, under its name with `.parts`
/// added.
pub fn folder_of_parts(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".parts");
    PathBuf::from(name)
}

/// Simulates the parts that are missing, then makes the output of all.
pub(super) fn write(
    work: &Work,
    header: &Header,
    (path, format): (&Path, PathsFormat),
    watch: &Watch,
) -> Result<Statistics, RunError> {
    let folder = folder_of_parts(path);
    std::fs::create_dir_all(&folder).map_err(|e| RunError::file(&folder, e))?;
    let _lock = lock(&folder)?;
    let mut parts = finished(&folder, header)?;
    let missing = missing(&parts, header.range());
    let simulated = simulate(work, &missing, (&folder, header), watch);
    parts.extend(simulated.map_err(|cause| RunError::Interrupted {
        cause: Box::new(cause),
        folder: folder.clone(),
    })?);
    parts.sort_by_key(|part| part.header.first);
    if parts.is_empty() {
        // a share of nothing is a part without trajectories
        let name = folder.join("empty.part");
        PartWriter::create(&name, header)?.finish()?;
        parts.push(Part::open(&name)?);
    }
    let statistics = deliver(&parts, work, path, format)?;
    std::fs::remove_dir_all(&folder).map_err(|e| RunError::file(&folder, e))?;
    Ok(statistics)
}

/// Simulates the gaps, a part at a time.
fn simulate(
    work: &Work,
    gaps: &[Range<u64>],
    (folder, header): (&Path, &Header),
    watch: &Watch,
) -> Result<Vec<Part>, RunError> {
    let meter = work.meter(watch, gaps.iter().map(|gap| gap.end - gap.start).sum());
    let most = (PART_BYTES / (8.0 * header.row as f64)).max(1.0);
    let mut size = most.min(rayon::current_num_threads() as f64);
    let mut parts = Vec::new();
    for gap in gaps {
        let mut first = gap.start;
        while first < gap.end {
            let started = Instant::now();
            let header = Header {
                first,
                count: (size as u64).min(gap.end - first),
                ..header.clone()
            };
            let path = folder.join(format!("{first:020}.part"));
            let mut writer = PartWriter::create(&path, &header)?;
            work.batches(header.range(), &meter, |paths| {
                for path in paths {
                    let norms = path.log_norms.into_iter().chain(path.cosines);
                    let products = path.tangents.into_iter().chain(path.gradients);
                    writer.push(norms.chain(products))?;
                }
                Ok(())
            })?;
            writer.finish()?;
            first += header.count;
            let each = started.elapsed().as_secs_f64() / header.count as f64;
            size = (PART_SECONDS / each).min(GROWTH * size).min(most).max(1.0);
            parts.push(Part { path, header });
        }
    }
    Ok(parts)
}

/// Keeps a second run away from the folder until the file is dropped.
fn lock(folder: &Path) -> Result<File, RunError> {
    let path = folder.join(LOCK);
    let file = File::create(&path).map_err(|e| RunError::file(&path, e))?;
    match fs4::FileExt::try_lock(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(RunError::file(
            folder,
            "another run is writing its parts there",
        )),
        Err(TryLockError::Error(error)) => Err(RunError::file(&path, error)),
    }
}

/// The parts that an interrupted run has left; those of another run are refused, unfinished files
/// removed.
fn finished(folder: &Path, header: &Header) -> Result<Vec<Part>, RunError> {
    let mut parts = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| RunError::file(folder, e))? {
        let path = entry.map_err(|e| RunError::file(folder, e))?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        if name.is_some_and(|name| name.starts_with(UNFINISHED)) {
            std::fs::remove_file(&path).map_err(|e| RunError::file(&path, e))?;
            continue;
        }
        if path.ends_with(LOCK) {
            continue;
        }
        let part = Part::open(&path)?;
        let (range, wanted) = (part.header.range(), header.range());
        let inside = range.start >= wanted.start && range.end <= wanted.end;
        if !part.header.same_run(header) || !inside {
            let reason = "it holds parts of a run with other arguments; \
                          finish that run, remove the folder, or choose another output";
            return Err(RunError::file(folder, reason));
        }
        parts.push(part);
    }
    parts.sort_by_key(|part| part.header.first);
    Ok(parts)
}

/// What the parts leave open of the range.
fn missing(parts: &[Part], range: Range<u64>) -> Vec<Range<u64>> {
    let mut gaps = Vec::new();
    let mut next = range.start;
    for part in parts {
        if part.header.first > next {
            gaps.push(next..part.header.first);
        }
        next = next.max(part.header.range().end);
    }
    if next < range.end {
        gaps.push(next..range.end);
    }
    gaps
}
