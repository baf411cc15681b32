/// A request that is sent when it is awaited: the client, and an operation of the core with what
/// the setters have changed.
macro_rules! request {
    (
        $(#[$documentation:meta])*
        $name:ident($operation:ty) -> $output:ty, $method:literal;
        $($setters:tt)*
    ) => {
        $(#[$documentation])*
        #[derive(Debug)]
        #[must_use = "a request does nothing until it is awaited"]
        pub struct $name {
            client: crate::client::Client,
            request: $operation,
        }

        impl $name {
            $crate::client::requests::setters! { $($setters)* }
        }

        impl IntoFuture for $name {
            type Output = Result<$output, crate::error::Error>;
            type IntoFuture = crate::http::BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                let Self { client, request } = self;
                let request = Box::new(request);
                Box::pin(async move { Ok(client.run_core($method, request).await?) })
            }
        }
    };
}
pub(super) use request;

/// A setter for each named one of the core's builder in the field `request`.
macro_rules! setters {
    ($($(#[$documentation:meta])* $name:ident($($argument:ident: $type:ty),*);)*) => {
        $(
            $(#[$documentation])*
            pub fn $name(mut self, $($argument: $type),*) -> Self {
                self.request = self.request.$name($($argument),*);
                self
            }
        )*
    };
}
pub(super) use setters;
