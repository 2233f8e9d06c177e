// fails: one hit is lost
// fails: no longer than it has to be
/// An order under which `broken::hits` counts one hit.
fn loses_a_hit() -> &'static str {
    ""
}
