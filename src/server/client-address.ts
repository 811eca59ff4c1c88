import type { IncomingMessage } from 'node:http';
import { NetworkList, readAddress, readNetwork } from '../kernel/networks.ts';

/** Where a request comes from; asked only for keys that are let in from some networks alone. */
export type AddressOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string | undefined;

/**
 * The socket's address, or, if that is a trusted proxy's, what it says in `x-forwarded-for`. Each proxy adds the address that
 * it was called from at the right, so the list is read from there, as long as those who wrote it are trusted: what
 * stands further left anybody can have made up.
 */
export function addressReader(trustedProxies: string | undefined): AddressOf {
  const trusted = new NetworkList(readProxies(trustedProxies ?? ''));
  return ({ socket, headers }) => {
    const peer = socket.remoteAddress;
    if (!trusted.has(peer)) return peer && readAddress(peer);
    const forwarded = String(headers['x-forwarded-for'] ?? '');
    return clientOf([...forwarded.split(',').filter((hop) => hop.trim() !== ''), peer!], trusted);
  };
}

/** `undefined`, which no list of networks has, when a trusted proxy names something that is no address. */
function clientOf(hops: readonly string[], trusted: NetworkList): string | undefined {
  const addresses = hops.map(readAddress);
  const untrusted = addresses.findLastIndex((address) => !trusted.has(address));
  return addresses[untrusted === -1 ? 0 : untrusted];
}

function readProxies(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map(readNetwork)
    .filter((network) => network !== undefined);
}
