// Client certificates (RFC 8705). The provider asks for them at a separate port, whose endpoints the
// metadata lists as `mtls_endpoint_aliases`.

const certificate = (ctx) => ctx.socket.getPeerX509Certificate();

export const mTLS = {
  enabled: true,
  certificateBoundAccessTokens: true,
  selfSignedTlsClientAuth: true,
  tlsClientAuth: true,
  getCertificate: certificate,
  // Whether the authority in `--client-ca` issued it.
  certificateAuthorized: (ctx) => ctx.socket.authorized,
  certificateSubjectMatches(ctx, property, expected) {
    switch (property) {
      case 'tls_client_auth_subject_dn':
        return certificate(ctx).subject === expected;
      case 'tls_client_auth_san_dns':
        return certificate(ctx).subjectAltName?.split(', ').includes(`DNS:${expected}`) ?? false;
      default:
        return false;
    }
  },
};

const ALIASES = {
  token_endpoint: '/token',
  userinfo_endpoint: '/me',
  introspection_endpoint: '/token/introspection',
  revocation_endpoint: '/token/revocation',
  pushed_authorization_request_endpoint: '/request',
  device_authorization_endpoint: '/device/auth',
  backchannel_authentication_endpoint: '/backchannel',
};

// The aliases of the endpoints below `base`.
export const endpointAliases = (base) =>
  Object.fromEntries(Object.entries(ALIASES).map(([name, path]) => [name, base + path]));
