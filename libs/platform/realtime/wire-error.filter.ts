import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Message } from './message.ts';

/**
 * Settles the reply of whatever a handler, guard, pipe or interceptor throws. The adapter gives it to every gateway: Nest
 * does not apply global filters to gateways, and its own would write to a socket that is none.
 */
@Catch()
export class WireErrorFilter implements ExceptionFilter {
  catch(thrown: unknown, host: ArgumentsHost): void {
    host.switchToWs().getData<Message>().fail(thrown);
  }
}
