import { afterAll, beforeAll, expect, it } from 'vitest';
import { RealtimeServer, RoomRegistry } from '#platform/realtime';
import { createDatabase } from '#platform/testing';
import { isAllowed, type Needs, refusalOf, type TestCaller } from './support/callers.ts';
import { GatewayUnderTest } from './support/gateway-under-test.ts';
import { messageTable, roomTable } from './support/message-table.ts';
import { SocketUnderTest } from './support/socket.ts';

let gateway: GatewayUnderTest;
let callers: TestCaller[];
let streamUrl: string;
const sockets = new Map<TestCaller, SocketUnderTest>();
beforeAll(async () => {
  gateway = await GatewayUnderTest.start(await createDatabase());
  await gateway.asAdmin('POST', '/v1/projects', { projectId: 'shop' });
  callers = await gateway.callers();
  streamUrl = `${gateway.origin.replace('http', 'ws')}/stream`;
});
afterAll(async () => {
  for (const socket of sockets.values()) socket.close();
  await gateway?.stop();
});

it('every message that is handled stands in the table, and no other', () => {
  const handled = gateway.app.get(RealtimeServer).handlers.types;
  expect(messageTable.map(({ type }) => type).sort()).toEqual(handled.sort());
});

it('every room that is declared stands in the table, and no other', () => {
  const declared = gateway.app.get(RoomRegistry).rooms.map(({ pattern }) => pattern);
  expect(roomTable.map(({ pattern }) => pattern).sort()).toEqual(declared.sort());
});

it('who is nobody is refused before the upgrade, and everybody else comes in', async () => {
  const outcomes: unknown[] = [];
  for (const caller of callers) {
    const opened = await SocketUnderTest.open(streamUrl, caller.token);
    if (opened instanceof SocketUnderTest) sockets.set(caller, opened);
    outcomes.push([caller.who, opened instanceof SocketUnderTest ? 'open' : opened]);
  }
  const expected = callers.map((caller) => [caller.who, caller.grants === undefined ? refusalOf(caller) : 'open']);
  expect(outcomes).toEqual(expected);
});

async function outcomes(type: string, data: (caller: TestCaller) => unknown): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const [caller, socket] of sockets) {
    const sent: unknown = await data(caller);
    const before = await gateway.logLength();
    const { error } = await socket.request(type, sent);
    const isUntouched = error === undefined || (await gateway.logLength()) === before;
    seen.push([caller.who, error?.code ?? 'ok', isUntouched ? '' : 'and yet the log has changed']);
  }
  return seen;
}

const expectedFor = (needs: Needs): unknown[] =>
  [...sockets.keys()].map((caller) => [caller.who, isAllowed(caller, needs) ? 'ok' : 'auth.forbidden', '']);

it.each(messageTable)('the message $type needs $needs', async ({ type, needs, data }) => {
  expect(await outcomes(type, (caller) => data(gateway, caller))).toEqual(expectedFor(needs));
});

it.each(roomTable)('the room $pattern needs $needs', async ({ needs, room }) => {
  expect(await outcomes('room.subscribe', () => ({ room }))).toEqual(expectedFor(needs));
});
