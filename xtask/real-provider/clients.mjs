// The registered clients. The tests of openid-client know these names.

export const REDIRECT_URI = 'https://app.example.com/callback';
export const POST_LOGOUT_REDIRECT_URI = 'https://app.example.com/';
// At a test provider on loopback nothing is secret.
export const CLIENT_SECRET = 'a client secret of at least 32 bytes & some: odd+characters%';

const ID_TOKEN_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];

// `jwks` is the public key set of `client-pkjwt`.
export function clients(jwks) {
  return [
    client('client-none', { token_endpoint_auth_method: 'none' }),
    client('client-basic', {
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: CLIENT_SECRET,
    }),
    client('client-post', {
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: CLIENT_SECRET,
    }),
    client('client-pkjwt', { token_endpoint_auth_method: 'private_key_jwt', jwks }),
    // client-rs256 and so on: public clients that differ in the signature of their ID Tokens.
    ...ID_TOKEN_ALGORITHMS.map((algorithm) =>
      client(`client-${algorithm.toLowerCase()}`, {
        token_endpoint_auth_method: 'none',
        id_token_signed_response_alg: algorithm,
      }),
    ),
  ];
}

function client(client_id, metadata) {
  return {
    client_id,
    redirect_uris: [REDIRECT_URI],
    post_logout_redirect_uris: [POST_LOGOUT_REDIRECT_URI],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
    ...metadata,
  };
}
