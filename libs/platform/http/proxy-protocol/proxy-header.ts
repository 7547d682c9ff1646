import { isIP, SocketAddress } from 'node:net';
import {
  Command,
  INETProtocol,
  IPv4ProxyAddress,
  IPv6ProxyAddress,
  TransportProtocol,
  V1ProxyProtocol,
  V2ProxyProtocol,
} from 'proxy-protocol-js';

/** What the first bytes of a connection are; `unfinished`: more of them have to come before it can be told. */
export type ProxyHeader =
  | { readonly is: 'unfinished' }
  | { readonly is: 'absent' }
  | { readonly is: 'broken' }
  | {
      readonly is: 'whole';
      readonly bytes: number;
      /** Whom the proxy speaks for; undefined where it speaks for itself, as in its health checks. */
      readonly address: string | undefined;
    };

const textSignature = Buffer.from('PROXY ');
const binarySignature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** PROXY protocol, 2.1: the longest line, with its end. */
const textBytes = 107;
const binaryHeadBytes = 16;
/** PROXY protocol, 2.2: what a sender should not exceed, so that it fits into the smallest segment. */
const binaryBytes = 536;

const unfinished: ProxyHeader = { is: 'unfinished' };
const absent: ProxyHeader = { is: 'absent' };
const broken: ProxyHeader = { is: 'broken' };

/**
 * Reads the header of the PROXY protocol (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt), version 1 or 2, from
 * the beginning of a connection. Where it ends is found here, since `proxy-protocol-js` reads only headers that are whole.
 */
export function readProxyHeader(received: Buffer): ProxyHeader {
  if (beginsAs(received, binarySignature)) {
    return received.length < binaryHeadBytes ? unfinished : readBinary(received);
  }
  if (!beginsAs(received, textSignature)) return absent;
  const end = received.subarray(0, textBytes).indexOf('\r\n');
  if (end === -1) return received.length < textBytes ? unfinished : broken;
  return readText(received.toString('latin1', 0, end + 2));
}

function readBinary(received: Buffer): ProxyHeader {
  // What is behind the addresses (TLVs, such as those of TLS) is passed over.
  const bytes = binaryHeadBytes + received.readUInt16BE(14);
  if (bytes > binaryBytes) return broken;
  if (received.length < bytes) return unfinished;
  try {
    const { command, transportProtocol, proxyAddress } = V2ProxyProtocol.parse(received.subarray(0, bytes));
    if (command === Command.LOCAL) return { is: 'whole', bytes, address: undefined };
    if (transportProtocol !== TransportProtocol.STREAM) return broken;
    const address = addressOf(proxyAddress);
    return address === undefined ? broken : { is: 'whole', bytes, address };
  } catch {
    return broken;
  }
}

function readText(line: string): ProxyHeader {
  // The proxy does not know whom it speaks for: the rest of the line is to be ignored.
  if (line.startsWith('PROXY UNKNOWN')) return { is: 'whole', bytes: line.length, address: undefined };
  try {
    const { inetProtocol, source } = V1ProxyProtocol.parse(line);
    const family = inetProtocol === INETProtocol.TCP4 ? 4 : 6;
    return isIP(source.ipAddress) === family
      ? { is: 'whole', bytes: line.length, address: source.ipAddress.toLowerCase() }
      : broken;
  } catch {
    return broken;
  }
}

function addressOf(proxied: V2ProxyProtocol['proxyAddress']): string | undefined {
  if (proxied instanceof IPv4ProxyAddress) return proxied.sourceAddress.address.join('.');
  if (!(proxied instanceof IPv6ProxyAddress)) return undefined;
  const bytes = Buffer.from(proxied.sourceAddress.address);
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  // As Node.js writes addresses of its own sockets: `2001:db8::1`, `::ffff:192.0.2.1`.
  return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address;
}

/** Whether the bytes begin as the signature does, as far as they have come. */
function beginsAs(received: Buffer, signature: Buffer): boolean {
  const length = Math.min(received.length, signature.length);
  return received.subarray(0, length).equals(signature.subarray(0, length));
}
