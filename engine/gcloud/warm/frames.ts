/** The frame kinds between the engine and the warm gcloud; `warm.py` has the same numbers. */
export const FRAME = {
  prepare: 1,
  run: 2,
  stdin: 3,
  hello: 11,
  started: 12,
  stdout: 13,
  stderr: 14,
  exit: 15,
} as const

/** One message: its kind, the number of its command (0: none), and its body. */
export type Frame = { number: number; kind: number; body: Buffer }

/** The length of the body (4 bytes), the number of the command (4) and the kind (1). */
const HEAD = 9

/** Returns the bytes of a frame before its body. */
export function frameHead(number: number, kind: number, length: number): Buffer {
  const head = Buffer.alloc(HEAD)
  head.writeUInt32BE(length, 0)
  head.writeUInt32BE(number, 4)
  head.writeUInt8(kind, 8)
  return head
}

/** The longest frame that the warm gcloud sends: 1 MiB. */
const LONGEST = 1024 * 1024

/** Returns a function that takes pieces as they arrive and passes on each complete frame. Throws on an invalid frame. */
export function readFrames(onFrame: (frame: Frame) => void): (piece: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (piece) => {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    while (rest.length >= HEAD) {
      const end = HEAD + rest.readUInt32BE(0)
      if (end > LONGEST) throw new Error('a frame is too long')
      if (rest.length < end) return
      onFrame({ number: rest.readUInt32BE(4), kind: rest.readUInt8(8), body: rest.subarray(HEAD, end) })
      rest = rest.subarray(end)
    }
  }
}
