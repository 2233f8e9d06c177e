//! One binary around `evcxr_jupyter`; see the roles in `main`.

fn main() {
    let _ = evcxr_jupyter::main();
}
