import { appendTo, type ModelAnswer, type ModelAppend, type ModelStream } from './model-log.ts';

/** An append to one stream together with what the store answered. */
export interface Answered {
  readonly append: ModelAppend;
  readonly answer: ModelAnswer;
  /** Whether an answer may have been lost on its way, so that the store has asked again. */
  readonly mayRepeat: boolean;
}

/**
 * What the stream is after appends that were under way at once, if there is an order of them in which the model gives
 * exactly these answers; undefined when there is none. Each node keeps the order of its own.
 *
 * There are few of them and most orders end at the first answer, so trying every order is cheap.
 *
 * @param nodes for each node its appends, in the order in which it was given them
 */
export function linearize(stream: ModelStream, nodes: readonly (readonly Answered[])[]): ModelStream | undefined {
  if (nodes.every((appends) => appends.length === 0)) return stream;
  for (const [node, [next, ...later]] of nodes.entries()) {
    if (next === undefined) continue;
    const after = appendTo(stream, next.append);
    if (!isAnswer(next, after.answer)) continue;
    const end = linearize(after.stream, nodes.with(node, later));
    if (end !== undefined) return end;
  }
  return undefined;
}

/** A store whose answer was lost asks again, and is told that what it has just appended is known. */
function isAnswer({ answer, mayRepeat }: Answered, expected: ModelAnswer): boolean {
  if (answer === 'refused' || expected === 'refused') return answer === expected;
  return expected.every(({ status, version, guard }, index) => {
    const given = answer[index];
    if (given?.version !== version || given.guard !== guard) return false;
    return given.status === status || (mayRepeat && status === 'appended' && given.status === 'duplicate');
  });
}
