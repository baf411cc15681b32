/// One setter for each of a core builder's, with documentation beside it; the builder is the field
/// `request`.
macro_rules! setters {
    ($($(#[$documentation:meta])* $name:ident($($argument:ident: $type:ty),*);)+) => {
        $(
            $(#[$documentation])*
            pub fn $name(mut self, $($argument: $type),*) -> Self {
                self.request = self.request.$name($($argument),*);
                self
            }
        )+
    };
}
pub(super) use setters;
