// Backchannel authentication (CIBA). There is no device. The person answers at
//
//   GET /backchannel/answer/ID?login=alice   alice consents;
//   GET /backchannel/answer/ID?abort=1       the person refuses.
//
// ID is the `auth_req_id`. A client that has registered for pings then gets one.
import { errors } from 'oidc-provider';

const PATH = '/backchannel/answer/';

export const ciba = {
  enabled: true,
  deliveryModes: ['poll', 'ping'],
  processLoginHint: (_ctx, hint) => hint,
  verifyUserCode() {},
  validateRequestContext() {},
  triggerAuthenticationDevice() {},
};

// A koa middleware in front of the provider's own routes.
export function backchannelAnswers(provider) {
  return async (ctx, next) => {
    if (ctx.method !== 'GET' || !ctx.path.startsWith(PATH)) {
      return next();
    }
    const request = await provider.BackchannelAuthenticationRequest.find(ctx.path.slice(PATH.length));
    const { login, abort } = ctx.query;
    if (request === undefined || (abort === undefined && login !== request.accountId)) {
      ctx.status = 400;
      ctx.body = 'name a request, and add ?login=NAME of the account it is about, or ?abort=1\n';
      return undefined;
    }
    if (abort !== undefined) {
      await provider.backchannelResult(request, new errors.AccessDenied('the end-user said no'));
    } else {
      const grant = new provider.Grant({ accountId: login, clientId: request.clientId });
      grant.addOIDCScope(request.scope);
      await provider.backchannelResult(request, await grant.save(), { authTime: now() });
    }
    ctx.status = 204;
    return undefined;
  };
}

const now = () => Math.floor(Date.now() / 1000);
