import type { Role } from '@testcast/contracts';
import { SignJWT } from 'jose';

export const jwtSecret = 'a secret of more than thirty-two characters';

export type Grants = Readonly<Record<string, Role>>;

/** Somebody who calls, and what they may do; without grants they are nobody. */
export interface TestCaller {
  readonly who: string;
  readonly grants?: Grants | undefined;
  /** Code of the refusal of somebody who is nobody. */
  readonly refusal?: string | undefined;
  readonly token?: string | undefined;
}

/** What a row of the table asks for. Roles are on the project `shop`; `all projects` is read, `everything` admin on all of them. */
export type Needs = 'nothing' | 'credentials' | 'all projects' | 'everything' | Role;

/** Written down here once more, so that a mistake in the product's own rule is not repeated by its test. */
const mayDo: Record<Role, readonly Role[]> = {
  read: ['read', 'write', 'admin'],
  write: ['write', 'admin'],
  admin: ['admin'],
};

export function isAllowed({ grants }: TestCaller, needs: Needs): boolean {
  if (needs === 'nothing') return true;
  if (grants === undefined) return false;
  if (needs === 'credentials') return true;
  if (needs === 'all projects') return grants['*'] !== undefined;
  if (needs === 'everything') return grants['*'] === 'admin';
  return [grants['shop'], grants['*']].some((role) => role !== undefined && mayDo[needs].includes(role));
}

/** The error that a caller gets who is not allowed. */
export function refusalOf({ grants, refusal }: TestCaller): { status: number; code: string } {
  return grants === undefined ? { status: 401, code: refusal! } : { status: 403, code: 'auth.forbidden' };
}

/** @param makeKey an API key with these grants @param spoil what makes a key of admin useless */
export async function testCallers(makers: {
  makeKey: (grants: Grants) => Promise<string>;
  expire: (key: string) => Promise<void>;
  revoke: (key: string) => Promise<void>;
}): Promise<TestCaller[]> {
  const withGrants = await Promise.all(
    (
      [
        { bank: 'read' },
        { bank: 'write' },
        { bank: 'admin' },
        { shop: 'read' },
        { shop: 'write' },
        { shop: 'admin' },
        { '*': 'read' },
        { '*': 'write' },
        { '*': 'admin' },
        { bank: 'admin', shop: 'read' },
      ] satisfies Grants[]
    ).map(async (grants: Grants): Promise<TestCaller> => {
      return { who: `a key with ${describe(grants)}`, grants, token: await makers.makeKey(grants) };
    }),
  );
  const [expiredKey, revokedKey] = [await makers.makeKey({ '*': 'admin' }), await makers.makeKey({ '*': 'admin' })];
  await makers.expire(expiredKey);
  await makers.revoke(revokedKey);
  return [
    { who: 'nobody', refusal: 'auth.required' },
    { who: 'a token that is none', refusal: 'auth.invalid', token: 'x.y.z' },
    { who: 'a key that nobody made', refusal: 'auth.invalid', token: `tc_${'A'.repeat(43)}` },
    { who: 'an expired key of an admin', refusal: 'auth.expired', token: expiredKey },
    { who: 'a revoked key of an admin', refusal: 'auth.invalid', token: revokedKey },
    { who: 'an expired JWT of an admin', refusal: 'auth.expired', token: await jwt({ '*': 'admin' }, -60) },
    {
      who: 'a JWT under another secret',
      refusal: 'auth.invalid',
      token: await jwt({ '*': 'admin' }, 600, 'o'.repeat(40)),
    },
    { who: 'a JWT with write on shop', grants: { shop: 'write' }, token: await jwt({ shop: 'write' }) },
    { who: 'a JWT with no grants', grants: {}, token: await jwt({}) },
    ...withGrants,
  ];
}

const describe = (grants: Grants) =>
  Object.entries(grants)
    .map(([project, role]) => `${role} on ${project}`)
    .join(' and ');

async function jwt(projects: Grants, expiresInSeconds = 600, secret = jwtSecret): Promise<string> {
  return new SignJWT({ projects })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('somebody')
    .setExpirationTime(Math.floor(Date.now() / 1000) + expiresInSeconds)
    .sign(new TextEncoder().encode(secret));
}
