//! The reverse: a word or a number, as a given type.

use crate::words;
use serde::de::{self, Deserializer, Visitor, value::Error};
use std::fmt::Display;
use std::str::FromStr;

/// The text of a value.
pub(super) struct Plain<'a>(pub(super) &'a str);

impl Plain<'_> {
    fn parsed<T: FromStr<Err: Display>>(&self) -> Result<T, Error> {
        self.0.parse().map_err(de::Error::custom)
    }

    fn string(&self) -> Result<String, Error> {
        super::unescape(self.0)
            .ok_or_else(|| de::Error::custom(words::unknown_escape()))
    }
}

macro_rules! parsed {
    ($($name:ident => $visit:ident),*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.parsed()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Plain<'_> {
    type Error = Error;

    parsed! {
        deserialize_bool => visit_bool,
        deserialize_i8 => visit_i8, deserialize_i16 => visit_i16,
        deserialize_i32 => visit_i32, deserialize_i64 => visit_i64,
        deserialize_u8 => visit_u8, deserialize_u16 => visit_u16,
        deserialize_u32 => visit_u32, deserialize_u64 => visit_u64,
        deserialize_i128 => visit_i128, deserialize_u128 => visit_u128,
        deserialize_f32 => visit_f32, deserialize_f64 => visit_f64
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.string()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.string()?)
    }

    fn deserialize_string<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_string(self.string()?)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom(words::plain_text()))
    }

    serde::forward_to_deserialize_any! {
        bytes byte_buf option unit unit_struct seq tuple tuple_struct map struct enum
        identifier ignored_any
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
