import type { ServerPush, SubscribeReply } from '@testcast/contracts';
import type { TestcastError } from '../testcast-error.ts';
import type { Link } from './link.ts';

/** What a frame or reply makes of a subscription: `again` = ask for the room once more, `over` = it is done for. */
export type Verdict = 'fine' | 'again' | 'over';

/** One watched room, over all the connections that come and go beneath it. */
export interface Subscription {
  readonly room: string;
  /** Data of `room.subscribe`, as things stand now. */
  request(): { room: string; offset?: number | undefined; epoch?: string | undefined };
  subscribing(link: Link): void;
  subscribed(link: Link, reply: SubscribeReply): Verdict;
  push(link: Link, frame: ServerPush): Verdict;
  linkClosed(link: Link): void;
  /** The server refused for good, and the room has been let go. */
  refused(error: TestcastError): void;
  /** After the verdict `over`, when the room has been let go: the observer may watch it again at once. */
  over(): void;
  /** Read to its head over this connection. */
  caughtUp(link: Link): boolean;
  readonly behind: number;
}

/** Calls an observer. What it throws surfaces as an uncaught error of its own and does not stop the frames behind it. */
export function tell(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
