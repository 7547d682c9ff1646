import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { type Caller, Clock } from '#platform/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { Tickets } from './tickets.ts';
import { UsedTicketsInMemory } from './used-tickets.memory.ts';

class HandClock extends Clock {
  time = 1_764_000_000_000;
  now(): number {
    return this.time;
  }
}

const secret = createSecretKey(Buffer.alloc(32, 7));
const caller: Caller = { subject: 'key:1', grants: { shop: 'write', '*': 'read' }, expiresAt: 1_764_000_900_000 };
const clock = new HandClock();
const ticketClaims = {
  jti: '0b6f4d2e-4d0a-4f8e-9c4c-4a1d9a6b7c11',
  sub: 'key:1',
  exp: Math.floor(clock.time / 1000) + 20,
};
let tickets: Tickets;

function ticketsOf(server?: string, under = secret): Tickets {
  return new Tickets(async () => under, new UsedTicketsInMemory(clock), clock, { server });
}
beforeEach(() => {
  clock.time = 1_764_000_000_000;
  tickets = ticketsOf('this-start');
});

describe('a ticket', () => {
  it('carries the grants and the expiry of who asked for it', async () => {
    const { ticket, expiresAt } = await tickets.issue(caller, 'this-start');
    expect(expiresAt).toBe(clock.time + 30_000);
    expect(await tickets.callerOf(ticket)).toEqual(caller);
  });

  it('is taken once', async () => {
    const { ticket } = await tickets.issue(caller, 'this-start');
    const uses = await Promise.allSettled(Array.from({ length: 20 }, () => tickets.callerOf(ticket)));
    expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(tickets.callerOf(ticket)).rejects.toMatchObject({ code: 'auth.invalid' });
  });

  it('stays used until it has expired', async () => {
    const { ticket } = await tickets.issue(caller, 'this-start');
    await tickets.callerOf(ticket);
    clock.time += 29_000;
    const { ticket: other } = await tickets.issue(caller, 'this-start');
    await tickets.callerOf(other);
    await expect(tickets.callerOf(ticket)).rejects.toMatchObject({ code: 'auth.invalid' });
    clock.time += 1000;
    await expect(tickets.callerOf(ticket)).rejects.toMatchObject({ code: 'auth.expired' });
  });

  it('does not outlive the token that it was asked for with', async () => {
    const { expiresAt } = await tickets.issue({ ...caller, expiresAt: clock.time + 4000 }, 'this-start');
    expect(expiresAt).toBe(clock.time + 4000);
  });

  it('is refused when any part of it was changed', async () => {
    const [header, payload, signature] = (await tickets.issue(caller, 'this-start')).ticket.split('.') as [
      string,
      string,
      string,
    ];
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const raised = Buffer.from(JSON.stringify({ ...claims, grants: { '*': 'admin' } })).toString('base64url');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'testcast-ticket+jwt' })).toString('base64url');
    for (const forged of [
      `${header}.${raised}.${signature}`,
      `${unsigned}.${payload}.`,
      `${header}.${payload}`,
      '',
      'x.y.z',
    ]) {
      await expect(tickets.callerOf(forged)).rejects.toMatchObject({ code: 'auth.invalid' });
    }
  });

  it('is refused by another server, and by one with another key', async () => {
    const { ticket } = await tickets.issue(caller, 'this-start');
    await expect(ticketsOf('next-start').callerOf(ticket)).rejects.toMatchObject({ code: 'auth.invalid' });
    await expect(ticketsOf().callerOf(ticket)).rejects.toMatchObject({ code: 'auth.invalid' });
    const { ticket: foreign } = await ticketsOf('this-start', createSecretKey(Buffer.alloc(32, 8))).issue(
      caller,
      'this-start',
    );
    await expect(tickets.callerOf(foreign)).rejects.toMatchObject({ code: 'auth.invalid' });
  });

  it('is not any other token under the same key', async () => {
    const claims = { ...ticketClaims, grants: caller.grants, server: 'this-start' };
    for (const header of [{ alg: 'HS256', typ: 'JWT' }, { alg: 'HS256' }] as const) {
      const other = jwt.sign(claims, secret, { algorithm: 'HS256', header });
      await expect(tickets.callerOf(other)).rejects.toMatchObject({ code: 'auth.invalid' });
    }
  });

  it('is refused without what it must say, and under another algorithm', async () => {
    const whole = { ...ticketClaims, grants: caller.grants, server: 'this-start' };
    const sign = (claims: object, alg: 'HS256' | 'HS512' = 'HS256') =>
      jwt.sign(claims, secret, { algorithm: alg, header: { alg, typ: 'testcast-ticket+jwt' } });
    for (const lacking of ['jti', 'sub', 'exp', 'grants'] as const) {
      const { [lacking]: _, ...rest } = whole;
      await expect(tickets.callerOf(sign(rest))).rejects.toMatchObject({ code: 'auth.invalid' });
    }
    await expect(tickets.callerOf(sign(whole, 'HS512'))).rejects.toMatchObject({ code: 'auth.invalid' });
    expect(await tickets.callerOf(sign(whole))).toMatchObject({ subject: 'key:1' });
  });
});
