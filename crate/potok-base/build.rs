//! Hands the compiler's optimisation level to the library, so that every
//! measurement can say how its code was built.

fn main() {
    let level = std::env::var("OPT_LEVEL").unwrap_or_else(|_| "?".to_owned());
    println!("cargo::rustc-env=POTOK_OPT_LEVEL={level}");
    println!("cargo::rerun-if-changed=build.rs");
}
