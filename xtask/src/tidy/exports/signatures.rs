//! The types that the public signatures of a crate name.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Fields, Generics, ImplItem, Item, ItemImpl, TraitItem, Type, UseTree, Visibility};

/// A type or a trait.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    /// The crate, spelled as in a path.
    pub(super) package: String,
    /// The top-level module; empty for the root.
    pub(super) module: String,
    pub(super) name: String,
    /// The name that an export gives it.
    pub(super) exported: String,
}

impl Name {
    /// Whether both are the same item.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    pub(super) fn key(&self) -> (String, String, String) {
        (self.package.clone(), self.module.clone(), self.name.clone())
    }
}

/// What the public items of the crates name.
#[derive(Default)]
pub(super) struct Signatures {
    /// The names in the signatures of an item, by its crate, module and name.
    named: BTreeMap<(String, String, String), Vec<Name>>,
    /// The modules that define an item, by crate and name.
    defined: BTreeMap<(String, String), BTreeSet<String>>,
    /// The exports of a module, by crate and module.
    exports: BTreeMap<(String, String), Vec<Name>>,
}

impl Signatures {
    /// Reads one file.
    ///
    /// # Errors
    ///
    /// The error of the parser.
    pub(super) fn read(
        &mut self,
        package: &str,
        folder: &str,
        path: &str,
        text: &str,
    ) -> Result<(), syn::Error> {
        let file = syn::parse_file(text)?;
        let below = path.strip_prefix(folder).unwrap_or(path);
        let module = match below.split(['/', '.']).next() {
            Some("lib") | None => "",
            Some(module) => module,
        };
        // Only the file of a top-level module exports for it.
        let exports = !below.contains('/');
        let mut scope = Scope {
            package,
            module,
            imports: BTreeMap::new(),
        };
        for item in &file.items {
            if let Item::Use(item) = item {
                let mut names = Vec::new();
                flatten(&item.tree, &mut Vec::new(), &mut names);
                for (path, name) in names {
                    if exports && matches!(item.vis, Visibility::Public(_)) {
                        let key = (package.to_owned(), module.to_owned());
                        let resolved = scope.absolute(&path, &name);
                        self.exports.entry(key).or_default().push(resolved);
                    }
                    scope.imports.insert(name, path);
                }
            }
        }
        for item in &file.items {
            self.add(&scope, item, exports);
        }
        Ok(())
    }

    fn add(&mut self, scope: &Scope<'_>, item: &Item, exports: bool) {
        let mut names = Names::default();
        let (vis, name) = match item {
            Item::Struct(item) => {
                names.declare(&item.generics);
                names.visit_generics(&item.generics);
                names.fields(&item.fields);
                (&item.vis, &item.ident)
            }
            Item::Enum(item) => {
                names.declare(&item.generics);
                for variant in &item.variants {
                    names.visit_fields(&variant.fields);
                }
                (&item.vis, &item.ident)
            }
            Item::Trait(item) => {
                names.declare(&item.generics);
                for bound in &item.supertraits {
                    names.visit_type_param_bound(bound);
                }
                for item in &item.items {
                    match item {
                        TraitItem::Fn(method) => names.signature(&method.sig),
                        TraitItem::Type(item) => names.visit_trait_item_type(item),
                        _ => {}
                    }
                }
                (&item.vis, &item.ident)
            }
            Item::Type(item) => {
                names.declare(&item.generics);
                names.visit_type(&item.ty);
                (&item.vis, &item.ident)
            }
            Item::Fn(item) => {
                names.signature(&item.sig);
                (&item.vis, &item.sig.ident)
            }
            Item::Impl(item) => return self.add_impl(scope, item),
            // A macro that declares a type names it first: `document!`, `request!`.
            Item::Macro(item) if item.ident.is_none() => {
                let mut words = Vec::new();
                capitalised(&item.mac.tokens, &mut words);
                let mut words = words.into_iter();
                if let Some(owner) = words.next() {
                    names.paths.extend(words.map(|word| vec![word]));
                    self.define(scope, &owner, names);
                }
                return;
            }
            _ => return,
        };
        if matches!(vis, Visibility::Public(_)) {
            let name = name.to_string();
            if exports {
                let key = (scope.package.to_owned(), scope.module.to_owned());
                let own = scope.own(&name);
                self.exports.entry(key).or_default().push(own);
            }
            self.define(scope, &name, names);
        }
    }

    /// Adds the public methods of a type, and the associated types of the traits that it has.
    fn add_impl(&mut self, scope: &Scope<'_>, item: &ItemImpl) {
        let Type::Path(owner) = &*item.self_ty else {
            return;
        };
        let Some(owner) = owner.path.segments.last() else {
            return;
        };
        let mut names = Names::default();
        names.declare(&item.generics);
        for inner in &item.items {
            match inner {
                ImplItem::Fn(method) if matches!(method.vis, Visibility::Public(_)) => {
                    names.signature(&method.sig);
                }
                ImplItem::Type(inner) => names.visit_type(&inner.ty),
                ImplItem::Macro(inner) => {
                    let mut words = Vec::new();
                    capitalised(&inner.mac.tokens, &mut words);
                    names.paths.extend(words.into_iter().map(|word| vec![word]));
                }
                _ => {}
            }
        }
        let owner = scope.resolve(&[owner.ident.to_string()]);
        let owner = owner.unwrap_or_else(|| scope.own(""));
        self.extend(&owner, scope, names);
    }

    fn define(&mut self, scope: &Scope<'_>, name: &str, names: Names) {
        let key = (scope.package.to_owned(), name.to_owned());
        let module = scope.module.to_owned();
        self.defined.entry(key).or_default().insert(module);
        self.extend(&scope.own(name), scope, names);
    }

    fn extend(&mut self, owner: &Name, scope: &Scope<'_>, names: Names) {
        let Names { paths, generics } = names;
        let paths = paths.into_iter().filter(|path| {
            let first = path.first().map_or("", String::as_str);
            first != "Self" && !generics.contains(first)
        });
        let resolved = paths.filter_map(|path| scope.resolve(&path));
        self.named.entry(owner.key()).or_default().extend(resolved);
    }

    /// The names in the signatures of an item.
    pub(super) fn of(&self, name: &Name) -> impl Iterator<Item = Name> {
        let named = self.named.get(&name.key()).into_iter().flatten();
        named.filter_map(|name| self.settled(name))
    }

    /// What a top-level module exports; the root is the empty name.
    pub(super) fn exports(&self, package: &str, module: &str) -> Vec<Name> {
        let exports = self.exports.get(&(package.to_owned(), module.to_owned()));
        let exports = exports.into_iter().flatten();
        let settled = |name: &Name| self.settled(name).unwrap_or_else(|| name.clone());
        exports.map(settled).collect()
    }

    /// Puts a name into the module that defines it, which may differ from the one that exports it.
    /// `None` for a name of these crates that no public item has.
    fn settled(&self, name: &Name) -> Option<Name> {
        if !matches!(name.package.as_str(), "openid_client" | "oauth_core") {
            return Some(name.clone());
        }
        let key = (name.package.clone(), name.name.clone());
        let modules = self.defined.get(&key)?;
        let module = match modules.contains(&name.module) {
            true => &name.module,
            false => modules.first()?,
        };
        Some(Name {
            module: module.clone(),
            ..name.clone()
        })
    }
}

/// The file that a path is in.
struct Scope<'a> {
    package: &'a str,
    module: &'a str,
    imports: BTreeMap<String, Vec<String>>,
}

impl Scope<'_> {
    fn own(&self, name: &str) -> Name {
        Name {
            package: self.package.to_owned(),
            module: self.module.to_owned(),
            name: name.to_owned(),
            exported: name.to_owned(),
        }
    }

    /// Returns what a path names; `None` for an item of the standard library.
    fn resolve(&self, path: &[String]) -> Option<Name> {
        let (first, rest) = path.split_first()?;
        let mut whole = match self.imports.get(first) {
            Some(import) => import.clone(),
            None if rest.is_empty() => return Some(self.own(first)),
            None => vec![first.clone()],
        };
        whole.extend_from_slice(rest);
        if matches!(whole.first()?.as_str(), "std" | "core" | "alloc") {
            return None;
        }
        Some(self.absolute(&whole, path.last()?))
    }

    fn absolute(&self, path: &[String], exported: &str) -> Name {
        let first = path.first().map_or("", String::as_str);
        let last = path.last().map_or("", String::as_str);
        let second = match path {
            [_, second, _, ..] => second.as_str(),
            _ => "",
        };
        let (package, module) = match first {
            "crate" => (self.package, second),
            // At the root, `self` is followed by the module.
            "self" if self.module.is_empty() => (self.package, second),
            "self" | "super" => (self.package, self.module),
            _ => (first, second),
        };
        Name {
            package: package.to_owned(),
            module: module.to_owned(),
            name: last.to_owned(),
            exported: exported.to_owned(),
        }
    }
}

/// The paths in a part of a file.
#[derive(Default)]
struct Names {
    paths: Vec<Vec<String>>,
    /// The parameters in scope, which are no items.
    generics: BTreeSet<String>,
}

impl Names {
    fn declare(&mut self, generics: &Generics) {
        let names = generics.type_params().map(|it| it.ident.to_string());
        self.generics.extend(names);
    }

    fn signature(&mut self, signature: &syn::Signature) {
        self.declare(&signature.generics);
        self.visit_signature(signature);
    }

    fn fields(&mut self, fields: &Fields) {
        for field in fields {
            if matches!(field.vis, Visibility::Public(_)) {
                self.visit_type(&field.ty);
            }
        }
    }
}

impl Visit<'_> for Names {
    fn visit_path(&mut self, path: &syn::Path) {
        let segments: Vec<_> = path
            .segments
            .iter()
            .map(|it| it.ident.to_string())
            .collect();
        if segments.last().is_some_and(|last| is_type(last)) {
            self.paths.push(segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, _: &syn::Attribute) {}
}

/// Lists the full path of each name in a `use`, with the name that it gets.
fn flatten(tree: &UseTree, prefix: &mut Vec<String>, names: &mut Vec<(Vec<String>, String)>) {
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            flatten(&path.tree, prefix, names);
            prefix.pop();
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, prefix, names);
            }
        }
        UseTree::Name(name) if name.ident == "self" => {
            let last = prefix.last().cloned().unwrap_or_default();
            names.push((prefix.clone(), last));
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            names.push((
                [prefix.as_slice(), std::slice::from_ref(&name)].concat(),
                name,
            ));
        }
        UseTree::Rename(rename) => {
            let path = [prefix.as_slice(), &[rename.ident.to_string()]].concat();
            names.push((path, rename.rename.to_string()));
        }
        UseTree::Glob(_) => {}
    }
}

/// Lists the names of types in the tokens of a macro.
fn capitalised(tokens: &TokenStream, words: &mut Vec<String>) {
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(ident) if is_type(&ident.to_string()) => words.push(ident.to_string()),
            TokenTree::Group(group) => capitalised(&group.stream(), words),
            _ => {}
        }
    }
}

fn is_type(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
}
