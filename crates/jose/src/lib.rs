#![doc = "JSON Object Signing and Encryption (JWS, JWE, JWK, JWT): no network, no clock."]
