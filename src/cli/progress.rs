//! Progress on stderr: a live line on a terminal, a plain line per stage elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::theorems::Theorem;

pub struct Meter {
    bar: Option<ProgressBar>,
    stage: String,
    started: Instant,
}

impl Meter {
    pub fn start(theorem: Theorem, index: usize, total: usize) -> Self {
        let stage = format!("[{index}/{total}] {theorem} {}", theorem.title());
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            let template = "{spinner} {msg}: {human_pos} layers, {per_sec}, {elapsed}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_message(stage.clone());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            bar,
            stage,
            started: Instant::now(),
        }
    }

    pub fn add(&self, layers: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(layers);
        }
    }

    pub fn finish(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        eprintln!(
            "{}: done in {:.1} s",
            self.stage,
            self.started.elapsed().as_secs_f64()
        );
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
