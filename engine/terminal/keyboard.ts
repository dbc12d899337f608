import { PassThrough } from 'node:stream'

/** The most that is taken of a line that is typed or pasted, in bytes; a question is drawn anew for every character. */
const LONGEST_LINE = 4000

/** What the person types, for the time of one question. */
export type Keys = { input: NodeJS.ReadableStream; release(): void }

/** Lends the keyboard to one question. Of a line that is longer than anybody types, only the beginning comes through. */
export function lendKeyboard(keyboard: NodeJS.ReadStream): Keys {
  const keys = new PassThrough()
  const limit = limiter()
  const take = (chunk: Buffer) => void keys.write(limit(chunk))
  keyboard.on('data', take)
  keyboard.resume()
  const setRawMode = (on: boolean) => void keyboard.setRawMode?.(on)
  return {
    input: Object.assign(keys, { isTTY: keyboard.isTTY, setRawMode }),
    release() {
      keyboard.off('data', take)
      keyboard.pause()
      keys.destroy()
    },
  }
}

/** Lets so many bytes of each line through; keys that are not text, Enter and Ctrl-C among them, always. */
export function limiter(): (chunk: Uint8Array) => Uint8Array {
  let taken = 0
  return (chunk) =>
    chunk.filter((byte) => {
      const isText = byte >= 0x20 && byte !== 0x7f
      taken = isText ? taken + 1 : 0
      return taken <= LONGEST_LINE
    })
}
