import type { Tracing } from '#platform/observability';
import type { RealtimeOptions } from '#platform/realtime';

type Hooks = Pick<RealtimeOptions, 'onHandled' | 'onDelivered' | 'aroundHandler'>;

/** The hooks of the sockets, with those of traces where there are any: without, not so much as a call is added. */
export function tracedHooks(hooks: Hooks, tracing: Tracing | undefined): Hooks {
  if (tracing === undefined) return hooks;
  return {
    ...hooks,
    aroundHandler: (message, handle) => tracing.receive(message, handle),
    onDelivered: (events, subscribers) => {
      hooks.onDelivered?.(events, subscribers);
      tracing.delivered(events, subscribers);
    },
  };
}
