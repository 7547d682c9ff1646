import pg from 'pg';

/** One statement as a process sent it, and what it may have known by then. */
export interface RecordedStatement {
  /** Statements of one connection follow each other. */
  readonly connection: number;
  readonly config: pg.QueryConfig;
  /** How many statements of all connections had ended when it was sent. */
  readonly sentAfter: number;
  /** It was this one, from 0, that ended; -1 while it is under way. */
  endedAs: number;
}

type Settled = (...args: unknown[]) => void;

/** What belongs to a process and not to its results: others would be woken, or held up. */
const notReplayed = /^\s*(un)?listen\b|advisory/i;

/** Writes down what the clients of `pg` in this process send, by the name that their application has told. */
export class Recorder {
  private readonly original = Object.getOwnPropertyDescriptor(pg.Client.prototype, 'query')!;
  private readonly connections = new Map<pg.Client, number>();
  private readonly recorded: RecordedStatement[] = [];
  private ended = 0;

  constructor(applications: readonly string[]) {
    const send = this.original.value as (this: pg.Client, ...args: unknown[]) => unknown;
    const record = (client: pg.Client, args: unknown[]): unknown => {
      const { connectionParameters } = client as unknown as { connectionParameters: { application_name?: string } };
      if (!applications.includes(connectionParameters.application_name ?? '')) return send.apply(client, args);
      return this.record(client, args, (given) => send.apply(client, given));
    };
    Object.defineProperty(pg.Client.prototype, 'query', {
      ...this.original,
      value(this: pg.Client, ...args: unknown[]) {
        return record(this, args);
      },
    });
  }

  stop(): RecordedStatement[] {
    Object.defineProperty(pg.Client.prototype, 'query', this.original);
    return this.recorded.filter(({ endedAs }) => endedAs >= 0);
  }

  private record(client: pg.Client, args: unknown[], send: (args: unknown[]) => unknown): unknown {
    const [first, second] = args;
    const config: pg.QueryConfig =
      typeof first === 'string'
        ? { text: first, values: Array.isArray(second) ? second : [] }
        : { ...(first as pg.QueryConfig), ...(Array.isArray(second) ? { values: second } : {}) };
    if (notReplayed.test(config.text)) return send(args);
    const statement: RecordedStatement = {
      connection: this.connectionOf(client),
      config,
      sentAfter: this.ended,
      endedAs: -1,
    };
    this.recorded.push(statement);
    const end = (): void => void (statement.endedAs = this.ended++);
    const callback = args.findIndex((arg) => typeof arg === 'function');
    if (callback >= 0) {
      const given = args[callback] as Settled;
      return send(args.with(callback, (...answer: unknown[]) => (end(), given(...answer))));
    }
    const answer = send(args) as Promise<unknown>;
    answer.then(end, end);
    return answer;
  }

  private connectionOf(client: pg.Client): number {
    const known = this.connections.get(client) ?? this.connections.size;
    this.connections.set(client, known);
    return known;
  }
}
