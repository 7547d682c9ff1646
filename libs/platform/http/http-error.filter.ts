import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DomainError } from '#platform/kernel';
import { catalogued } from './catalogued.ts';

/**
 * Answers every error as `{"error": {code, message, temporary, …}}` of the catalogue. What is not of the catalogue is
 * logged once under a request id, and the client gets that id and nothing else: a message of a driver may hold secrets.
 */
@Catch()
export class HttpErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const error = catalogued(thrown) ?? this.unforeseen(thrown, request);
    if (response.headersSent) {
      // Half an answer has gone out; only a cut tells the client that it is not whole.
      response.destroy();
      return;
    }
    if (error.retryAfterMs !== undefined) response.setHeader('Retry-After', Math.ceil(error.retryAfterMs / 1000));
    if (error.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    response.status(error.status).json({ error: error.toBody() });
  }

  private unforeseen(thrown: unknown, request: Request): DomainError {
    const requestId = randomUUID();
    const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    // The path without its query, which may carry a ticket.
    this.logger.error(`${request.method} ${request.path} failed (request ${requestId}): ${what}`);
    return new DomainError('internal', undefined, { details: { requestId }, cause: thrown });
  }
}
