import { performance } from 'node:perf_hooks';
import { Authenticator, type Caller, DomainError, toDomainError } from '#platform/kernel';
import { HandshakePace } from './handshake-pace.ts';
import type { Migration } from './migration/index.ts';
import { OriginRule } from './origin-rule.ts';
import type { UpgradeRequest } from './realtime-engine.ts';
import { defaultConnectRate, type RealtimeOptions, type RealtimeTuning } from './realtime-options.ts';
import { SourceRate } from './source-rate.ts';

interface Pending {
  readonly deadline: number;
  readonly refuse: (error: DomainError) => void;
}

/** Decides who may connect, before anything is set up for them. What costs nothing is asked first, the token last. */
export class Admission {
  draining = false;
  outOfMemory = false;
  readonly refused = new Map<string, number>();
  private readonly pending = new Set<Pending>();
  private readonly pace = new HandshakePace();
  private readonly path: string;
  private readonly origin: OriginRule;
  private readonly rate: SourceRate;

  constructor(
    private readonly options: RealtimeOptions,
    private readonly tuning: RealtimeTuning,
    private readonly authenticator: Authenticator,
    private readonly migration: Pick<Migration, 'callerOf'>,
    private readonly openConnections: () => number,
    private readonly onFailure: (error: DomainError) => void,
  ) {
    this.path = options.path ?? '/stream';
    this.origin = new OriginRule(options);
    this.rate = new SourceRate(options.connectRate ?? defaultConnectRate);
  }

  get pendingCount(): number {
    return this.pending.size + this.pace.size;
  }

  admit(request: UpgradeRequest, accept: (caller: Caller) => void, refuse: (error: DomainError) => void): void {
    const refusal = this.refusalOf(request);
    if (refusal !== undefined) {
      this.settleRefusal(refusal, refuse);
      return;
    }
    const entry: Pending = { deadline: performance.now() + this.tuning.admissionTimeoutMs, refuse };
    this.pending.add(entry);
    this.authenticate(request).then(
      (caller) => {
        // Overdue and already refused.
        if (!this.pending.delete(entry)) return;
        this.pace.run(() => this.letIn(caller, accept, refuse));
      },
      (error: unknown) => {
        if (this.pending.delete(entry)) this.settleRefusal(toDomainError(error), refuse);
      },
    );
  }

  /** Refuses those whose token is still not checked: a directory that hangs must not hold sockets for ever. */
  sweep(now: number): void {
    for (const entry of this.pending) {
      if (entry.deadline > now) break;
      this.pending.delete(entry);
      this.settleRefusal(
        new DomainError('store.unavailable', 'The token could not be checked in time.', { retryAfterMs: 1000 }),
        entry.refuse,
      );
    }
  }

  private letIn(caller: Caller, accept: (caller: Caller) => void, refuse: (error: DomainError) => void): void {
    if (this.draining) {
      this.settleRefusal(draining(), refuse);
      return;
    }
    try {
      accept(caller);
    } catch (error) {
      // It may run in a turn of its own, where nobody else would catch it and the process would end.
      this.settleRefusal(toDomainError(error), refuse);
    }
  }

  private refusalOf(request: UpgradeRequest): DomainError | undefined {
    if (request.path !== this.path) return new DomainError('request.not-found');
    if (this.draining) return draining();
    const source = this.options.sourceOf?.(request) ?? request.remoteAddress;
    const waitMs = this.rate.take(source, performance.now());
    if (waitMs > 0) return new DomainError('rate.exceeded', undefined, { retryAfterMs: waitMs });
    // Those being admitted count: else a burst passes the check together and exceeds the limit.
    const full =
      this.outOfMemory ||
      this.pending.size >= this.tuning.maxPendingAdmissions ||
      this.openConnections() + this.pendingCount >= this.options.maxConnections;
    if (full) return new DomainError('connection.limit', undefined, { retryAfterMs: 1000 });
    return this.origin.allows(request) ? undefined : new DomainError('auth.origin');
  }

  private async authenticate({ headers, query }: UpgradeRequest): Promise<Caller> {
    const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
    const ticket = query.get('ticket') ?? undefined;
    const moved = query.get('migration');
    if (bearer === undefined && ticket === undefined && moved !== null) return this.migration.callerOf(moved);
    if (bearer === undefined && ticket === undefined) throw new DomainError('auth.required');
    return this.authenticator.authenticate(bearer === undefined ? { ticket } : { bearer });
  }

  private settleRefusal(error: DomainError, refuse: (error: DomainError) => void): void {
    this.refused.set(error.code, (this.refused.get(error.code) ?? 0) + 1);
    if (error.code === 'internal') this.onFailure(error);
    refuse(error);
  }
}

function draining(): DomainError {
  return new DomainError('connection.draining', undefined, { retryAfterMs: 1000 });
}
