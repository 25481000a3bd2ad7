//! The exported interface as the rules look at it: types by name, everything that can be called, and every place where
//! a type stands.

use std::collections::{BTreeMap, BTreeSet};

use uniffi_meta::{EnumMetadata, FieldMetadata, FnParamMetadata, Metadata, RecordMetadata, Type};

/// Everything that a library exports.
#[derive(Default)]
pub(crate) struct Interface {
    /// Types by their exported name.
    pub(crate) types: BTreeMap<String, Definition>,
    /// Functions, constructors and methods.
    pub(crate) callables: Vec<Callable>,
    /// Names of traits that the host may or must implement.
    pub(crate) foreign_traits: Vec<String>,
}

/// What a type is made of.
pub(crate) struct Definition {
    pub(crate) docstring: Option<String>,
    pub(crate) shape: Shape,
}

/// The kinds of types.
pub(crate) enum Shape {
    Record(Vec<FieldMetadata>),
    Enum(EnumMetadata),
    Object,
    /// A validated type, that crosses as another one.
    Custom(Type),
}

/// A function, constructor or method.
pub(crate) struct Callable {
    /// The type that it belongs to; none for a function.
    pub(crate) owner: Option<String>,
    pub(crate) name: String,
    pub(crate) is_async: bool,
    pub(crate) inputs: Vec<FnParamMetadata>,
    pub(crate) output: Option<Type>,
    pub(crate) throws: Option<Type>,
    pub(crate) docstring: Option<String>,
}

impl Callable {
    /// Its name with its owner's: `WebphoneUrl.reveal`.
    pub(crate) fn path(&self) -> String {
        match &self.owner {
            Some(owner) => format!("{owner}.{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// A named place where a value crosses: a field, a parameter, a return value.
pub(crate) struct Place<'a> {
    /// Where: `UrlRequest.extension`.
    pub(crate) path: String,
    /// The last part of the path, by which the place is known: a returned value goes by its function's name.
    pub(crate) name: &'a str,
    pub(crate) ty: &'a Type,
}

impl Interface {
    pub(crate) fn new(items: impl IntoIterator<Item = Metadata>) -> Self {
        let mut interface = Self::default();
        for item in items {
            interface.add(item);
        }
        interface
    }

    fn add(&mut self, item: Metadata) {
        match item {
            Metadata::Func(f) => self.callables.push(Callable {
                owner: None,
                name: f.name,
                is_async: f.is_async,
                inputs: f.inputs,
                output: f.return_type,
                throws: f.throws,
                docstring: f.docstring,
            }),
            Metadata::Constructor(f) => self.callables.push(Callable {
                owner: Some(f.self_name),
                name: f.name,
                is_async: f.is_async,
                inputs: f.inputs,
                output: None,
                throws: f.throws,
                docstring: f.docstring,
            }),
            Metadata::Method(f) => self.callables.push(Callable {
                owner: Some(f.self_name),
                name: f.name,
                is_async: f.is_async,
                inputs: f.inputs,
                output: f.return_type,
                throws: f.throws,
                docstring: f.docstring,
            }),
            Metadata::TraitMethod(f) => self.callables.push(Callable {
                owner: Some(f.trait_name),
                name: f.name,
                is_async: f.is_async,
                inputs: f.inputs,
                output: f.return_type,
                throws: f.throws,
                docstring: f.docstring,
            }),
            Metadata::Object(object) => {
                if object.imp.has_callback_interface() {
                    self.foreign_traits.push(object.name.clone());
                }
                self.define(object.name, object.docstring, Shape::Object);
            }
            Metadata::CallbackInterface(foreign) => {
                self.foreign_traits.push(foreign.name.clone());
                self.define(foreign.name, foreign.docstring, Shape::Object);
            }
            Metadata::Record(RecordMetadata { name, fields, docstring, .. }) => {
                self.define(name, docstring, Shape::Record(fields));
            }
            Metadata::Enum(definition) => {
                self.define(definition.name.clone(), definition.docstring.clone(), Shape::Enum(definition));
            }
            Metadata::CustomType(custom) => self.define(custom.name, custom.docstring, Shape::Custom(custom.builtin)),
            // Equality, hashing and text of a type: their signatures are UniFFI's own.
            Metadata::UniffiTrait(_) => {}
            Metadata::Namespace(_) | Metadata::UdlFile(_) | Metadata::ObjectTraitImpl(_) => {}
        }
    }

    fn define(&mut self, name: String, docstring: Option<String>, shape: Shape) {
        self.types.insert(name, Definition { docstring, shape });
    }

    /// The fields of every record and of every enum's variants, with their paths.
    pub(crate) fn fields(&self) -> Vec<(String, &FieldMetadata)> {
        let mut found = Vec::new();
        for (name, definition) in &self.types {
            match &definition.shape {
                Shape::Record(fields) => {
                    found.extend(fields.iter().map(|field| (format!("{name}.{}", field.name), field)));
                }
                Shape::Enum(definition) => found.extend(definition.variants.iter().flat_map(|variant| {
                    let path = format!("{name}.{}", variant.name);
                    variant.fields.iter().map(move |field| (format!("{path}.{}", field.name), field))
                })),
                Shape::Object | Shape::Custom(_) => {}
            }
        }
        found
    }

    /// Every place where a value crosses.
    pub(crate) fn places(&self) -> Vec<Place<'_>> {
        let mut places: Vec<Place<'_>> =
            self.fields().into_iter().map(|(path, field)| Place { path, name: &field.name, ty: &field.ty }).collect();
        for (name, definition) in &self.types {
            match &definition.shape {
                Shape::Custom(builtin) => places.push(Place { path: name.clone(), name, ty: builtin }),
                Shape::Enum(definition) => {
                    places.extend(definition.discr_type.iter().map(|ty| Place { path: name.clone(), name, ty }));
                }
                Shape::Record(_) | Shape::Object => {}
            }
        }
        for callable in &self.callables {
            let path = callable.path();
            places.extend(callable.inputs.iter().map(|input| Place {
                path: format!("{path}({})", input.name),
                name: &input.name,
                ty: &input.ty,
            }));
            let outputs = callable.output.iter().chain(&callable.throws);
            places.extend(outputs.map(|ty| Place { path: path.clone(), name: &callable.name, ty }));
        }
        places
    }

    /// All types in a type, itself included, through the fields of records and enums too.
    pub(crate) fn contents<'a>(&'a self, ty: &'a Type) -> Vec<&'a Type> {
        let mut found = Vec::new();
        let mut entered = BTreeSet::new();
        let mut open = vec![ty];
        while let Some(ty) = open.pop() {
            found.push(ty);
            open.extend(parts(ty));
            let (Type::Record { name, .. } | Type::Enum { name, .. }) = ty else { continue };
            if !entered.insert(name) {
                continue;
            }
            match self.types.get(name).map(|definition| &definition.shape) {
                Some(Shape::Record(fields)) => open.extend(fields.iter().map(|field| &field.ty)),
                Some(Shape::Enum(definition)) => {
                    let fields = definition.variants.iter().flat_map(|variant| &variant.fields);
                    open.extend(fields.map(|field| &field.ty));
                }
                Some(Shape::Object | Shape::Custom(_)) | None => {}
            }
        }
        found
    }
}

/// The types that a type's own text names.
pub(crate) fn parts(ty: &Type) -> Vec<&Type> {
    match ty {
        Type::Box { inner_type }
        | Type::Optional { inner_type }
        | Type::Sequence { inner_type }
        | Type::Set { inner_type } => vec![inner_type],
        Type::Map { key_type, value_type } => vec![key_type, value_type],
        Type::Custom { builtin, .. } => vec![builtin],
        _ => Vec::new(),
    }
}

/// The type without `Option` and `Box` around it.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Optional { inner_type } | Type::Box { inner_type } => bare(inner_type),
        other => other,
    }
}
