//! Words and numbers as people write them. Everything else is refused, and written as bytes.

use crate::words;
use serde::{Serialize, Serializer, ser};
use std::fmt::{self, Display, Write};

/// Appends to this text.
pub(super) struct Plain<'a>(pub(super) &'a mut String);

/// It is neither a word nor a number.
#[derive(Debug)]
pub(super) struct Refused;

type Result = std::result::Result<(), Refused>;
type No = ser::Impossible<(), Refused>;

impl Plain<'_> {
    fn put(self, value: impl Display) -> Result {
        write!(self.0, "{value}").map_err(|_| Refused)
    }
}

macro_rules! shown {
    ($($name:ident: $type:ty),*) => {$(
        fn $name(self, value: $type) -> Result {
            self.put(value)
        }
    )*};
}

macro_rules! refused {
    ($($name:ident($($type:ty),*) -> $ok:ty;)*) => {$(
        fn $name(self, $(_: $type),*) -> std::result::Result<$ok, Refused> {
            Err(Refused)
        }
    )*};
}

impl Serializer for Plain<'_> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    shown! {
        serialize_bool: bool,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_i128: i128, serialize_u128: u128
    }

    fn serialize_f32(self, value: f32) -> Result {
        // NaN has many bit patterns, which bytes preserve.
        if value.is_nan() { Err(Refused) } else { self.put(value) }
    }

    fn serialize_f64(self, value: f64) -> Result {
        if value.is_nan() { Err(Refused) } else { self.put(value) }
    }

    fn serialize_char(self, value: char) -> Result {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result {
        super::escape(self.0, value);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result {
        Err(Refused)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result {
        Err(Refused)
    }

    refused! {
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_seq(Option<usize>) -> No;
        serialize_tuple(usize) -> No;
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_map(Option<usize>) -> No;
        serialize_struct(&'static str, usize) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }

    // Bytes are read back by postcard, which is not for people.
    fn is_human_readable(&self) -> bool {
        false
    }
}

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(words::not_plain_text())
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: Display>(_: T) -> Self {
        Refused
    }
}
