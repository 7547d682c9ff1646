import { clientMessages } from '@testcast/contracts';
import { Authenticator, DomainError } from '#platform/kernel';
import type { HandlerTable } from './handler-table.ts';
import type { Message } from './message.ts';
import { parseData } from './parse-data.ts';

/** `ping` and `auth.refresh`. */
export class SessionHandlers {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly now: () => number,
  ) {}

  addTo(table: HandlerTable): void {
    table.add('ping', () => ({ timestamp: this.now() }));
    table.add('auth.refresh', (message) => this.refresh(message));
  }

  /** A token that is refused leaves everything as it was: the connection stays until the old one expires. */
  private async refresh({ connection, data }: Message): Promise<{ expiresAt: number | undefined }> {
    const { token } = parseData(clientMessages['auth.refresh'], data);
    const caller = await this.authenticator.authenticate({ bearer: token });
    // A connection belongs to one subject: what it sent under the first would else count as the second's.
    if (caller.subject !== connection.caller.subject) {
      throw new DomainError('auth.forbidden', 'The token is of another subject than the connection.');
    }
    connection.renew(caller);
    return { expiresAt: caller.expiresAt };
  }
}
