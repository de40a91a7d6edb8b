/** Go's base64.StdEncoding: line ends may stand anywhere, padding has to be right. `undefined` where it is not base64. */
export function decodeGoBase64(text: string): string | undefined {
  const packed = text.replaceAll(/[\r\n]/g, '');
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return undefined;
  return Buffer.from(packed, 'base64').toString('latin1');
}
