// Token exchange (RFC 8693) as a custom grant of the provider: it exchanges an access token of the
// provider for one that has only the requested scope.
import { errors } from 'oidc-provider';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

export function registerTokenExchange(provider) {
  const parameters = ['subject_token', 'subject_token_type', 'scope'];
  provider.registerGrantType(GRANT_TYPE, (ctx) => exchange(provider, ctx), parameters);
}

async function exchange(provider, ctx) {
  const { client, params } = ctx.oidc;
  if (params.subject_token_type !== ACCESS_TOKEN) {
    throw new errors.InvalidRequest('subject_token_type must be that of an access token');
  }
  const subject = await provider.AccessToken.find(params.subject_token);
  if (subject === undefined) {
    throw new errors.InvalidGrant('there is no such access token');
  }
  const { accountId } = subject;
  const grant = new provider.Grant({ accountId, clientId: client.clientId });
  grant.addOIDCScope(params.scope);
  const token = new provider.AccessToken({
    accountId,
    client,
    grantId: await grant.save(),
    gty: 'token_exchange',
    scope: params.scope,
  });
  ctx.body = {
    access_token: await token.save(),
    issued_token_type: ACCESS_TOKEN,
    token_type: token.tokenType,
    expires_in: token.expiration,
    scope: token.scope,
  };
}
