import { eventFrames } from '../../libs/platform/realtime/event-frames.ts';
import { TextFrame } from '../../libs/platform/realtime/text-frame.ts';
import type { Variant } from '../support/micro.ts';
import { compileJson } from './json-compiler.ts';
import { dataSchema, frameSchema, itemsOf, recordedOf, replyOf, replySchema, room } from './messages.ts';

export interface Comparison {
  readonly name: string;
  /** The first is what the product does. */
  readonly variants: readonly Variant[];
  /** How many pieces the time is for: events of a frame, sockets that it is written to. */
  readonly pieces: number;
}

/** Work that is done again and again; its results are added up, so that none can be left out. */
export const repeated =
  (work: () => number): Variant['run'] =>
  (times) => {
    let sum = 0;
    for (let n = 0; n < times; n++) sum += work();
    return sum;
  };

/** An `events` frame: what the log has as text is put in as it stands; the others have it as objects, for nothing. */
function framesOf(count: number): Comparison {
  const items = itemsOf(count);
  const events = recordedOf(items);
  const compiled = compileJson(frameSchema);
  const message = { type: 'events', room, events: items };
  const parsed = () => ({
    ...message,
    events: events.map((event) => ({
      offset: event.version,
      eventId: event.eventId,
      type: event.type,
      at: event.at,
      data: JSON.parse(event.dataJson) as object,
    })),
  });
  return {
    name: `frame of ${count} events`,
    pieces: count,
    variants: [
      { name: 'data as text (ours)', run: repeated(() => eventFrames(room, events)[0]!.frame.bytes) },
      { name: 'JSON.stringify', run: repeated(() => TextFrame.of(JSON.stringify(message), room).bytes) },
      { name: 'schema-compiled', run: repeated(() => TextFrame.of(compiled(message), room).bytes) },
      { name: 'schema-compiled, parsed before', run: repeated(() => TextFrame.of(compiled(parsed()), room).bytes) },
    ],
  };
}

function reply(count: number): Comparison {
  const data = replyOf(count);
  const compiled = compileJson(replySchema);
  return {
    name: `reply to ${count} results`,
    pieces: count,
    variants: [
      {
        name: 'JSON.stringify (ours)',
        run: repeated(() => `{"id":17,"type":"ok","data":${JSON.stringify(data)}}`.length),
      },
      { name: 'schema-compiled', run: repeated(() => compiled({ id: 17, type: 'ok', data }).length) },
    ],
  };
}

/** What each event's data is written with once, before it is appended. */
function eventData(): Comparison {
  const [{ data }] = itemsOf(1) as [ReturnType<typeof itemsOf>[0]];
  const compiled = compileJson(dataSchema);
  return {
    name: 'data of an event',
    pieces: 1,
    variants: [
      { name: 'JSON.stringify (ours)', run: repeated(() => JSON.stringify(data).length) },
      { name: 'schema-compiled', run: repeated(() => compiled(data).length) },
    ],
  };
}

export const writers = (): Comparison[] => [...[1, 10, 50, 200].map(framesOf), reply(1), reply(100), eventData()];
