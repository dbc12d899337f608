/** A file in an archive. */
export type ArchivedFile = { name: string; bytes: Uint8Array }

const BLOCK = 512
/** The longest name: longer ones would need an extension that not every tar supports. */
const LONGEST_NAME = 100
const NO_ARCHIVE = 'it is not an archive of `breakglass audit export`'

/**
 * Packs files into a POSIX ustar archive, in the given order. It records neither an owner nor a time, so that the same files
 * give the same bytes.
 */
export function packTar(files: ArchivedFile[]): Uint8Array {
  const parts = files.flatMap(({ name, bytes }) => [
    header(name, bytes.length),
    bytes,
    Buffer.alloc(-bytes.length & (BLOCK - 1)),
  ])
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

/** Returns the files of an archive that `packTar` made: plain files only. Throws an Error for anything else. */
export function unpackTar(archive: Uint8Array): ArchivedFile[] {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength)
  const files: ArchivedFile[] = []
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const block = bytes.subarray(at, at + BLOCK)
    if (block.every((byte) => byte === 0)) return files
    const name = textAt(block, 0, LONGEST_NAME)
    const size = Number.parseInt(textAt(block, 124, 12), 8)
    const end = at + BLOCK + size
    if (!block.equals(header(name, size)) || end > bytes.length) throw new Error(NO_ARCHIVE)
    files.push({ name, bytes: bytes.subarray(at + BLOCK, end) })
    at = end + (-size & (BLOCK - 1))
  }
  throw new Error(NO_ARCHIVE)
}

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  if (Buffer.byteLength(name) > LONGEST_NAME || !(size >= 0)) throw new Error(NO_ARCHIVE)
  block.write(name, 0)
  for (const [at, text] of [
    [100, '0000600\0'],
    [108, '0000000\0'],
    [116, '0000000\0'],
    [124, `${size.toString(8).padStart(11, '0')}\0`],
    [136, '00000000000\0'],
    [148, '        '],
    [156, '0'],
    [257, 'ustar\x0000'],
  ] as const)
    block.write(text, at, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

const textAt = (block: Buffer, from: number, length: number): string =>
  block
    .toString('utf8', from, from + length)
    .split('\0', 1)
    .join('')
