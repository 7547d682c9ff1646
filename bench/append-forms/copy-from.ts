import type pg from 'pg';

/** What pg's connection can do beside what its types say. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Text sent to a `COPY … FROM STDIN`, as a query of pg: it calls back as the server's messages come. */
export class CopyFrom {
  private constructor(
    private readonly statement: string,
    private readonly text: string,
    private readonly settle: (error?: Error) => void,
  ) {}

  static run(client: pg.Client, statement: string, text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const copy = new CopyFrom(statement, text, (error) => (error === undefined ? resolve() : reject(error)));
      (client as unknown as { query(copy: CopyFrom): void }).query(copy);
    });
  }

  submit(connection: CopyConnection): void {
    connection.query(this.statement);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(Buffer.from(this.text));
    connection.endCopyFrom();
  }

  handleCommandComplete(): void {}

  handleError(error: Error): void {
    this.settle(error);
  }

  handleReadyForQuery(): void {
    this.settle();
  }
}
