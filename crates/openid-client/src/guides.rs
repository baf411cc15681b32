//! The READMEs and the guides, whose examples are tests of the documentation.

#[doc = include_str!("../../../README.md")]
struct Readme;

#[doc = include_str!("../README.md")]
struct CrateReadme;

#[doc = include_str!("../../../docs/guide/README.md")]
struct Index;

#[doc = include_str!("../../../docs/guide/web-login.md")]
struct WebLogin;

#[doc = include_str!("../../../docs/guide/keeping-tokens.md")]
struct KeepingTokens;

#[doc = include_str!("../../../docs/guide/errors.md")]
struct Errors;

#[doc = include_str!("../../../docs/guide/providers.md")]
struct Providers;

#[doc = include_str!("../../../docs/guide/machine-to-machine.md")]
struct MachineToMachine;

#[cfg(feature = "axum")]
#[doc = include_str!("../../../docs/guide/protecting-an-api.md")]
struct ProtectingAnApi;

#[doc = include_str!("../../../docs/guide/mcp.md")]
struct Mcp;

#[doc = include_str!("../../../docs/guide/device-and-native.md")]
struct DeviceAndNative;

#[doc = include_str!("../../../docs/guide/logout.md")]
struct Logout;

#[doc = include_str!("../../../docs/guide/testing-your-application.md")]
struct TestingYourApplication;

#[doc = include_str!("../../../docs/guide/embedding-the-core.md")]
struct EmbeddingTheCore;

#[doc = include_str!("../../../docs/guide/keys-and-kms.md")]
struct KeysAndKms;

#[doc = include_str!("../../../docs/guide/tenants-and-entra-id.md")]
struct TenantsAndEntraId;

#[doc = include_str!("../../../docs/guide/many-instances.md")]
struct ManyInstances;

#[doc = include_str!("../../../docs/guide/operations.md")]
struct Operations;

#[doc = include_str!("../../../docs/guide/fapi-and-banks.md")]
struct FapiAndBanks;

#[doc = include_str!("../../../docs/guide/fuzzing.md")]
struct Fuzzing;

#[doc = include_str!("../../../docs/MIGRATING.md")]
struct Migrating;
