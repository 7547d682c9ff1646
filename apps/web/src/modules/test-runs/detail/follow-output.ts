import { asTestcastError, type StreamWatch, type TestcastClient } from '@testcast/client';
import { type OutputEventData, type RunRef, rooms } from '@testcast/contracts';

/** Characters of output that the page keeps; more is in the log, and would make the page slow. */
const kept = 64 * 1024;
const pagePieces = 1000;

export interface OutputView {
  readonly text: string;
  /** Whether something before the text was left out. */
  readonly isCut: boolean;
  readonly error?: string | undefined;
}

/** The end of `before` and `added` together, cut at a line where there is one. */
export function tailOf(before: OutputView, added: string): OutputView {
  const text = before.text + added;
  if (text.length <= kept) return { text, isCut: before.isCut };
  const tail = text.slice(-kept);
  const line = tail.indexOf('\n');
  return { text: line === -1 ? tail : tail.slice(line + 1), isCut: true };
}

/** Reads what a test has printed and follows it, until the returned function is called. */
export function followOutput(
  client: TestcastClient,
  ref: RunRef,
  testKey: string,
  show: (view: OutputView) => void,
): () => void {
  const aborted = new AbortController();
  let view: OutputView = { text: '', isCut: false };
  let watch: StreamWatch | undefined;
  const add = (text: string): void => {
    view = tailOf(view, text);
    if (!aborted.signal.aborted) show(view);
  };
  const fail = (cause: unknown): void => {
    if (!aborted.signal.aborted) show({ ...view, error: asTestcastError(cause).message });
  };

  const read = async (): Promise<void> => {
    let offset = 0;
    let epoch: string;
    for (;;) {
      const page = await client.http.getOutput(ref, testKey, { after: offset, limit: pagePieces }, aborted);
      epoch = page.epoch;
      offset = page.items.at(-1)?.offset ?? offset;
      if (page.items.length > 0) add(page.items.map(({ text }) => text).join(''));
      if (page.next === null) break;
    }
    if (aborted.signal.aborted) return;
    // Open twice on one page, the test is followed once; the other one shows what there was.
    watch = client.connection.watchStream(rooms.output(ref.projectId, ref.runId, testKey), {
      offset,
      epoch,
      onEvents: (events) => add(events.map(({ data }) => (data as OutputEventData['output']).text).join('')),
      onReset: () => {
        view = { text: '', isCut: false };
        watch?.close();
        void read().catch(fail);
      },
      onEnd: fail,
    });
  };
  void read().catch(fail);
  return () => {
    aborted.abort();
    watch?.close();
  };
}
