import type { LifecycleEvent, ResultItem } from '@testcast/contracts';
import { canonicalJson, derivedId } from '#platform/kernel';

/** What names an item, after everything that it did not say has been filled in. */
export interface ItemIdentity {
  readonly kind: ResultItem['kind'];
  readonly itemId?: string | undefined;
  readonly shardId: string;
  readonly testId?: string | undefined;
  readonly variant: string;
  readonly rerun: number;
  readonly attempt?: number | undefined;
  readonly stream?: string | undefined;
  readonly seq?: number | undefined;
}

/** The event id of an item, by PROTOCOL "Identity": what is sent again gets the id that it had. `run` = the run's stream. */
export function itemEventId(run: string, item: ItemIdentity): string {
  if (item.itemId !== undefined) return derivedId(run, item.kind, item.itemId);
  const { kind, shardId, testId = '', variant, rerun, attempt = '' } = item;
  if (kind !== 'output') return derivedId(run, kind, shardId, testId, variant, rerun, attempt);
  return derivedId(run, kind, shardId, testId, variant, rerun, attempt, item.stream!, item.seq!);
}

/**
 * The event id of a lifecycle event. The store does not compare the content of these, so the content is in the id: of two
 * gateways that decide differently at the same moment, the second meets a conflict and decides again, where an equal id
 * would make it believe that its own word was stored. `run.started` has one id a run, whoever started it.
 *
 * @param opening the opening of the run that the event belongs to: a run that was reopened may end the same way again
 */
export function lifecycleEventId(run: string, event: LifecycleEvent, opening: number): string {
  switch (event.type) {
    case 'run.started':
      return derivedId(run, event.type);
    case 'run.described':
    case 'rerun.started':
    case 'shard.started':
    case 'shard.finished':
      return derivedId(run, event.type, canonicalJson(event.data));
    default:
      return derivedId(run, event.type, opening, canonicalJson(event.data));
  }
}
