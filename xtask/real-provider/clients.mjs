// The clients that are registered from the start. All others register themselves. The tests of
// openid-client use these names.

export const REDIRECT_URI = 'https://app.example.com/callback';
export const POST_LOGOUT_REDIRECT_URI = 'https://app.example.com/';
// A test provider on loopback has no secrets.
export const CLIENT_SECRET = 'a client secret of at least 32 bytes & some: odd+characters%';

export const CLIENTS = [
  client('client-none', { token_endpoint_auth_method: 'none' }),
  client('client-basic', {
    token_endpoint_auth_method: 'client_secret_basic',
    client_secret: CLIENT_SECRET,
  }),
  client('client-post', {
    token_endpoint_auth_method: 'client_secret_post',
    client_secret: CLIENT_SECRET,
  }),
];

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
