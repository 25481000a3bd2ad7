//! Interfaces made by hand, each breaking one rule: a rule that nothing can break proves nothing.

use uniffi_meta::{
    CallbackInterfaceMetadata, ConstructorMetadata, CustomTypeMetadata, EnumMetadata, EnumShape, FieldMetadata,
    FnMetadata, FnParamMetadata, Metadata, MethodMetadata, ObjectImpl, ObjectMetadata, RecordMetadata, TraitKind, Type,
    VariantMetadata,
};

use crate::interface::Interface;
use crate::rules::{self, LIBRARY_ERROR};

const MODULE: &str = "webphone";

fn documented() -> Option<String> {
    Some("What it is.".to_owned())
}

fn optional(inner: Type) -> Type {
    Type::Optional { inner_type: Box::new(inner) }
}

fn sequence(inner: Type) -> Type {
    Type::Sequence { inner_type: Box::new(inner) }
}

fn record_type(name: &str) -> Type {
    Type::Record { module_path: MODULE.to_owned(), name: name.to_owned() }
}

fn enum_type(name: &str) -> Type {
    Type::Enum { module_path: MODULE.to_owned(), name: name.to_owned() }
}

fn validated() -> Type {
    Type::Custom { module_path: MODULE.to_owned(), name: "PhoneNumber".to_owned(), builtin: Box::new(Type::String) }
}

fn field(name: &str, ty: Type) -> FieldMetadata {
    FieldMetadata { name: name.to_owned(), orig_name: None, ty, default: None, docstring: documented() }
}

fn record(name: &str, fields: Vec<FieldMetadata>) -> Metadata {
    Metadata::Record(RecordMetadata {
        module_path: MODULE.to_owned(),
        name: name.to_owned(),
        orig_name: None,
        remote: false,
        fields,
        docstring: documented(),
    })
}

/// An enum of one variant, `One`.
fn enumeration(name: &str, shape: EnumShape, fields: Vec<FieldMetadata>) -> Metadata {
    Metadata::Enum(EnumMetadata {
        module_path: MODULE.to_owned(),
        name: name.to_owned(),
        orig_name: None,
        shape,
        remote: false,
        variants: vec![VariantMetadata {
            name: "One".to_owned(),
            orig_name: None,
            discr: None,
            fields,
            docstring: documented(),
        }],
        discr_type: None,
        non_exhaustive: false,
        docstring: documented(),
    })
}

fn object(name: &str, imp: ObjectImpl) -> Metadata {
    Metadata::Object(ObjectMetadata {
        module_path: MODULE.to_owned(),
        name: name.to_owned(),
        orig_name: None,
        remote: false,
        imp,
        docstring: documented(),
    })
}

/// A method of `Client`; what else it is, is written in place: `MethodMetadata { is_async: true, ..method("fetch") }`.
fn method(name: &str) -> MethodMetadata {
    MethodMetadata {
        module_path: MODULE.to_owned(),
        self_name: "Client".to_owned(),
        name: name.to_owned(),
        orig_name: None,
        is_async: false,
        inputs: Vec::new(),
        return_type: None,
        throws: None,
        takes_self_by_arc: false,
        checksum: None,
        docstring: documented(),
    }
}

fn function(name: &str) -> FnMetadata {
    FnMetadata {
        module_path: MODULE.to_owned(),
        name: name.to_owned(),
        orig_name: None,
        is_async: false,
        inputs: Vec::new(),
        return_type: None,
        throws: None,
        checksum: None,
        docstring: documented(),
    }
}

fn takes(name: &str, ty: Type) -> Vec<FnParamMetadata> {
    vec![FnParamMetadata::simple(name, ty)]
}

/// An interface with the types that every library of ours has, and these items.
fn with(items: impl IntoIterator<Item = Metadata>) -> Interface {
    let common = [
        enumeration(LIBRARY_ERROR, EnumShape::Error { flat: false }, vec![field("detail", Type::String)]),
        object("Client", ObjectImpl::Struct),
    ];
    Interface::new(common.into_iter().chain(items))
}

/// The whole list has one violation, which says `part`.
#[track_caller]
fn breaks(items: impl IntoIterator<Item = Metadata>, part: &str) {
    let violations = rules::violations(&with(items));
    assert_eq!(violations.len(), 1, "{violations:#?}");
    assert!(violations[0].contains(part), "{violations:?}");
}

#[track_caller]
fn keeps(items: impl IntoIterator<Item = Metadata>) {
    let violations = rules::violations(&with(items));
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn methods_of_a_type_that_is_exported_under_another_name() {
    let lost = MethodMetadata { self_name: "Error".to_owned(), ..method("describe") };
    breaks([lost.into()], "no type `Error`");
    keeps([MethodMetadata { self_name: LIBRARY_ERROR.to_owned(), ..method("describe") }.into()]);
}

#[test]
fn types_that_a_host_lacks_wherever_they_stand() {
    for ty in [Type::UInt8, Type::UInt16, Type::UInt32, Type::UInt64, Type::Duration, Type::Timestamp] {
        let part = format!("{ty:?}");
        let nested = sequence(optional(ty.clone()));
        let map = Type::Map { key_type: Box::new(Type::String), value_type: Box::new(ty.clone()) };
        let set = Type::Set { inner_type: Box::new(ty.clone()) };
        let boxed = Type::Box { inner_type: Box::new(ty.clone()) };
        breaks([record("Call", vec![field("count", ty.clone())])], &part);
        breaks([record("Call", vec![field("counts", map)])], &part);
        breaks([enumeration("Event", EnumShape::Enum, vec![field("count", boxed)])], &part);
        breaks([FnMetadata { inputs: takes("counts", nested), ..function("f") }.into()], &part);
        breaks([FnMetadata { return_type: Some(set), ..function("f") }.into()], &part);
        let custom = CustomTypeMetadata {
            module_path: MODULE.to_owned(),
            name: "QueueId".to_owned(),
            orig_name: None,
            builtin: ty,
            docstring: None,
        };
        breaks([custom.into()], &part);
    }
    keeps([record("Call", vec![field("count", Type::Int64), field("attempts", optional(Type::Int32))])]);
}

#[test]
fn an_enum_with_an_unsigned_representation() {
    let Metadata::Enum(mut definition) = enumeration("Line", EnumShape::Enum, Vec::new()) else { unreachable!() };
    definition.discr_type = Some(Type::UInt8);
    breaks([definition.into()], "UInt8");
}

#[test]
fn traits_that_the_host_implements() {
    for kind in [TraitKind::Both, TraitKind::ForeignOnly] {
        breaks([object("Listener", ObjectImpl::Trait(kind))], "Listener");
    }
    let foreign = CallbackInterfaceMetadata {
        module_path: MODULE.to_owned(),
        name: "Listener".to_owned(),
        docstring: documented(),
    };
    breaks([foreign.into()], "Listener");
    keeps([object("Listener", ObjectImpl::Trait(TraitKind::RustOnly))]);
}

#[test]
fn names_that_host_languages_have_taken() {
    for name in ["close", "destroy", "to_string", "hash_code", "toString", "wait", "notify", "notify_all"] {
        breaks([method(name).into()], "host language's own");
    }
    keeps([method("shut_down").into(), method("wait_for").into(), function("close").into()]);
}

#[test]
fn an_error_with_a_message() {
    let message = || vec![field("message", Type::String)];
    breaks([enumeration("OtherError", EnumShape::Error { flat: false }, message())], "`message`");
    keeps([enumeration("Event", EnumShape::Enum, message())]);
}

#[test]
fn throwing_something_else() {
    let other = FnMetadata { throws: Some(enum_type("OtherError")), ..function("f") };
    breaks([other.into()], "instead of WebphoneError");
    keeps([FnMetadata { throws: Some(enum_type(LIBRARY_ERROR)), ..function("f") }.into()]);
}

#[test]
fn validated_arguments_without_an_error_however_deep() {
    let number = || field("number", optional(validated()));
    let in_a_record = || record("Request", vec![number()]);
    let in_an_enum = || enumeration("Command", EnumShape::Enum, vec![number()]);
    let batch = || record("Batch", vec![field("requests", sequence(record_type("Request")))]);

    let part = "takes a validated PhoneNumber";
    let taking = |ty: Type| FnMetadata { inputs: takes("input", ty), ..function("f") };
    breaks([taking(validated()).into()], part);
    breaks([in_a_record(), taking(record_type("Request")).into()], part);
    breaks([in_an_enum(), taking(sequence(enum_type("Command"))).into()], part);
    breaks([in_a_record(), batch(), taking(record_type("Batch")).into()], part);
    breaks([MethodMetadata { inputs: takes("number", validated()), ..method("dial") }.into()], part);
    let constructor = ConstructorMetadata {
        module_path: MODULE.to_owned(),
        self_name: "Client".to_owned(),
        name: "new".to_owned(),
        orig_name: None,
        is_async: false,
        inputs: takes("number", validated()),
        throws: None,
        checksum: None,
        docstring: documented(),
    };
    breaks([constructor.clone().into()], part);

    let throws = Some(enum_type(LIBRARY_ERROR));
    keeps([ConstructorMetadata { throws: throws.clone(), ..constructor }.into()]);
    keeps([in_a_record(), batch(), FnMetadata { throws, ..taking(record_type("Batch")) }.into()]);
    // What goes out only was validated when it came in.
    keeps([FnMetadata { return_type: Some(validated()), ..function("f") }.into()]);
}

#[test]
fn a_type_that_holds_itself_is_walked_once() {
    let tree = || record("Tree", vec![field("children", sequence(record_type("Tree")))]);
    keeps([tree(), FnMetadata { inputs: takes("tree", record_type("Tree")), ..function("f") }.into()]);
}

#[test]
fn async_without_its_blocking_twin() {
    let fetch = || MethodMetadata { is_async: true, inputs: takes("count", Type::Int32), ..method("fetch") };
    let twin = |inputs: Vec<FnParamMetadata>| MethodMetadata {
        inputs,
        return_type: Some(enum_type("Started")),
        ..method("start_fetch")
    };
    let count = || FnParamMetadata::simple("count", Type::Int32);
    let ms = || FnParamMetadata::simple("ms", Type::Int64);
    let good = || twin(vec![count(), ms()]);

    breaks([fetch().into()], "without a blocking twin `start_fetch`");
    breaks([FnMetadata { is_async: true, ..function("fetch") }.into()], "without a blocking twin");
    // Another type's twin is no twin.
    let elsewhere = MethodMetadata { self_name: LIBRARY_ERROR.to_owned(), ..good() };
    breaks([fetch().into(), elsewhere.into()], "without a blocking twin");
    breaks([fetch().into(), twin(Vec::new()).into()], "takes no `ms`");
    breaks([fetch().into(), twin(vec![count()]).into()], "`ms: i64`");
    breaks([fetch().into(), twin(vec![ms(), count()]).into()], "`ms: i64`");
    breaks([fetch().into(), twin(vec![ms()]).into()], "other parameters");
    let renamed = FnParamMetadata::simple("number", Type::Int32);
    breaks([fetch().into(), twin(vec![renamed, ms()]).into()], "other parameters");
    breaks([fetch().into(), MethodMetadata { return_type: None, ..good() }.into()], "returns nothing");
    keeps([fetch().into(), good().into()]);

    let asynchronous = MethodMetadata { is_async: true, ..good() };
    let violations = rules::async_has_a_blocking_twin(&with([fetch().into(), asynchronous.into()]));
    assert!(violations[0].contains("is async itself"), "{violations:?}");
}

#[test]
fn secrets_in_fields() {
    for name in ["token", "access_token", "proxy_password", "key", "signature"] {
        breaks([record("Config", vec![field(name, Type::String)])], "named like a secret");
        breaks([enumeration("Event", EnumShape::Enum, vec![field(name, Type::String)])], "named like a secret");
    }
    keeps([record("Sent", vec![field("keys", Type::String), field("tokens_left", Type::Int32)])]);
    // Secrets are given to constructors and functions.
    keeps([FnMetadata { inputs: takes("token", Type::String), ..function("f") }.into()]);
}

#[test]
fn times_without_their_unit_or_in_another() {
    for name in ["timeout", "retry_after", "expires_at", "delay_s", "timeout_secs", "age"] {
        breaks([record("Config", vec![field(name, optional(Type::Int64))])], "end in `_ms`");
        breaks([FnMetadata { inputs: takes(name, Type::Float64), ..function("f") }.into()], "end in `_ms`");
        breaks([FnMetadata { return_type: Some(Type::Int32), ..function(name) }.into()], "end in `_ms`");
    }
    breaks([record("Config", vec![field("timeout_ms", Type::Int32)])], "i64, not Int32");
    breaks([record("Config", vec![field("timeout_ms", optional(Type::Float64))])], "i64, not Float64");
    breaks([record("Config", vec![field("timeout_ms", Type::String)])], "is String");
    keeps([record("Config", vec![field("timeout_ms", optional(Type::Int64)), field("attempts", Type::Int32)])]);
    keeps([record("Config", vec![field("after", Type::Boolean), field("at", Type::String)])]);
}

#[test]
fn whatever_has_no_documentation() {
    for docstring in [None, Some(String::new()), Some(" \n".to_owned())] {
        let bare = FieldMetadata { docstring: docstring.clone(), ..field("count", Type::Int32) };
        breaks([record("Call", vec![bare.clone()])], "Call.count: has no documentation");
        breaks([enumeration("Event", EnumShape::Enum, vec![bare])], "Event.One.count: has no documentation");
        breaks([FnMetadata { docstring: docstring.clone(), ..function("f") }.into()], "f: has no documentation");
        breaks([MethodMetadata { docstring: docstring.clone(), ..method("fetch") }.into()], "Client.fetch: has no");
        let Metadata::Object(object) = object("Op", ObjectImpl::Struct) else { unreachable!() };
        breaks([ObjectMetadata { docstring: docstring.clone(), ..object }.into()], "Op: has no");
        let Metadata::Record(record) = record("Call", Vec::new()) else { unreachable!() };
        breaks([RecordMetadata { docstring: docstring.clone(), ..record }.into()], "Call: has no");
        let Metadata::Enum(mut event) = enumeration("Event", EnumShape::Enum, Vec::new()) else { unreachable!() };
        breaks([EnumMetadata { docstring: docstring.clone(), ..event.clone() }.into()], "Event: has no");
        event.variants[0].docstring = docstring;
        breaks([event.into()], "Event.One: has no");
    }
}
