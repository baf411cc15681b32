// Logging in without a browser. The authorization endpoint redirects to /interaction/ID; there
//
//   GET /interaction/ID?login=alice   logs alice in, at the first of the `acr_values`, and grants
//                                     what the client asked for,
//   GET /interaction/ID?abort=1       ends the request with `access_denied`.
//
// Both redirect back to the authorization endpoint. The client must send the cookies that were set on the way.
import { findAccount } from './accounts.mjs';

const PATH = '/interaction/';

export const interactionUrl = (ctx, { uid }) => new URL(ctx.oidc.issuer).pathname.replace(/\/$/, '') + PATH + uid;

// A koa middleware in front of the provider's own routes.
export function interactions(provider) {
  return async (ctx, next) => {
    if (ctx.method !== 'GET' || !ctx.path.startsWith(PATH)) {
      return next();
    }
    const details = await provider.interactionDetails(ctx.req, ctx.res);
    const result = await outcome(provider, details, ctx.query);
    if (result === undefined) {
      ctx.status = 400;
      ctx.body = 'add ?login=NAME of a known account, or ?abort=1\n';
      return undefined;
    }
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
    return undefined;
  };
}

async function outcome(provider, { params }, { login, abort }) {
  if (abort !== undefined) {
    return { error: 'access_denied', error_description: 'the end-user aborted the interaction' };
  }
  if (findAccount(undefined, login) === undefined) {
    return undefined;
  }
  const grant = new provider.Grant({ accountId: login, clientId: params.client_id });
  grant.addOIDCScope(params.scope ?? '');
  const { id_token: idToken, userinfo } = JSON.parse(params.claims ?? '{}');
  grant.addOIDCClaims(Object.keys({ ...idToken, ...userinfo }));
  for (const resource of [params.resource ?? []].flat()) {
    grant.addResourceScope(resource, params.scope ?? '');
  }
  for (const detail of JSON.parse(params.authorization_details ?? '[]')) {
    grant.addRar(detail);
  }
  const acr = params.acr_values?.split(' ')[0];
  return { login: { accountId: login, acr }, consent: { grantId: await grant.save() } };
}
