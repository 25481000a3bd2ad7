//! Holds the exported interface to its rules, by the metadata that UniFFI leaves in the built library: what Kotlin,
//! Swift and Python see is checked, not what the source looks like.
#![cfg(feature = "bindgen")]

mod interface;
mod made_by_hand;
mod rules;

use interface::Interface;

/// The exported interface of the library that the driver built.
fn built_interface() -> Interface {
    let path = std::env::var_os("WEBPHONE_CDYLIB")
        .expect("WEBPHONE_CDYLIB has to name the built, unstripped library: run this by `make test`, which builds it");
    let library = std::fs::read(&path).unwrap_or_else(|error| panic!("can't read {}: {error}", path.display()));
    let metadata = uniffi_bindgen::macro_metadata::extract_from_bytes(&library).expect("metadata is readable");
    assert!(!metadata.is_empty(), "{} holds no metadata: it is stripped, or another library", path.display());
    Interface::new(metadata)
}

#[test]
fn every_rule_holds_for_the_built_library() {
    let violations = rules::violations(&built_interface());
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}

/// What all of this stands on: were the reading wrong, no rule could be violated.
#[test]
fn the_built_library_exports_what_the_rules_speak_of() {
    let interface = built_interface();
    assert!(interface.types.contains_key(rules::LIBRARY_ERROR), "no {}", rules::LIBRARY_ERROR);
    let names: Vec<&str> = interface.callables.iter().map(|callable| callable.name.as_str()).collect();
    for name in ["parse", "reveal", "describe", "code"] {
        assert!(names.contains(&name), "no callable `{name}` among {names:?}");
    }
}
