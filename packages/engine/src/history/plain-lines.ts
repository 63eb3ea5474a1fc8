/** Lines as they are compared between a work tree and git: their endings may differ there and mean nothing. */

/** One character a byte. */
export function plainLines(bytes: Uint8Array): readonly string[] {
  if (bytes.length === 0) return [];
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return text.replace(/\r?\n$/, "").split(/\r?\n/);
}
