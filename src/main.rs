//! The program `isomoment`; everything it does is in the library's `cli`.

fn main() -> std::process::ExitCode {
    isomoment::cli::main()
}
