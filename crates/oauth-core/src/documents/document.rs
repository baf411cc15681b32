//! Documents as tables: a struct with the known members by name, and all others.

/// Declares a metadata document: its mandatory string member, then its optional members.
///
/// It generates the struct, `read` from strict JSON and `to_json`. A member that is `null` counts
/// as absent. A member of the wrong type is an error that names it, except for a member under
/// `informative`, which this library does not use: it stays in `extra`.
macro_rules! document {
    (
        $(#[$documentation:meta])*
        $name:ident {
            $([$(#[$required_documentation:meta])* $required:ident])?
            $($(#[$member_documentation:meta])* $member:ident: $type:ty,)*
            $(@informative {
                $($(#[$told_documentation:meta])* $told:ident: $told_type:ty,)*
            })?
        }
    ) => {
        $(#[$documentation])*
        ///
        /// `Debug` shows the members that are set. For [`extra`](Self::extra) and nested objects it
        /// shows only the names, because they may contain secrets.
        #[derive(Default, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$required_documentation])* pub $required: String,)?
            $($(#[$member_documentation])* pub $member: Option<$type>,)*
            $($($(#[$told_documentation])* pub $told: Option<$told_type>,)*)?
            /// Members without a field in this type.
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl $name {
            /// Reads the members; an error names the member at fault.
            pub(crate) fn read(
                object: &jose::json::Object<'_>,
            ) -> Result<Self, crate::reason::Reason> {
                $(let $required =
                    $crate::documents::required_string(object, stringify!($required))?;)?
                let document = Self::read_optional(object)?;
                $(let document = Self { $required, ..document };)?
                Ok(document)
            }

            /// Reads the members, without the mandatory one.
            pub(crate) fn read_optional(
                object: &jose::json::Object<'_>,
            ) -> Result<Self, crate::reason::Reason> {
                let mut document = Self::default();
                for (name, value) in object.iter() {
                    match name {
                        $(stringify!($required) => {})?
                        $(stringify!($member) => {
                            $crate::documents::fill(&mut document.$member, name, value)?;
                        })*
                        $($(stringify!($told) => {
                            if $crate::documents::fill(&mut document.$told, name, value).is_err() {
                                $crate::documents::keep(&mut document.extra, name, value);
                            }
                        })*)?
                        _ => $crate::documents::keep(&mut document.extra, name, value),
                    }
                }
                Ok(document)
            }

            /// The document as JSON: the members that are set, and all others as they were read.
            pub fn to_json(&self) -> serde_json::Map<String, serde_json::Value> {
                let mut members = self.extra.clone();
                $(members.insert(
                    stringify!($required).to_owned(),
                    serde_json::Value::from(self.$required.as_str()),
                );)?
                $($crate::documents::put(&mut members, stringify!($member), &self.$member);)*
                $($($crate::documents::put(&mut members, stringify!($told), &self.$told);)*)?
                members
            }
        }

        impl Clone for $name {
            fn clone(&self) -> Self {
                Self {
                    $($required: self.$required.clone(),)?
                    $($member: $crate::documents::copied(&self.$member),)*
                    $($($told: $crate::documents::copied(&self.$told),)*)?
                    extra: self.extra.clone(),
                }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut shown = f.debug_struct(stringify!($name));
                $(shown.field(stringify!($required), &self.$required);)?
                $($crate::documents::show(&mut shown, stringify!($member), &self.$member);)*
                $($($crate::documents::show(&mut shown, stringify!($told), &self.$told);)*)?
                let extra = $crate::documents::Member::shown(&self.extra);
                shown.field("extra", &extra).finish()
            }
        }
    };
}
pub(crate) use document;
