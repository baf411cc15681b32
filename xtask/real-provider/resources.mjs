// The targets of an access token: resource servers (RFC 8707), and details of an authorization
// (RFC 9396).
import { errors } from 'oidc-provider';

// Their access tokens are JWTs (RFC 9068).
const RESOURCE_SERVERS = {
  'https://api.example.com/': 'read write',
  'https://mail.example.com/': 'read send',
};

export const resourceIndicators = {
  enabled: true,
  getResourceServerInfo(_ctx, resource) {
    if (!Object.hasOwn(RESOURCE_SERVERS, resource)) {
      throw new errors.InvalidTarget('there is no such resource server');
    }
    return {
      scope: RESOURCE_SERVERS[resource],
      audience: resource,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: 'ES256' } },
    };
  },
};

export const richAuthorizationRequests = {
  enabled: true,
  types: {
    payment: {
      validate(_ctx, { amount }) {
        if (typeof amount !== 'string') {
          throw new errors.InvalidAuthorizationDetails('a payment needs an amount');
        }
      },
    },
  },
  // A person who logs in grants all of it; see interactions.mjs.
  authorizationDetailsForGrantSource: (ctx) => ctx.oidc.grant.rar,
  authorizationDetailsForAccessToken: (_ctx, _token, source) => source?.rar,
  authorizationDetailsForIntrospection: (_ctx, token) => token.rar,
};
