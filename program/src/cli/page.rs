//! `isomoment page`: the page on which constants are looked up, in a browser and without a network.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cli::outcome::{Outcome, print};
use crate::output::{Artifact, prepare, write_all};

const EXAMPLES: &str = "Examples:
  isomoment page
  isomoment page --output elsewhere --no-open";

/// The page as page/build.sh made it.
const PAGE: &[u8] = include_bytes!("page.html");

const NAME: &str = "index.html";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Folder for the page, one file index.html
    #[arg(long, value_name = "DIR", default_value = "isomoment-page")]
    output: PathBuf,
    /// Only write it
    #[arg(long)]
    no_open: bool,
}

pub fn run(args: &Args) -> Outcome {
    let _alone = prepare(&args.output)?;
    write_all(&args.output, &[Artifact::new(NAME, PAGE)])?;
    let path = args.output.join(NAME);
    print(&format!("{}\n", path.display()))?;
    if !args.no_open
        && let Err(reason) = open(&path)
    {
        // the page is there, and a browser may be elsewhere
        eprintln!("no browser was opened ({reason}): open the file in one");
    }
    Ok(true)
}

/// Hands a file to the system's choice of a program, and does not wait for it.
fn open(path: &Path) -> io::Result<()> {
    let path = path.canonicalize()?;
    let (opener, before): (_, &[&str]) = match std::env::consts::OS {
        "windows" => ("cmd", &["/C", "start", ""]),
        "macos" => ("open", &[]),
        _ => ("xdg-open", &[]),
    };
    let arguments = before.iter().map(OsStr::new).chain([path.as_os_str()]);
    let mut command = Command::new(opener);
    command.args(arguments).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(drop)
}
