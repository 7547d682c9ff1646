import type { EventSink } from './event-sink.ts';
import { openPeerSink } from './peer-sinks.ts';
import { nowMicros, type Publishing, type PublishResult, type PublishRun } from './publishing.ts';
import { TestcastSink } from './testcast-sink.ts';

/** Time for everything to be sent that is due at the first moment. */
const leadMicros = 50_000;

let sink: EventSink | undefined;
let rooms = 1;

/** Open loop: what is due is published at its time, however slow what came before it. */
async function publish({
  eventsPerSecond,
  seconds,
  batch,
  acknowledgements = false,
}: PublishRun): Promise<PublishResult> {
  const to = sink!;
  const microsABatch = (batch / eventsPerSecond) * 1e6;
  const batches = Math.floor((seconds * 1e6) / microsABatch);
  const began = nowMicros() + leadMicros;
  const pending: Promise<void>[] = [];
  const acknowledged: [number, number][] = [];
  const cpu = process.cpuUsage();
  let [failed, mostLate, firstFailure] = [0, 0, ''];
  for (let next = 0; next < batches;) {
    const now = nowMicros();
    for (; next < batches && began + next * microsABatch <= now; next++) {
      const due = began + next * microsABatch;
      mostLate = Math.max(mostLate, now - due);
      pending.push(
        to.publish(next % rooms, due, batch).then(
          () => {
            if (acknowledgements) acknowledged.push([Math.round(due), nowMicros()]);
          },
          (error: unknown) => {
            failed += batch;
            firstFailure ||= String(error);
          },
        ),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(pending);
  const { user, system } = process.cpuUsage(cpu);
  return {
    published: batches * batch,
    failed,
    ...(firstFailure === '' ? {} : { firstFailure }),
    seconds: Math.max(seconds, (nowMicros() - began) / 1e6),
    cpuSeconds: (user + system) / 1e6,
    mostLateMs: mostLate / 1_000,
    acknowledged,
  };
}

async function open(publishing: Publishing): Promise<object> {
  sink?.close();
  rooms = publishing.rooms;
  sink = publishing.to === 'testcast' ? await TestcastSink.open(publishing) : await openPeerSink(publishing);
  return {};
}

process.on('message', (request: { open?: Publishing; run?: PublishRun }) => {
  const work = request.open === undefined ? publish(request.run!) : open(request.open);
  work.then(
    (result) => process.send!({ result }),
    (error: unknown) => process.send!({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
