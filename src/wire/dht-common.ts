/** What all router messages say, whoever they are for. Source: protocol 08 §2. */
import { type Bencode, type BencodeMap, getBytes, getNumber } from '../base/index.ts';
import { MAX_FORM_NUMBER, MAX_TXID_BYTES } from './limits.ts';
import * as nodeList from './node-list.ts';

/** The fields of every message. */
export type Common = {
  /** 0 to 64 bytes. */
  readonly txid: Uint8Array;
  readonly protocol: number;
  /** Serialized encoding scheme (protocol 05 §6), not looked into; null = missing, which means v358. */
  readonly scheme: Uint8Array | null;
  /** 0-255; not checked against the scheme. */
  readonly formNumber: number;
};

/** Reads them; null if one is missing or out of range: the message must be discarded then. */
export function readCommon(map: BencodeMap): Common | null {
  const txid = getBytes(map, 'txid');
  const protocol = getNumber(map, 'p', 0, 0xffff_ffff);
  const formNumber = getNumber(map, 'ei', 0, MAX_FORM_NUMBER);
  if (txid === null || txid.length > MAX_TXID_BYTES || protocol === null || formNumber === null) return null;
  return { txid, protocol, scheme: getBytes(map, 'es'), formNumber };
}

/** A dictionary that holds them, to be filled. */
export function startMessage({ txid, protocol, scheme, formNumber }: Common): Map<string, Bencode> {
  const map = new Map<string, Bencode>([
    ['ei', BigInt(formNumber)],
    ['p', BigInt(protocol)],
    ['txid', txid],
  ]);
  if (scheme !== null) map.set('es', scheme);
  return map;
}

/** The nodes of a reply. A list that does not fit together is ignored, not the message. */
export function readNodes(map: BencodeMap): readonly nodeList.ListedNode[] {
  const n = getBytes(map, 'n');
  const np = getBytes(map, 'np');
  return (n !== null && np !== null && nodeList.parse(n, np)) || [];
}

/** Writes the nodes of a reply; none leave no trace. */
export function writeNodes(map: Map<string, Bencode>, nodes: readonly nodeList.ListedNode[]): void {
  if (nodes.length === 0) return;
  map.set('n', nodeList.emitNodes(nodes));
  map.set('np', nodeList.emitVersions(nodes.map((node) => node.protocol)));
}
