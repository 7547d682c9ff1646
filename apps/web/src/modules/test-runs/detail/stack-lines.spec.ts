import { describe, expect, it } from 'vitest';
import { stackLines, stackParts, withoutMessage } from './stack-lines.ts';

const stack = [
  'AssertionError: expected 1 to be 2',
  '    at total (/app/src/cart.ts:12:7)',
  '    at Object.<anonymous> (/app/node_modules/lib/index.js:1:1)',
  '    at run (node:internal/process:10:1)',
  '    at step (/app/node_modules/runner/step.js:3:1)',
  '    at main (/app/test/cart.spec.ts:4:1)',
].join('\n');

describe('a stack', () => {
  it('tells own frames from those of libraries and the runtime', () => {
    expect(stackLines(stack).map(({ isFrame, isOwn }) => `${isFrame}/${isOwn}`)).toEqual([
      'false/false',
      'true/true',
      'true/false',
      'true/false',
      'true/false',
      'true/true',
    ]);
  });

  it('folds foreign frames that stand together, and loses no line', () => {
    const parts = stackParts(stackLines(stack));
    expect(parts.map(({ kind, lines }) => [kind, lines.length])).toEqual([
      ['lines', 2],
      ['folded', 3],
      ['lines', 1],
    ]);
    expect(parts.flatMap(({ lines }) => lines.map(({ text }) => text)).join('\n')).toBe(stack);
  });

  it('shows two foreign frames as they are', () => {
    const short = stack.split('\n').slice(0, 4).join('\n');
    expect(stackParts(stackLines(short))).toHaveLength(1);
  });

  it('knows frames of Python and Java', () => {
    const [python, java] = stackLines(
      '  File "tests/test_cart.py", line 3, in test\n    at org.junit.Assert.fail(Assert.java:89)',
    );
    expect(python).toMatchObject({ isFrame: true, isOwn: true });
    expect(java).toMatchObject({ isFrame: true, isOwn: false });
  });
});

describe('the message at the head of a stack', () => {
  it('is not shown twice', () => {
    expect(withoutMessage(stack, 'expected 1 to be 2')).toMatch(/^ {4}at total/);
  });

  it('stays where it is all there is, or where it stands elsewhere', () => {
    expect(withoutMessage('Error: boom', 'boom')).toBe('Error: boom');
    expect(withoutMessage('Traceback:\n  boom', 'boom')).toBe('Traceback:\n  boom');
  });
});
