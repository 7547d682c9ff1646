import { Socket } from '../../test/e2e/support/socket.ts';
import { EventSink } from './event-sink.ts';
import { nameOf, type Publishing, stampOf } from './publishing.ts';

/** A room's reports go over one of them, in order. */
const connections = 32;
/** What the protocol allows in flight on one connection. */
const mostInFlight = 16;

interface Line {
  readonly socket: Socket;
  inFlight: number;
  readonly waiting: (() => void)[];
}

/** As reporters do it: `results.report` over sockets, answered item by item once they are durable. */
export class TestcastSink extends EventSink {
  private unique = 0;

  private constructor(
    private readonly lines: readonly Line[],
    private readonly runs: readonly { projectId: string; runId: string }[],
    private readonly kind: 'test.started' | 'test.finished',
  ) {
    super();
  }

  static async open(publishing: Publishing): Promise<TestcastSink> {
    const sockets = await Promise.all(
      Array.from({ length: Math.min(connections, publishing.rooms) }, () =>
        Socket.open(publishing.url, publishing.token!),
      ),
    );
    return new TestcastSink(
      sockets.map((socket) => ({ socket, inFlight: 0, waiting: [] })),
      Array.from({ length: publishing.rooms }, (_, room) => runOf(nameOf(publishing.room, room))),
      publishing.kind ?? 'test.started',
    );
  }

  async publish(room: number, dueMicros: number, count: number): Promise<void> {
    const line = this.lines[room % this.lines.length]!;
    if (line.inFlight >= mostInFlight) await new Promise<void>((resolve) => line.waiting.push(resolve));
    line.inFlight += 1;
    try {
      const items = Array.from({ length: count }, () => this.itemAt(dueMicros));
      const answer = await line.socket.request('results.report', { ...this.runs[room]!, items });
      const { results } = (answer.data ?? {}) as { results?: { status: string }[] };
      if (results?.every(({ status }) => status === 'appended') !== true) throw new Error(JSON.stringify(answer));
    } finally {
      line.inFlight -= 1;
      line.waiting.shift()?.();
    }
  }

  close(): void {
    for (const { socket } of this.lines) socket.cut();
  }

  private itemAt(dueMicros: number): object {
    return {
      kind: this.kind,
      ...(this.kind === 'test.finished' ? { status: 'passed', durationMs: this.unique % 300 } : {}),
      at: Date.now(),
      testId: `cart.spec.ts::${this.unique++}`,
      title: stampOf(dueMicros),
      suite: [],
      attempt: 1,
    };
  }
}

function runOf(room: string): { projectId: string; runId: string } {
  const [, projectId, runId] = /^run:(.*)\/(.*)$/.exec(room)!;
  return { projectId: projectId!, runId: runId! };
}
