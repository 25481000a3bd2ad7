//! What every checked text is besides itself: shown as it is, made of text and nothing else, and carried as text, in JSON and
//! to other languages.

/// For a type with one field that shows itself as its text, and `parse`, which alone makes it.
macro_rules! checked_text {
    ($($name:ident),* $(,)?) => {$(
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::Error;

            fn from_str(written: &str) -> Result<Self, $crate::Error> {
                Self::parse(written)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::Error;

            fn try_from(written: &str) -> Result<Self, $crate::Error> {
                Self::parse(written)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::Error;

            fn try_from(written: String) -> Result<Self, $crate::Error> {
                Self::parse(&written)
            }
        }

        impl From<$name> for String {
            fn from(checked: $name) -> String {
                checked.0.into()
            }
        }

        impl $crate::fields::Read for $name {
            fn read(value: ::serde_json::Value) -> Option<Self> {
                value.as_str().and_then(|text| Self::parse(text).ok())
            }
        }

        ::uniffi::custom_type!($name, String, {
            try_lift: |written| Ok($name::parse(&written)?),
            lower: |checked| checked.into(),
        });
    )*};
}
pub(super) use checked_text;
