import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { DomainError } from '#platform/kernel';
import { type BodyRule, bodyRule, type JsonRule } from './body-rule.ts';

const defaultMaxBytes = 1024 * 1024;
const jsonTypes = ['application/json', 'application/*+json'];
const lineTypes = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];

/**
 * Reads the body by the rule of its route, after the guard that says who may call: what a stranger sends is refused before
 * a byte of it is parsed. A guard and neither a middleware, which would run before that one, nor an interceptor: with any
 * interceptor Nest takes each call through RxJS and an AsyncResource, a fifth of what a small request costs, and each
 * message of a socket too.
 */
@Injectable()
export class BodyGuard implements CanActivate {
  private readonly parsers = new Map<JsonRule | undefined, RequestHandler[]>();

  constructor(private readonly reflector: Reflector) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const rule = this.reflector.get<BodyRule | undefined>(bodyRule, context.getHandler());
    if (rule?.kind === 'streamed') return true;
    const http = context.switchToHttp();
    await this.read(http.getRequest<Request>(), http.getResponse<Response>(), rule);
    return true;
  }

  private async read(request: Request, response: Response, rule: JsonRule | undefined): Promise<void> {
    if (!hasBody(request)) return;
    for (const parse of this.parsersOf(rule)) {
      await new Promise<void>((resolve, reject) => {
        void parse(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
      });
      if (request.body !== undefined) return;
    }
    throw new DomainError(
      'request.unsupported-type',
      `This call takes ${rule?.lines === true ? 'application/json or application/x-ndjson' : 'application/json'}.`,
    );
  }

  private parsersOf(rule: JsonRule | undefined): RequestHandler[] {
    let parsers = this.parsers.get(rule);
    if (parsers === undefined) {
      const limit = rule?.maxBytes ?? defaultMaxBytes;
      parsers = [express.json({ limit, type: jsonTypes })];
      if (rule?.lines === true) parsers.push(express.text({ limit, type: lineTypes }));
      this.parsers.set(rule, parsers);
    }
    return parsers;
  }
}

// A client may well say `Content-Length: 0` and no type where a call has no arguments.
function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
