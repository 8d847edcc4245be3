//! The arguments of a run of checks.

use std::time::Instant;

use clap::{Args, ValueEnum};

use crate::cli::outcome::Refusal;
use crate::cli::progress::{Meter, Stage};
use isomoment::theorems::paper::{self, Redrawn};
use isomoment::theorems::{Findings, Progress, Settings, Theorem};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Effort {
    /// Sample sizes that give every test its stated power
    Quick,
    /// Two and a half times as many
    Standard,
    /// Sixteen times as many
    Thorough,
}

impl Effort {
    fn multiple(self) -> f64 {
        Settings::EFFORTS[self as usize].1
    }
}

#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// How much to simulate
    #[arg(long, value_name = "EFFORT")]
    effort: Option<Effort>,
    /// Seed: the same seed gives the same numbers on any machine and number of cores
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Number of threads [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl RunArgs {
    pub fn settings(&self, default: Effort) -> Settings {
        Settings {
            seed: self.seed,
            effort: self.effort.unwrap_or(default).multiple(),
        }
    }

    /// Runs the theorems on the wanted number of threads, with progress on stderr.
    pub fn run(&self, theorems: &[Theorem], settings: &Settings) -> Result<Vec<Findings>, Refusal> {
        self.run_each(theorems, |theorem, progress| {
            theorem.run(settings, progress)
        })
    }

    /// The same where a theorem's run is another one than its own.
    pub fn run_each(
        &self,
        theorems: &[Theorem],
        find: impl Fn(Theorem, &Progress) -> isomoment::Result<Findings> + Sync,
    ) -> Result<Vec<Findings>, Refusal> {
        let pool = thread_pool(self.threads)?;
        let stage = |t: &Theorem| (format!("{t} {}", t.title()), t.percent_of_time());
        let stages: Vec<Stage> = theorems.iter().map(stage).collect();
        let mut findings = Vec::new();
        let started = Instant::now();
        for (index, theorem) in theorems.iter().enumerate() {
            let meter = Meter::start(&stages, index, started);
            findings.push(pool.install(|| find(*theorem, &|layers| meter.add(layers)))?);
            meter.finish();
        }
        Ok(findings)
    }

    /// The paper's figures, redrawn, likewise.
    pub fn redraw(&self, settings: &Settings) -> Result<Vec<Redrawn>, Refusal> {
        let pool = thread_pool(self.threads)?;
        let stages = [("The paper, figure by figure".to_string(), 100.0)];
        let meter = Meter::start(&stages, 0, Instant::now());
        let redrawn = pool.install(|| paper::redrawn(settings, &|layers| meter.add(layers)))?;
        meter.finish();
        Ok(redrawn)
    }
}

/// Threads to work on; all cores unless their number is given.
pub fn thread_pool(threads: Option<usize>) -> Result<rayon::ThreadPool, Refusal> {
    if !threads.is_none_or(|threads| (1..=MOST_THREADS).contains(&threads)) {
        let given = threads.unwrap_or_default();
        return Err(Refusal(format!(
            "--threads is {given}; it must be from 1 to {MOST_THREADS}"
        )));
    }
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0));
    Ok(builder.build()?)
}

/// More threads than any machine has cores only cost memory.
const MOST_THREADS: usize = 1024;
