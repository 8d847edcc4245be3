//! `isomoment page`: the built page, written and opened.

use std::fs;

use crate::common::{isomoment, refused, text};

const BUILT: &[u8] = include_bytes!("../src/cli/page.html");

#[test]
fn it_is_the_built_page_also_over_an_older_one() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("new").join("folder");
    let page = output.join("index.html");
    for _ in 0..2 {
        let run = isomoment(&["page", "--no-open", "--output", output.to_str().unwrap()]);
        assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
        assert_eq!(text(&run.stdout), format!("{}\n", page.display()));
        assert!(run.stderr.is_empty(), "{}", text(&run.stderr));
        assert!(fs::read(&page).unwrap() == BUILT);
        fs::write(&page, "older").unwrap();
    }
    assert_eq!(fs::read_dir(&output).unwrap().count(), 1);
    // the page itself, not a link's text as some systems check links out
    assert!(BUILT.starts_with(b"<!doctype html>"));
}

#[test]
fn a_folder_that_cannot_be_made_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let inside = file.join("folder");
    let wanted = inside.to_str().unwrap();
    refused(
        &["page", "--no-open", "--output", wanted],
        &["output", wanted],
    );
    refused(&["page", "--output"], &["--output"]);
}

#[cfg(target_os = "linux")]
#[test]
fn it_is_handed_to_the_system_to_open() {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;
    use std::time::{Duration, Instant};

    let folder = tempfile::tempdir().unwrap();
    let opener = folder.path().join("xdg-open");
    fs::write(
        &opener,
        "#!/bin/sh\nprintf %s \"$1\" > \"$0.part\" && mv \"$0.part\" \"$0.opened\"\n",
    )
    .unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    let run = |path: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_isomoment"));
        let output = command
            .args(["page", "--output", "there"])
            .env("PATH", path);
        output.current_dir(folder.path()).output().unwrap()
    };

    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    assert_eq!(run(&path).status.code(), Some(0));
    let opened = folder.path().join("xdg-open.opened");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !opened.exists() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    let page = folder
        .path()
        .join("there")
        .join("index.html")
        .canonicalize();
    assert_eq!(
        fs::read_to_string(opened).unwrap(),
        page.unwrap().to_str().unwrap()
    );

    // without a program that opens files the page is written all the same
    fs::remove_dir_all(folder.path().join("there")).unwrap();
    let without = run("/nowhere");
    assert_eq!(without.status.code(), Some(0));
    assert!(text(&without.stderr).contains("no browser was opened"));
    assert!(fs::read(folder.path().join("there").join("index.html")).unwrap() == BUILT);
}
