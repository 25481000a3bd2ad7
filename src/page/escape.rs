//! The one way for a value into markup or script.

/// Where a value is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Between tags, or between the double quotes of an attribute.
    Markup,
    /// Into a script, as a JSON text that is one of its expressions.
    Script,
}

/// A text that means the same in that place and can't end it: no tag, quote, comment or line begins in it.
pub(super) fn escape(text: &str, place: Place) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        let special = matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
        match place {
            Place::Markup if special || matches!(c, '"' | '\'' | '`') || c.is_control() => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            // In JSON these stand inside of strings only.
            Place::Script if special => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "\"'`</script><!--\u{2028}\u{2029}&amp;\n";

    #[test]
    fn nothing_ends_an_attribute_or_a_text() {
        let escaped = escape(HOSTILE, Place::Markup);
        assert_eq!(escaped, "&#34;&#39;&#96;&#60;/script&#62;&#60;!--&#8232;&#8233;&#38;amp;&#10;");
    }

    #[test]
    fn a_script_reads_the_same_value_and_no_tag_stands_in_it() {
        let json = serde_json::to_string(HOSTILE).unwrap();
        let escaped = escape(&json, Place::Script);
        assert!(!escaped.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), HOSTILE);
    }
}
