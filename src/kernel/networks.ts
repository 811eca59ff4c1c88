import { BlockList, isIP } from 'node:net';

/** Networks in CIDR notation, IPv4 and IPv6. */
export class NetworkList {
  readonly #list = new BlockList();

  /** Takes what {@link readNetwork} has passed. */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = '', prefix = ''] = network.split('/');
      this.#list.addSubnet(address, Number(prefix), familyOf(address));
    }
  }

  /** Whether this is an address in one of them. */
  has(address: string | undefined): boolean {
    const plain = address === undefined ? undefined : readAddress(address);
    return plain !== undefined && this.#list.check(plain, familyOf(plain));
  }
}

/** `203.0.113.9` is `203.0.113.9/32`; `undefined` for what is no network. Bits behind the prefix don't count. */
export function readNetwork(text: string): string | undefined {
  const [, address = '', prefix] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text.trim()) ?? [];
  const version = isIP(address);
  // Written as IPv6, an IPv4 network would match nothing: addresses are compared as what they are.
  if (version === 0 || isMapped(address)) return undefined;
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  return length <= bits ? `${address.toLowerCase()}/${length}` : undefined;
}

/** An address as sockets and proxies write it, without port, zone and the IPv6 spelling of IPv4. */
export function readAddress(text: string): string | undefined {
  const [, bracketed, withPort] = /^\[(.*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(text.trim()) ?? [];
  const [address = ''] = (bracketed ?? withPort ?? text.trim()).split('%');
  if (isIP(address) === 0) return undefined;
  return isMapped(address) ? address.slice(address.lastIndexOf(':') + 1) : address;
}

/** `::ffff:203.0.113.9`: how a socket that listens on IPv6 tells of an IPv4 peer. */
function isMapped(address: string): boolean {
  return /^::ffff:[\d.]+$/i.test(address);
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
