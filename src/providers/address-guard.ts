import { type LookupAddress, lookup as systemLookup, type LookupAllOptions } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { LatchkeyError } from '../errors.ts';

/**
 * Where cloud metadata services and our own process listen: whoever writes a store must not make Latchkey ask them.
 * Private networks are not here, because most remote services are in one.
 */
const FORBIDDEN: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'], // this host
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'], // link-local: metadata of AWS, Google, Azure and most others
  ['100.100.100.200', 32, 'ipv4'], // Alibaba's metadata
  ['168.63.129.16', 32, 'ipv4'], // Azure's wire server
  ['192.0.0.192', 32, 'ipv4'], // Oracle's metadata
  ['::', 96, 'ipv6'], // this host, and IPv4 addresses in an old form
  ['fe80::', 10, 'ipv6'], // link-local
  ['fd00:ec2::', 32, 'ipv6'], // AWS' metadata and EKS Pod Identity
  ['fd20:ce::254', 128, 'ipv6'], // Google's metadata
  // The same behind translators: NAT64 and 6to4.
  ['64:ff9b::', 104, 'ipv6'],
  ['64:ff9b::7f00:0', 104, 'ipv6'],
  ['64:ff9b::a9fe:0', 112, 'ipv6'],
  ['2002:7f00::', 24, 'ipv6'],
  ['2002:a9fe::', 32, 'ipv6'],
];

const blocked = new BlockList();
for (const [network, prefix, family] of FORBIDDEN) blocked.addSubnet(network, prefix, family);

type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Whether a host is such an address itself. Names are judged by their addresses, when they are looked up. */
export function isForbiddenAddress(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  const family = isIP(address);
  return family !== 0 && blocked.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * A lookup for connections, which refuses names with such an address. The connection goes to the addresses that were checked,
 * so a name that changes its mind gains nothing.
 */
export function createGuardedLookup(resolve: Resolve = systemLookup): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) {
        done(error ?? notFound(), '', 0);
      } else if (addresses.some(({ address }) => isForbiddenAddress(address))) {
        done(refusal(hostname), '', 0);
      } else if (options.all === true) {
        done(null, addresses);
      } else {
        done(null, first.address, first.family);
      }
    });
  };
}

function refusal(hostname: string): LatchkeyError {
  return new LatchkeyError('ENDPOINT_NOT_ALLOWED', `the host "${hostname}" leads to a link-local or loopback address`, {
    hint: "Correct the store's address; the operator can list the host under identity.endpoints",
  });
}

function notFound(): Error {
  return Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
}
