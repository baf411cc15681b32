//! A registered claim has the right type, or the whole set of claims is rejected.

#![no_main]

use jose::json;
use jose::json::Limits;
use jose::jwt::Claims;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(object) = json::parse_object(data, Limits::CLAIMS) else {
        return;
    };
    let Ok(claims) = Claims::from_object(object) else {
        return;
    };
    assert_eq!(claims.iss().is_some(), claims.get("iss").is_some());
    assert_eq!(claims.sub().is_some(), claims.get("sub").is_some());
    assert_eq!(claims.aud().is_some(), claims.get("aud").is_some());
    assert_eq!(claims.jti().is_some(), claims.get("jti").is_some());
    for (claim, date) in [
        ("exp", claims.exp()),
        ("nbf", claims.nbf()),
        ("iat", claims.iat()),
        ("auth_time", claims.auth_time()),
    ] {
        assert_eq!(date.is_some(), claims.get(claim).is_some());
        // Adding any clock tolerance to such a date cannot overflow.
        assert!(date.is_none_or(|date| date.seconds().unsigned_abs() <= 1 << 53));
    }
    if let Some(aud) = claims.aud() {
        assert!(aud.iter().all(|audience| aud.contains(audience)));
    }
});
