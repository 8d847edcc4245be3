//! Progress on stderr: a live line on a terminal, a plain line per stage elsewhere.

use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};

/// A part of a run: its name, and the percentage of the run's time that it takes.
pub type Stage = (String, f64);

fn percent_of_time(stages: &[Stage]) -> f64 {
    stages.iter().map(|(_, percent)| percent).sum()
}

/// The progress of a run, stage by stage.
pub struct Meter {
    bar: Option<ProgressBar>,
    stage: String,
    layers: AtomicU64,
    started: Instant,
    /// Of the whole run, and the shares of what is done after this stage and of what is then left.
    run_started: Instant,
    done: f64,
    left: f64,
}

impl Meter {
    pub fn start(stages: &[Stage], index: usize, run_started: Instant) -> Self {
        let stage = format!("[{}/{}] {}", index + 1, stages.len(), stages[index].0);
        let (before, from_here) = stages.split_at(index);
        let so_far = run_started.elapsed().as_secs_f64();
        let expected =
            (index > 0).then(|| so_far * percent_of_time(from_here) / percent_of_time(before));
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            let template = "{spinner} {msg}: {human_pos} layers, {per_sec}, {elapsed}{left}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.with_key(
                    "left",
                    move |state: &ProgressState, out: &mut dyn Write| {
                        if let Some(expected) = expected {
                            let left = (expected - state.elapsed().as_secs_f64()).max(1.0);
                            let _ = write!(
                                out,
                                ", about {} left",
                                HumanDuration(Duration::from_secs_f64(left))
                            );
                        }
                    },
                ));
            }
            bar.set_message(stage.clone());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            bar,
            stage,
            layers: AtomicU64::new(0),
            started: Instant::now(),
            run_started,
            done: percent_of_time(&stages[..=index]),
            left: percent_of_time(&stages[index + 1..]),
        }
    }

    pub fn add(&self, layers: u64) {
        self.layers.fetch_add(layers, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.inc(layers);
        }
    }

    pub fn finish(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let seconds = self.started.elapsed().as_secs_f64();
        let rate = self.layers.load(Ordering::Relaxed) as f64 / seconds / 1e3;
        let mut line = format!(
            "{}: done in {seconds:.1} s, {rate:.0} thousand layers a second",
            self.stage
        );
        if self.left > 0.0 {
            let left = self.run_started.elapsed().as_secs_f64() * self.left / self.done;
            line += &format!(", about {left:.0} s left");
        }
        eprintln!("{line}");
    }
}

/// A bar with rate and time left, on a terminal only.
pub struct Bar(Option<ProgressBar>);

impl Bar {
    pub fn start(what: &'static str, unit: &str, total: u64) -> Self {
        Self(std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total);
            let template = format!(
                "{{msg}} {{bar:30}} {{percent}} % of {{human_len}} {unit}, {{per_sec}}, {{eta}} left"
            );
            if let Ok(style) = ProgressStyle::with_template(&template) {
                bar.set_style(style);
            }
            bar.set_message(what);
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        }))
    }

    pub fn add(&self, steps: u64) {
        if let Some(bar) = &self.0 {
            bar.inc(steps);
        }
    }

    /// Of a total that is only now known.
    pub fn add_of(&self, steps: u64, total: u64) {
        if let Some(bar) = &self.0 {
            bar.set_length(total);
            bar.inc(steps);
        }
    }

    /// What happened last.
    pub fn say(&self, what: String) {
        if let Some(bar) = &self.0 {
            bar.set_message(what);
        }
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
