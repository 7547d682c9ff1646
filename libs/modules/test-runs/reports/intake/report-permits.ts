import { Injectable } from '@nestjs/common';
import { Permits } from './permits.ts';

/**
 * What all reports together may hold of the server. Receiving is apart from parsing: of slow uploads four must not keep
 * those out that are here whole.
 */
@Injectable()
export class ReportPermits {
  /** Each takes up to 256 MiB of disk. A few more wait, unread, so that the sender's own socket holds them back. */
  readonly toReceive = new Permits(8, 16);
  /** Each takes half a core. Nobody waits for one but who may receive. */
  readonly toParse = new Permits(4, Infinity);
}
