import { expect, it } from 'vitest';
import { JsonLogger, type LogLevel } from './json-logger.ts';

function newTestLogger(level: LogLevel = 'trace') {
  const lines: string[] = [];
  const logger = new JsonLogger({ level, name: 'test', destination: { write: (line) => void lines.push(line) } });
  return { logger, lines, last: () => JSON.parse(lines.at(-1)!) as Record<string, unknown> };
}

it('writes a line of JSON with the context that Nest adds', () => {
  const { logger, last } = newTestLogger();
  logger.log('run started', { runId: 'r1' }, 'Runs');
  expect(last()).toMatchObject({
    level: 30,
    name: 'test',
    msg: 'run started',
    context: 'Runs',
    details: [{ runId: 'r1' }],
  });
});

it.each([
  'authorization',
  'Cookie',
  'set-cookie',
  'token',
  'ticket',
  'key',
  'apiKey',
  'migrationToken',
  'JWT_SECRET',
  'password',
])('never shows the field %s, however deep it lies', (field) => {
  const { logger, lines } = newTestLogger();
  logger.warn({ request: { headers: { [field]: 'hunter2' } } }, { [field]: ['hunter2'] });
  expect(lines.join('')).not.toContain('hunter2');
});

it('keeps fields that only sound like credentials', () => {
  const { logger, last } = newTestLogger();
  logger.log('x', { testKey: 'k1', tokens: 3, monkey: 'm', keyset: 'a' });
  expect(last()['details']).toEqual([{ testKey: 'k1', tokens: 3, monkey: 'm', keyset: 'a' }]);
});

it.each([
  'GET /stream?ticket=hunter2&x=1',
  'GET /stream?x=1&migration=hunter2',
  'Authorization: Bearer hunter2.abc.def',
  'cannot reach postgres://testcast:hunter2@db:5432/testcast',
  'key tc_hunter2hunter2 was revoked',
])('takes credentials out of text: %s', (text) => {
  const { logger, lines } = newTestLogger();
  logger.error(text, new Error(text, { cause: new Error(text) }));
  logger.error(new Error(text));
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toContain('hunter2');
});

it("leaves out a query's parameters, which are users' data", () => {
  const { logger, lines } = newTestLogger();
  logger.error(
    'projection failed',
    Object.assign(new Error('duplicate key'), { code: '23505', parameters: ['private text'] }),
  );
  expect(lines[0]).toContain('23505');
  expect(lines[0]).not.toContain('private text');
});

it('writes nothing below its level', () => {
  const { logger, lines } = newTestLogger('warn');
  logger.log('quiet');
  logger.debug('quiet');
  logger.warn('loud');
  expect(lines).toHaveLength(1);
});
