import fc from 'fast-check';
import { expect, it } from 'vitest';
import { binaryHeader, textHeader } from '../fixtures/proxy-headers.ts';
import { readProxyHeader } from './proxy-header.ts';

const request = Buffer.from('GET / HTTP/1.1\r\n\r\n');
const headers: readonly [string, Buffer, string | undefined][] = [
  ['version 1 for IPv4', textHeader('TCP4', '203.0.113.9'), '203.0.113.9'],
  ['version 1 for IPv6', textHeader('TCP6', '2001:DB8::1'), '2001:db8::1'],
  ['version 1 of a proxy that does not know', Buffer.from('PROXY UNKNOWN whatever it says\r\n'), undefined],
  ['version 2 for IPv4', binaryHeader({ family: 0x11, source: '203.0.113.9' }), '203.0.113.9'],
  ['version 2 for IPv6', binaryHeader({ family: 0x21, source: '2001:db8::1' }), '2001:db8::1'],
  ['version 2 for a mapped address', binaryHeader({ family: 0x21, source: '::ffff:192.0.2.1' }), '::ffff:192.0.2.1'],
  ['version 2 with TLVs', binaryHeader({ family: 0x11, source: '203.0.113.9', tlvs: 200 }), '203.0.113.9'],
  ['version 2 of a health check', binaryHeader({ command: 0x20, family: 0x00 }), undefined],
];

it.each(headers)('reads %s, and nothing of what follows', (_, header, address) => {
  const whole = { is: 'whole', bytes: header.length, address };
  expect(readProxyHeader(Buffer.concat([header, request]))).toEqual(whole);
  expect(readProxyHeader(header)).toEqual(whole);
});

it.each(headers)('waits for the rest of %s, wherever it was cut', (_, header) => {
  for (let bytes = 0; bytes < header.length; bytes++) {
    expect(readProxyHeader(header.subarray(0, bytes))).toEqual({ is: 'unfinished' });
  }
});

it.each([
  ['a line that does not end', Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`)],
  ['an address of the other family', textHeader('TCP4', '2001:db8::1')],
  ['what is no address', textHeader('TCP4', '203.0.113.900')],
  ['another version', binaryHeader({ command: 0x31, family: 0x11, source: '203.0.113.9' })],
  ['an unknown command', binaryHeader({ command: 0x2f, family: 0x11, source: '203.0.113.9' })],
  ['datagrams', binaryHeader({ family: 0x12, source: '203.0.113.9' })],
  ['a path of Unix', binaryHeader({ family: 0x31, tlvs: 216 })],
  ['addresses that are cut short', binaryHeader({ family: 0x21, tlvs: 12 })],
  ['more than a segment of it', binaryHeader({ family: 0x11, source: '203.0.113.9', tlvs: 600 })],
])('refuses %s', (_, header) => {
  expect(readProxyHeader(Buffer.concat([header, request]))).toEqual({ is: 'broken' });
});

it('knows at once what is no header, also of methods that begin alike', () => {
  for (const text of ['GET / HTTP/1.1\r\n', 'PROPFIND / HTTP/1.1\r\n', '\r\nGET / HTTP/1.1\r\n', '\0']) {
    expect(readProxyHeader(Buffer.from(text))).toEqual({ is: 'absent' });
  }
});

it('answers whatever bytes come, and waits for no more than 536', () => {
  const begun = fc.constantFrom(
    Buffer.alloc(0),
    binaryHeader({ family: 0x11, source: '1.2.3.4' }),
    Buffer.from('PROXY TCP6 '),
  );
  fc.assert(
    fc.property(begun, fc.nat(28), fc.uint8Array({ maxLength: 600 }), (start, kept, rest) => {
      const bytes = Buffer.concat([start.subarray(0, kept), rest]);
      const header = readProxyHeader(bytes);
      const used = header.is === 'whole' ? header.bytes : 0;
      const waits = header.is === 'unfinished';
      expect(used).toBeLessThanOrEqual(bytes.length);
      expect(waits && bytes.length >= 536).toBe(false);
    }),
  );
});
