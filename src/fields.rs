//! A JSON object, read field by field. A derived reader of an enumeration with many variants does the same in ten times
//! the code, and the library is to be small.

use serde_json::{Map, Value};

/// What can be read from a JSON value; none when the value is no such thing.
pub(crate) trait Read: Sized {
    fn read(value: Value) -> Option<Self>;
}

/// The fields of an object that are not read yet.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn of(value: Value) -> Option<Self> {
        if let Value::Object(fields) = value { Some(Self(fields)) } else { None }
    }

    /// A field that has to be there, unless its type can be made of `null`.
    pub(crate) fn take<T: Read>(&mut self, name: &str) -> Option<T> {
        T::read(self.value(name))
    }

    /// A field with what it is when it is missing or `null`.
    pub(crate) fn take_or<T: Read>(&mut self, name: &str, usual: T) -> Option<T> {
        match self.value(name) {
            Value::Null => Some(usual),
            value => T::read(value),
        }
    }

    /// What was read, if nothing else was there.
    pub(crate) fn end<T>(self, read: T) -> Option<T> {
        self.0.is_empty().then_some(read)
    }

    /// The fields that were not read.
    pub(crate) fn rest(self) -> Map<String, Value> {
        self.0
    }

    fn value(&mut self, name: &str) -> Value {
        self.0.remove(name).unwrap_or_default()
    }
}

impl Read for Value {
    fn read(value: Value) -> Option<Self> {
        Some(value)
    }
}

impl Read for bool {
    fn read(value: Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Read for i64 {
    fn read(value: Value) -> Option<Self> {
        value.as_i64()
    }
}

impl Read for i32 {
    fn read(value: Value) -> Option<Self> {
        value.as_i64()?.try_into().ok()
    }
}

impl Read for String {
    fn read(value: Value) -> Option<Self> {
        if let Value::String(text) = value { Some(text) } else { None }
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(value: Value) -> Option<Self> {
        if let Value::Array(items) = value { items.into_iter().map(T::read).collect() } else { None }
    }
}

impl<T: Read> Read for Option<T> {
    fn read(value: Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::read(value).map(Some) }
    }
}

/// Has serde read a type that is read here.
macro_rules! deserialize {
    ($($name:ty),* $(,)?) => {$(
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let value = <::serde_json::Value as ::serde::Deserialize>::deserialize(from)?;
                $crate::fields::Read::read(value)
                    .ok_or_else(|| ::serde::de::Error::custom(concat!("this is no ", stringify!($name))))
            }
        }
    )*};
}
pub(crate) use deserialize;
