import { Catch, type RpcExceptionFilter } from '@nestjs/common';

/**
 * Lets a projection's errors through as they are. Nest's own filter turns every one of them into "Internal server error",
 * and without its SQLSTATE a lost connection could not be told from a poison event: the stream would be parked.
 */
@Catch()
export class KeepErrorsFilter implements RpcExceptionFilter {
  catch(error: unknown): never {
    throw error;
  }
}
