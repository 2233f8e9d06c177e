//! The crate seen from outside: one binary, one module a subject.

mod tidy;
