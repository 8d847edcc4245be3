//! The program `isomoment`; everything it does is in `cli`.

fn main() -> std::process::ExitCode {
    isomoment_cli::cli::main()
}
