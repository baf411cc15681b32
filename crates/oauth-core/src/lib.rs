#![doc = "The OAuth 2 and OpenID Connect client as pure state machines: no I/O, no clock, no randomness of its own."]
