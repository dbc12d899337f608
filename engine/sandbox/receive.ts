import type { IncomingMessage } from 'node:http'

/** The longest body that Google's APIs accept. */
const MOST_BYTES = 10 * 1024 * 1024

/** A request's body, or why it can't be read. */
export type Received = { text: string } | { unreadable: string; bytes: number }

/** Reads a request's whole body; keeps nothing of a body that is too long. */
export async function receiveBody(request: IncomingMessage): Promise<Received> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > MOST_BYTES) pieces.length = 0
    else pieces.push(piece)
  }
  if (bytes > MOST_BYTES) return { unreadable: `Request payload size exceeds the limit: ${MOST_BYTES} bytes.`, bytes }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(pieces)) }
  } catch {
    return { unreadable: 'Invalid JSON payload received. The body is not UTF-8.', bytes }
  }
}
