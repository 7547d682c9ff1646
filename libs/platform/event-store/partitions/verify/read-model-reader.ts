import { readStream, recordedEventOf, type RecordedRow, type StreamRow } from '../../read-events.sql.ts';
import type { RecordedEvent } from '../../recorded-event.ts';
import type { OperatorSession } from '../operator-session.ts';

const page = { events: 1_000, bytes: 4 * 1024 * 1024 };

/** What a check of read models reads by, on the connection that verifies. */
export class ReadModelReader {
  /** @param tell the share of the check that is done, 0…1; undefined where that is not known */
  constructor(
    private readonly session: OperatorSession,
    readonly tell: (done: number | undefined) => void,
  ) {}

  /** One statement that reads; by itself it sees one moment of the database. */
  query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.session.query<Row>(text, values);
  }

  /** Whatever `look` reads, rows and log, is of one moment. It cannot be nested. */
  atOneMoment<T>(look: () => Promise<T>): Promise<T> {
    return this.session.atOneMoment(look);
  }

  /** The next events of a stream, a page of them; none at its end. */
  async eventsAfter(stream: string, version: number): Promise<RecordedEvent[]> {
    const rows = await this.session.rows<StreamRow>(readStream(stream, version, page.events, page.bytes));
    return rows
      .map((row) => row.slice(4) as unknown as RecordedRow)
      .filter(([slot]) => slot !== null)
      .map(recordedEventOf);
  }
}
