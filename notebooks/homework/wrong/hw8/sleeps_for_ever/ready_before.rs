// fails: nobody wakes thread 1
/// An order under which thread 1 of `broken::coffee` sleeps for ever.
fn sleeps_for_ever() -> &'static str {
    "2211"
}
