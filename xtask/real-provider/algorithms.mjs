// The provider offers every algorithm that it supports. A client chooses when it registers.

const ASYMMETRIC = [
  'RS256', 'RS384', 'RS512',
  'PS256', 'PS384', 'PS512',
  'ES256', 'ES384', 'ES512',
  'Ed25519', 'EdDSA',
];
const SIGNATURES = ['HS256', 'HS384', 'HS512', ...ASYMMETRIC];
const KEY_MANAGEMENT = [
  'RSA-OAEP', 'RSA-OAEP-256', 'RSA-OAEP-384', 'RSA-OAEP-512',
  'ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW',
  'A128KW', 'A192KW', 'A256KW', 'A128GCMKW', 'A192GCMKW', 'A256GCMKW', 'dir',
];
const CONTENT_ENCRYPTION = [
  'A128CBC-HS256', 'A192CBC-HS384', 'A256CBC-HS512', 'A128GCM', 'A192GCM', 'A256GCM',
];

// What can be signed and encrypted.
const SUBJECTS = ['idToken', 'userinfo', 'introspection', 'authorization', 'requestObject'];

export const algorithms = {
  ...Object.fromEntries(
    SUBJECTS.flatMap((subject) => [
      [`${subject}SigningAlgValues`, SIGNATURES],
      [`${subject}EncryptionAlgValues`, KEY_MANAGEMENT],
      [`${subject}EncryptionEncValues`, CONTENT_ENCRYPTION],
    ]),
  ),
  clientAuthSigningAlgValues: SIGNATURES,
  dPoPSigningAlgValues: ASYMMETRIC,
};
