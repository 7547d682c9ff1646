import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { map, of, throwError } from 'rxjs';
import { z } from 'zod';
import { type Caller, DomainError } from '#platform/kernel';
import { FromCaller, type Message, Payload } from '#platform/realtime';

const waitSchema = z.object({ name: z.string() });

@Injectable()
class NobodyPasses implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Injectable()
class Twice implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler<number>) {
    return next.handle().pipe(map((value) => ({ value: value * 2 })));
  }
}

/** Handlers of every form. */
@WebSocketGateway()
export class Probe {
  static readonly waiting = new Map<string, () => void>();
  static readonly started: string[] = [];

  /** Lets go on what waits, and forgets what was started: between tests. */
  static reset(): void {
    for (const settle of Probe.waiting.values()) settle();
    Probe.waiting.clear();
    Probe.started.length = 0;
  }

  @SubscribeMessage('probe.wait')
  async wait(@Payload(waitSchema) { name }: z.infer<typeof waitSchema>): Promise<{ name: string }> {
    Probe.started.push(name);
    await new Promise<void>((resolve) => Probe.waiting.set(name, resolve));
    return { name };
  }

  @SubscribeMessage('probe.whoami')
  whoami(@FromCaller() caller: Caller): { subject: string } {
    return { subject: caller.subject };
  }

  @SubscribeMessage('probe.frame')
  frame(@MessageBody() message: Message): unknown {
    return { type: message.type, data: message.data, subject: message.caller.subject };
  }

  @SubscribeMessage('probe.nothing')
  nothing(): void {}

  @SubscribeMessage('probe.observable')
  observable() {
    return of(1, 2, 3);
  }

  @SubscribeMessage('probe.failing-observable')
  failingObservable() {
    return throwError(() => new DomainError('run.unknown'));
  }

  @SubscribeMessage('probe.domain-error')
  domainError(): never {
    throw new DomainError('run.already-ended', 'It has ended.', { details: { offset: 7 } });
  }

  @SubscribeMessage('probe.bug')
  async bug(): Promise<never> {
    throw new Error('secret of the server');
  }

  @UseGuards(NobodyPasses)
  @SubscribeMessage('probe.guarded')
  guarded(): void {}

  @UseInterceptors(Twice)
  @SubscribeMessage('probe.twice')
  twice(): number {
    return 21;
  }
}

@WebSocketGateway()
export class SecondProbe {
  @SubscribeMessage('second.hello')
  hello(): { hello: string } {
    return { hello: 'from the second gateway' };
  }
}
