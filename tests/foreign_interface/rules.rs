//! The rules of the exported interface. Each is a pure function from the interface to sentences about what breaks it.

use uniffi_meta::{FieldMetadata, Type};

use crate::interface::{Callable, Interface, Shape, bare, parts};

/// The one error that exported functions throw.
pub(crate) const LIBRARY_ERROR: &str = "WebphoneError";

/// `async` callables that rightly have no `start_…` twin, as `Owner.name`.
const WITHOUT_TWIN: &[&str] = &[
    // Callers that block and want texts use `fetch` of the table behind `direct_functions`, which waits in slices too.
    "Client.fetch_json",
];

/// Names that a host language's own objects carry: an exported method of that name hides theirs or does not compile.
const TAKEN_NAMES: &[&str] =
    &["close", "destroy", "tostring", "hashcode", "equals", "wait", "notify", "notifyall", "getclass", "finalize"];

/// Words of a field's name that promise a secret. Records and enums print all of their fields.
const SECRET_WORDS: &[&str] =
    &["token", "password", "passphrase", "key", "secret", "signature", "credential", "credentials"];

/// Words of a number's name that promise a time, which then has to say its unit.
const TIME_WORDS: &[&str] =
    &["timeout", "delay", "interval", "duration", "elapsed", "deadline", "expires", "at", "after", "margin", "age"];

/// Words of a name that say a unit of time other than the one that is used everywhere.
const OTHER_TIME_UNITS: &[&str] =
    &["s", "sec", "secs", "second", "seconds", "millis", "milliseconds", "us", "ns", "minutes"];

type Rule = fn(&Interface) -> Vec<String>;

/// All rules, in the order in which their violations are listed.
const RULES: &[Rule] = &[
    owners_are_exported,
    no_type_that_a_host_lacks,
    no_foreign_trait,
    no_taken_name,
    no_error_field_called_message,
    only_the_library_error_is_thrown,
    what_validates_can_throw,
    async_has_a_blocking_twin,
    no_secret_in_a_field,
    times_are_in_milliseconds,
    everything_is_documented,
];

/// Every violation of every rule.
pub(crate) fn violations(interface: &Interface) -> Vec<String> {
    RULES.iter().flat_map(|rule| rule(interface)).collect()
}

/// A method whose type is exported under another name is lost in Python, and stops the generators of Kotlin and Swift.
pub(crate) fn owners_are_exported(interface: &Interface) -> Vec<String> {
    let owned = interface.callables.iter().filter_map(|callable| Some((callable, callable.owner.as_ref()?)));
    owned
        .filter(|(_, owner)| !interface.types.contains_key(*owner))
        .map(|(callable, owner)| {
            format!("{}: no type `{owner}` is exported; name the type's exported name on its `impl`", callable.path())
        })
        .collect()
}

/// Kotlin mangles unsigned numbers for Java, and its times need a newer Android.
pub(crate) fn no_type_that_a_host_lacks(interface: &Interface) -> Vec<String> {
    let mut found = Vec::new();
    for place in interface.places() {
        // Fields are places themselves: only what this place's own type names is looked at.
        let mut open = vec![place.ty];
        while let Some(ty) = open.pop() {
            open.extend(parts(ty));
            let instead = match ty {
                Type::UInt8 | Type::UInt16 | Type::UInt32 | Type::UInt64 => "use i32 or i64",
                Type::Duration => "use i64 milliseconds",
                Type::Timestamp => "use i64 Unix milliseconds",
                _ => continue,
            };
            found.push(format!("{}: {ty:?} does not cross well; {instead}", place.path));
        }
    }
    found
}

/// The core never calls the host.
pub(crate) fn no_foreign_trait(interface: &Interface) -> Vec<String> {
    interface.foreign_traits.iter().map(|name| format!("{name}: is a trait that the host implements")).collect()
}

/// Objects of the host languages have methods of their own.
pub(crate) fn no_taken_name(interface: &Interface) -> Vec<String> {
    let owned = interface.callables.iter().filter(|callable| callable.owner.is_some());
    owned
        .filter(|callable| TAKEN_NAMES.contains(&callable.name.replace('_', "").to_lowercase().as_str()))
        .map(|callable| format!("{}: a host language's own objects have a method of this name", callable.path()))
        .collect()
}

/// Kotlin's exceptions have a `message` already.
pub(crate) fn no_error_field_called_message(interface: &Interface) -> Vec<String> {
    let mut found = Vec::new();
    for (name, definition) in &interface.types {
        let Shape::Enum(definition) = &definition.shape else { continue };
        for variant in definition.variants.iter().filter(|_| definition.shape.is_error()) {
            if variant.fields.iter().any(|field| field.name == "message") {
                found.push(format!("{name}.{}: an error's field must not be called `message`", variant.name));
            }
        }
    }
    found
}

/// One error for all: a host catches one type.
pub(crate) fn only_the_library_error_is_thrown(interface: &Interface) -> Vec<String> {
    let throwing = interface.callables.iter().filter(|callable| callable.throws.is_some());
    throwing
        .filter(|callable| !throws_library_error(callable))
        .map(|callable| format!("{}: throws {:?} instead of {LIBRARY_ERROR}", callable.path(), callable.throws))
        .collect()
}

/// A validated argument that does not fit is this library's error only where that can be thrown.
pub(crate) fn what_validates_can_throw(interface: &Interface) -> Vec<String> {
    let mut found = Vec::new();
    for callable in interface.callables.iter().filter(|callable| !throws_library_error(callable)) {
        for input in &callable.inputs {
            let validated = interface.contents(&input.ty).into_iter().find_map(|ty| match ty {
                Type::Custom { name, .. } => Some(name),
                _ => None,
            });
            if let Some(name) = validated {
                let path = callable.path();
                found.push(format!(
                    "{path}({}): takes a validated {name}, so it has to throw {LIBRARY_ERROR}",
                    input.name
                ));
            }
        }
    }
    found
}

fn throws_library_error(callable: &Callable) -> bool {
    matches!(&callable.throws, Some(Type::Enum { name, .. }) if name == LIBRARY_ERROR)
}

/// Everything that waits can be awaited, and can be waited for in slices: `name` and `start_name(…, ms)`.
pub(crate) fn async_has_a_blocking_twin(interface: &Interface) -> Vec<String> {
    let mut found = Vec::new();
    for callable in interface.callables.iter().filter(|callable| callable.is_async) {
        let path = callable.path();
        if WITHOUT_TWIN.contains(&path.as_str()) {
            continue;
        }
        let name = format!("start_{}", callable.name);
        let twin = interface.callables.iter().find(|other| other.owner == callable.owner && other.name == name);
        match twin {
            None => found.push(format!("{path}: is async without a blocking twin `{name}`")),
            Some(twin) => found.extend(twin_fault(callable, twin).map(|fault| format!("{}: {fault}", twin.path()))),
        }
    }
    found
}

/// What is wrong with the blocking twin of an `async` callable.
fn twin_fault(callable: &Callable, twin: &Callable) -> Option<String> {
    if twin.is_async {
        return Some("is async itself".to_owned());
    }
    let Some((slice, inputs)) = twin.inputs.split_last() else {
        return Some("takes no `ms`".to_owned());
    };
    if slice.name != "ms" || slice.ty != Type::Int64 {
        return Some("its last parameter has to be `ms: i64`".to_owned());
    }
    let same = inputs.len() == callable.inputs.len()
        && inputs.iter().zip(&callable.inputs).all(|(a, b)| a.name == b.name && a.ty == b.ty);
    if !same {
        return Some(format!("takes other parameters than `{}`", callable.name));
    }
    if twin.output.is_none() {
        return Some("returns nothing, so it can't say whether it is done".to_owned());
    }
    None
}

/// A generated `repr` prints every field.
pub(crate) fn no_secret_in_a_field(interface: &Interface) -> Vec<String> {
    let fields = interface.fields().into_iter();
    fields
        .filter(|(_, field)| words(&field.name).any(|word| SECRET_WORDS.contains(&word)))
        // What is one of a few words gives nothing away: whether a token was right, say.
        .filter(|(_, field)| !matches!(bare(&field.ty), Type::Enum { .. }))
        .map(|(path, _)| {
            format!("{path}: is named like a secret, and fields get printed; give it to an object's constructor")
        })
        .collect()
}

/// Times are `i64` milliseconds, and their names say so.
pub(crate) fn times_are_in_milliseconds(interface: &Interface) -> Vec<String> {
    let mut found = Vec::new();
    for place in interface.places() {
        let ty = bare(place.ty);
        let is_number =
            matches!(ty, Type::Int8 | Type::Int16 | Type::Int32 | Type::Int64 | Type::Float32 | Type::Float64);
        let in_ms = words(place.name).next_back() == Some("ms");
        // A function named `start_…_ms` would return something else: only numbers have units.
        if in_ms && is_number && *ty != Type::Int64 {
            found.push(format!("{}: milliseconds are i64, not {ty:?}", place.path));
        }
        if in_ms && matches!(ty, Type::String | Type::Boolean | Type::Bytes) {
            found.push(format!("{}: is named as milliseconds, but is {ty:?}", place.path));
        }
        let is_time = words(place.name).any(|word| TIME_WORDS.contains(&word))
            || words(place.name).next_back().is_some_and(|word| OTHER_TIME_UNITS.contains(&word));
        // So many in a unit of time is a rate.
        let is_time = is_time && !words(place.name).any(|word| word == "per");
        if is_number && is_time && !in_ms {
            found.push(format!("{}: is a time, so its name has to end in `_ms`", place.path));
        }
    }
    found
}

/// Readers of three languages have nothing but these words.
pub(crate) fn everything_is_documented(interface: &Interface) -> Vec<String> {
    let mut bare = Vec::new();
    let mut need = |path: String, docstring: &Option<String>| {
        if docstring.as_deref().is_none_or(|text| text.trim().is_empty()) {
            bare.push(format!("{path}: has no documentation"));
        }
    };
    for (name, definition) in &interface.types {
        match &definition.shape {
            // UniFFI's macro for validated types takes no documentation.
            Shape::Custom(_) => continue,
            Shape::Enum(definition) => {
                for variant in &definition.variants {
                    need(format!("{name}.{}", variant.name), &variant.docstring);
                }
            }
            Shape::Record(_) | Shape::Object => {}
        }
        need(name.clone(), &definition.docstring);
    }
    for (path, FieldMetadata { docstring, .. }) in interface.fields() {
        need(path, docstring);
    }
    for callable in &interface.callables {
        need(callable.path(), &callable.docstring);
    }
    bare
}

fn words(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    name.split('_')
}
