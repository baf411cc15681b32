// The people who can log in.

const ACCOUNTS = {
  alice: { name: 'Alice Adams', email: 'alice@example.com', email_verified: true },
  bob: { name: 'Bob Brown', email: 'bob@example.com', email_verified: false },
};

// The claims that each scope releases.
export const CLAIMS = {
  openid: ['sub'],
  profile: ['name'],
  email: ['email', 'email_verified'],
};

export function findAccount(_ctx, id) {
  if (!Object.hasOwn(ACCOUNTS, id)) {
    return undefined;
  }
  return { accountId: id, claims: () => ({ sub: id, ...ACCOUNTS[id] }) };
}
