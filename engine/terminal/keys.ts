/** Represents keyboard input: typed text, a named key (`enter`, `up`, `ctrl-a`), or pasted text. */
export type Key = { kind: 'text'; text: string } | { kind: 'key'; name: string } | { kind: 'paste'; text: string }

/** The most characters kept of one paste: more than any answer may have, so that its check refuses it. */
const LONGEST_PASTE = 20_000

/** The silence after which a lone Esc is a key and not the start of a sequence. */
export const ESCAPE_MS = 100

/** The silence after which an unfinished paste or terminal string is over. */
export const UNFINISHED_MS = 1000

/** Turns keyboard input into keys, wherever a read splits it. */
export type KeyReader = {
  feed(text: string): Key[]
  /** Ends what is unfinished after `ms` of silence. */
  quiet(ms: number): Key[]
  /** Returns whether the end of a paste is still to come. */
  pasting(): boolean
}

/** Ctrl-C, Ctrl-Z and Ctrl-\, which work anywhere in the input. */
const STOPS = new Set(['\x03', '\x1a', '\x1c'])

const PASTE_ENDS = '\x1b[201~'

const CSI =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this reads escape sequences
  /^\x1b\[(?:\[[\x20-\x7e]|M[^\x00-\x1f]{3}|[\x30-\x3f]+[\x20-\x2f]*[\x40-\x7e]|[\x20-\x2f]*[\x40-\x4c\x4e-\x5a\x5c-\x7e])/
// biome-ignore lint/suspicious/noControlCharactersInRegex: this reads escape sequences
const CSI_BEGUN = /^\x1b\[(?:\[|M[^\x00-\x1f]{0,2}|[\x30-\x3f]*[\x20-\x2f]*)$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: this reads escape sequences
const STRING = /^\x1b[\]PX^_][^\x03\x07\x18\x1a\x1b]*(?:\x07|\x1b\\)/
// biome-ignore lint/suspicious/noControlCharactersInRegex: this reads escape sequences
const STRING_BEGUN = /^\x1b[\]PX^_][^\x03\x07\x18\x1a\x1b]*\x1b?$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: everything but control characters is text
const TEXT = /^[^\x00-\x1f\x7f-\x9f]+/

const SEQUENCES: Record<string, string> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  M: 'enter',
  '1~': 'home',
  '3~': 'delete',
  '4~': 'end',
  '7~': 'home',
  '8~': 'end',
}

const CONTROLS: Record<string, string> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\x7f': 'backspace',
}

/** Makes a key reader. */
export function makeKeyReader(): KeyReader {
  let rest = ''
  let pasted: string | undefined
  let escaped = false
  let paused = false
  /** Takes pasted text up to its end. Returns the paste once it is complete. */
  const takePaste = (): Key[] => {
    const end = rest.indexOf(PASTE_ENDS)
    // A read may split the end in two.
    const taken = end < 0 ? Math.max(0, rest.length - PASTE_ENDS.length + 1) : end
    pasted = `${pasted}${rest.slice(0, taken)}`.slice(0, LONGEST_PASTE)
    rest = rest.slice(end < 0 ? taken : end + PASTE_ENDS.length)
    return end < 0 ? [] : endPaste()
  }
  const endPaste = (): Key[] => {
    const text = pasted ?? ''
    pasted = undefined
    return [{ kind: 'paste', text }]
  }
  const endUnfinished = (): Key[] => {
    pasted += rest
    rest = ''
    return endPaste()
  }
  return {
    pasting: () => pasted !== undefined,
    feed(text) {
      const keys: Key[] = []
      // The end of a paste may be lost, and somebody who keeps pressing Ctrl-C leaves no second of silence.
      if (pasted !== undefined && paused && [...text].every((key) => STOPS.has(key))) keys.push(...endUnfinished())
      // What follows a lone Esc may be the rest of a sequence.
      rest = escaped && rest === '' && /^(\[|O.)/.test(text) ? `\x1b${text}` : rest + text
      escaped = false
      paused = false
      for (;;) {
        if (pasted !== undefined) {
          keys.push(...takePaste())
          if (pasted !== undefined) return keys
        }
        const next = nextKey(rest)
        if (next === undefined) return keys
        rest = rest.slice(next.length)
        if (next.key === 'paste') pasted = ''
        else if (next.key) keys.push(next.key)
      }
    },
    quiet(ms) {
      paused = true
      if (rest === '\x1b' && pasted === undefined && ms >= ESCAPE_MS) {
        rest = ''
        escaped = true
        return [{ kind: 'key', name: 'escape' }]
      }
      if (ms < UNFINISHED_MS) return []
      if (STRING_BEGUN.test(rest)) rest = ''
      return pasted === undefined ? [] : endUnfinished()
    },
  }
}

/** Returns the key at the start of a text and its length; no key for an unknown sequence, undefined if more input must come. */
function nextKey(text: string): { length: number; key?: Key | 'paste' } | undefined {
  const [first = ''] = text
  if (first === '') return undefined
  if (first === '\x1b') return nextSequence(text)
  const typed = TEXT.exec(text)?.[0]
  if (typed !== undefined) return { length: typed.length, key: { kind: 'text', text: typed } }
  const name =
    CONTROLS[first] ??
    (first < ' ' ? `ctrl-${String.fromCharCode(first.charCodeAt(0) + 0x40).toLowerCase()}` : undefined)
  return { length: 1, ...(name === undefined ? {} : { key: { kind: 'key', name } }) }
}

function nextSequence(text: string): ReturnType<typeof nextKey> {
  if (text === '\x1b' || text === '\x1bO' || CSI_BEGUN.test(text) || STRING_BEGUN.test(text)) return undefined
  const sequence = CSI.exec(text)?.[0] ?? STRING.exec(text)?.[0]
  if (sequence === '\x1b[200~') return { length: sequence.length, key: 'paste' }
  if (sequence !== undefined) return named(sequence.length, sequence.startsWith('\x1b[') ? sequence.slice(2) : '')
  if (text[1] === 'O') return named(3, text[2] ?? '')
  if (text[1] === '\x1b') return named(1, '', 'escape')
  // Keys with Alt are ignored. A control character ends the sequence that it is in, and stays a key of its own.
  const [, altered = ''] = [...text.slice(0, 3)]
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this reads escape sequences
  const broken = /^\x1b[^\x00-\x1f\x7f]*/.exec(text)?.[0].length ?? 1
  if (/[[\]PX^_]/.test(altered)) return { length: broken }
  return { length: STOPS.has(altered) ? 1 : 1 + altered.length }
}

const named = (length: number, sequence: string, name = SEQUENCES[sequence]): { length: number; key?: Key } => ({
  length,
  ...(name === undefined ? {} : { key: { kind: 'key', name } }),
})
