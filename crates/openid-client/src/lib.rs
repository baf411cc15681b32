#![doc = "An OAuth 2 and OpenID Connect client, strict by default, over hyper and rustls."]
