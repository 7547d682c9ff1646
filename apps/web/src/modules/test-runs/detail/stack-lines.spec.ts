import { describe, expect, it } from 'vitest';
import { shownStack, stackLines, stackParts } from './stack-lines.ts';

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

  it('shows the frame that opens the fields of an error', () => {
    const fields = [
      ...Array<string>(3).fill('    at run (node:internal/x:1:1)'),
      '    at run (node:internal/x:1:1) {',
      '  code: 1',
    ];
    expect(stackParts(stackLines(fields.join('\n'))).map(({ lines }) => lines.length)).toEqual([3, 2]);
  });

  it('shows two foreign frames as they are', () => {
    const short = stack.split('\n').slice(0, 4).join('\n');
    expect(stackParts(stackLines(short))).toHaveLength(1);
  });

  it.each([
    '    at TestContext.<anonymous> (file:///home/x/suite/slug.test.mjs:8:39)',
    '    at Object.<anonymous> (/app/src/internal/java.spec.ts:3:1)',
    '    at async file:///home/x/sun.test.mjs:4:1',
    '    at shop.java.CartTest.adds(CartTest.java:12)',
    '    at Shop.System.Cart.Add() in /src/Cart.cs:line 9',
    '/home/me/go/src/shop/cart_test.go:12 +0x1d',
  ])('takes %j for own code', (line) => {
    expect(stackLines(line)).toMatchObject([{ isFrame: true, isOwn: true }]);
  });

  it.each([
    '    at new Promise (<anonymous>)',
    '    at async Promise.all (index 0)',
    '    at node:internal/test_runner/test:1133:71',
    '    at Test.runInAsyncScope (node:async_hooks:206:9)',
    '    at file:///app/node_modules/vitest/dist/chunk.js:1:2',
    '    at java.base/jdk.internal.reflect.Method.invoke(Method.java:1)',
    '    at app//org.junit.Assert.fail(Assert.java:89)',
    '    at System.RuntimeMethodHandle.InvokeMethod()',
  ])('takes %j for a library or the runtime', (line) => {
    expect(stackLines(line)).toMatchObject([{ isFrame: true, isOwn: false }]);
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
    expect(shownStack(stack, 'expected 1 to be 2')).toMatch(/^ {4}at total/);
  });

  it('stays where it is all there is, or where it stands elsewhere', () => {
    expect(shownStack('Error: boom', 'boom')).toBe('Error: boom');
    expect(shownStack('Traceback:\n  boom', 'boom')).toBe('Traceback:\n  boom');
  });

  it('stays where no frame follows it, so that nothing begins in the middle', () => {
    const inspected = "[Error [ERR_TEST_FAILURE]: boom] { code: 'ERR_TEST_FAILURE', cause: 'boom' }";
    expect(shownStack(inspected, 'boom')).toBe(inspected);
  });
});

it('shows of an error of node:test its cause', () => {
  const cause = [
    '  cause: TypeError [Error]: boom',
    '      at TestContext.<anonymous> (file:///p/cart.test.mjs:12:34)',
    '      at Test.run (node:internal/test_runner/test:796:25)',
  ];
  const wrapped = ['[Error [ERR_TEST_FAILURE]: boom] {', "  code: 'ERR_TEST_FAILURE',", ...cause, '}'].join('\n');
  expect(shownStack(wrapped, 'boom')).toBe(
    '    at TestContext.<anonymous> (file:///p/cart.test.mjs:12:34)\n    at Test.run (node:internal/test_runner/test:796:25)',
  );
});
