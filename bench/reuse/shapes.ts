import type { RecordedEvent } from '#platform/event-store';
import { parseClientFrame } from '../../libs/platform/realtime/client-frame.ts';
import type { ConnectedClient } from '../../libs/platform/realtime/connected-client.ts';
import { Connection, type ConnectionContext } from '../../libs/platform/realtime/connection.ts';
import { eventFrames } from '../../libs/platform/realtime/event-frames.ts';
import { HandlerTable } from '../../libs/platform/realtime/handler-table.ts';
import { Message } from '../../libs/platform/realtime/message.ts';
import { EngineSocket } from '../../libs/platform/realtime/realtime-engine.ts';
import { defaultTuning } from '../../libs/platform/realtime/realtime-options.ts';
import { TextFrame } from '../../libs/platform/realtime/text-frame.ts';
import type { Variant } from '../support/micro.ts';

/** The same work with objects made anew and with objects used again, on the product's own classes. */
export interface Shape {
  readonly name: string;
  readonly fresh: Variant['run'];
  readonly reused: Variant['run'];
}

const batch = 10;
const inFlight = 16;

/** Fields of a product's object, its private and readonly ones too. */
type Fields = Record<string, unknown>;

class NullSocket extends EngineSocket {
  bufferedBytes = 0;
  sent = 0;
  send(frame: TextFrame): void {
    this.sent += frame.bytes;
  }
  sendAll(): void {}
  ping(): void {}
  close(): void {}
  terminate(): void {}
}

const caller = { subject: 'bench', grants: [] } as unknown as ConnectedClient['caller'];
const context: ConnectionContext = {
  options: { serverId: 'bench', maxConnections: 1 },
  tuning: defaultTuning,
  handlers: new HandlerTable(),
  now: Date.now,
  onClosed: () => undefined,
  onRoundTrip: () => undefined,
  report: () => undefined,
};
const socket = new NullSocket();
const client = new Connection('c', 0, socket, caller, context);

const text = JSON.stringify({
  id: 17,
  type: 'results.report',
  data: {
    projectId: 'bench',
    runId: 'run-1',
    items: Array.from({ length: batch }, (_, n) => ({
      kind: 'test.finished',
      at: 1_700_000_000_000 + n,
      testId: `cart.spec.ts::adds item ${n}`,
      title: `adds item ${n}`,
      suite: ['cart'],
      attempt: 1,
      status: 'passed',
      durationMs: n,
    })),
  },
});
const reply = {
  results: Array.from({ length: batch }, (_, index) => ({ index, status: 'appended', offset: 1_000 + index })),
};

const pool = Array.from({ length: inFlight }, () => new Message(client, 0, '', undefined, 0));
let nextInPool = 0;

function messageFromPool(id: number | string, type: string, data: unknown, now: number): Message {
  const message = pool[nextInPool++ % inFlight]!;
  const fields = message as unknown as Fields;
  fields['connection'] = client;
  fields['id'] = id;
  fields['type'] = type;
  fields['data'] = data;
  fields['arrivedAt'] = now;
  fields['reply'] = fields['errorCode'] = fields['followUp'] = undefined;
  return message;
}

const freshMessage = (id: number | string, type: string, data: unknown, now: number): Message =>
  new Message(client, id, type, data, now);

const answered = (make: typeof freshMessage) => (times: number) => {
  let bytes = 0;
  for (let n = 0; n < times; n++) {
    const { id, type, data } = parseClientFrame(text)!;
    const message = make(id, type, data, n);
    message.succeed(reply);
    bytes += TextFrame.of(message.reply!).bytes;
  }
  return bytes;
};

const messageAlone = (make: typeof freshMessage) => (times: number) => {
  let sum = 0;
  for (let n = 0; n < times; n++) sum += make(n, 'results.report', reply, n).arrivedAt;
  return sum;
};

const dataJson = JSON.stringify({
  testKey: 'b3f1c2d4e5f60718',
  testId: 'cart.spec.ts::adds item 1',
  title: 'adds item 1',
  suite: ['cart'],
  attempt: 1,
  status: 'passed',
  durationMs: 12,
  shardId: '',
  variant: '',
  rerun: 1,
});
const stream = 'run:bench/run-1';
const eventId = '01890f2c-7b1e-7c3a-9d52-3f6f0a1b2c3d';

function freshEvent(version: number): RecordedEvent {
  const at = 1_700_000_000_000;
  return { slot: 7, position: version, stream, version, eventId, type: 'test.finished', at, recordedAt: at, dataJson };
}

const eventPool = Array.from({ length: batch }, (_, n) => freshEvent(n)) as {
  -readonly [K in keyof RecordedEvent]: RecordedEvent[K];
}[];

function eventFromPool(version: number): RecordedEvent {
  const event = eventPool[version % batch]!;
  event.slot = 7;
  event.position = event.version = version;
  event.stream = stream;
  event.eventId = eventId;
  event.type = 'test.finished';
  event.at = event.recordedAt = 1_700_000_000_000;
  event.dataJson = dataJson;
  return event;
}

const framed = (make: (version: number) => RecordedEvent) => (times: number) => {
  let bytes = 0;
  for (let n = 0; n < times; n++) {
    const events = Array.from({ length: batch }, (_, index) => make(n * batch + index));
    bytes += eventFrames(stream, events)[0]!.frame.bytes;
  }
  return bytes;
};

const freshConnection = (n: number): Connection => new Connection(`c-${n}`, n % 1_000, socket, caller, context);
const connectionPool = [freshConnection(0)];

/** What a pool would have to do before somebody else gets the object: every field, those of what it is made of too. */
function connectionFromPool(n: number): Connection {
  const connection = connectionPool[0]!;
  const fields = connection as unknown as Fields;
  const now = performance.now();
  const outbox = fields['outbox'] as Fields;
  outbox['socket'] = socket;
  outbox['waiting'] = [];
  outbox['waitingBytes'] = 0;
  outbox['congestedSince'] = undefined;
  const inbox = fields['inbox'] as Fields & { entries: unknown[] };
  inbox.entries.length = 0;
  inbox['started'] = inbox['waitingBytes'] = 0;
  inbox['flushing'] = inbox['closed'] = false;
  if (connection.subscriptions.size > 0) connection.subscriptions.clear();
  fields['id'] = `c-${n}`;
  fields['pingSpreadMs'] = n % 1_000;
  fields['socket'] = socket;
  fields['caller'] = caller;
  fields['lastSeen'] = now;
  fields['lastPing'] = fields['badFrames'] = 0;
  fields['state'] = 'open';
  fields['leavingUntil'] = Infinity;
  fields['leavingAs'] =
    fields['sentClose'] =
    fields['movingUntil'] =
    fields['onGone'] =
    fields['movedHereAt'] =
      undefined;
  return connection;
}

const greeted = (make: (n: number) => Connection) => (times: number) => {
  for (let n = 0; n < times; n++) make(n).greet();
  return socket.sent;
};

export const shapes: readonly Shape[] = [
  { name: 'message alone', fresh: messageAlone(freshMessage), reused: messageAlone(messageFromPool) },
  {
    name: 'frame of 10 results parsed, message, reply framed',
    fresh: answered(freshMessage),
    reused: answered(messageFromPool),
  },
  { name: '10 recorded events to a frame', fresh: framed(freshEvent), reused: framed(eventFromPool) },
  { name: 'connection set up and greeted', fresh: greeted(freshConnection), reused: greeted(connectionFromPool) },
];
