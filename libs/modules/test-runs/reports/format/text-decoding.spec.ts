import { describe, expect, it } from 'vitest';
import { readText } from './read-text.fixture.ts';

const document = (encoding?: string) =>
  `<?xml version="1.0"${encoding === undefined ? '' : ` encoding="${encoding}"`}?><testsuite><testcase name="né"/></testsuite>`;
const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16();
const utf16 = (text: string) => Buffer.from(text, 'utf16le');

describe('the encoding of a report', () => {
  it.each<[string, Buffer, string]>([
    ['UTF-8', Buffer.from(document()), 'né'],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${document('utf-8')}`), 'né'],
    ['UTF-16 LE with a byte order mark', utf16(`\ufeff${document('utf-16')}`), 'né'],
    ['UTF-16 BE with a byte order mark', swapped(utf16(`\ufeff${document('utf-16')}`)), 'né'],
    ['UTF-16 LE without one', utf16(document('utf-16')), 'né'],
    ['UTF-16 BE without one', swapped(utf16(document())), 'né'],
    ['UTF-8 that says it is UTF-16', Buffer.from(document('utf-16')), 'né'],
    ['ISO-8859-1', Buffer.from(document('ISO-8859-1'), 'latin1'), 'né'],
    ['windows-1251', Buffer.from(document('windows-1251'), 'latin1'), 'nй'],
    ['one that nobody knows', Buffer.from(document('utf-99')), 'né'],
    ['bytes that are not of it', Buffer.from(document('utf-8'), 'latin1'), 'n\ufffd'],
  ])('%s', async (_, bytes, name) => {
    expect((await readText(bytes)).outcomes).toEqual([`${name}: passed`]);
    expect((await readText(bytes, { chunk: 1 })).outcomes).toEqual([`${name}: passed`]);
  });

  it('is a problem when it is not known, or not what the bytes are', async () => {
    expect((await readText(document('utf-99'))).problems).toMatchObject([
      { message: expect.stringContaining('utf-99') as string },
    ]);
    const wrong = await readText(Buffer.from(document(), 'latin1'));
    expect(wrong.problems).toMatchObject([
      { message: '1 characters are not of the encoding utf-8 and were replaced.' },
    ]);
  });

  it('of JSON may be UTF-16 or have a byte order mark too', async () => {
    const json = `\ufeff ${JSON.stringify({ results: { tests: [{ name: 'né', status: 'passed', duration: 1 }] } })}`;
    expect((await readText(json)).outcomes).toEqual(['né: passed']);
    expect((await readText(utf16(json))).outcomes).toEqual(['né: passed']);
  });
});
