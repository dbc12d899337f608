import { createHmac } from 'node:crypto'
import type { SecretBytes } from '../steps/secrets/secret-bytes.ts'
import type { SecretVersion } from '../steps/types.ts'
import { lendForms, lengthOf, trimmedLength } from './secret-forms.ts'

/** What replaces a masked secret. */
export const MASK = '(secret)'

/** The length from which a secret can be masked in text: hiding every `a` would hide everything. */
const SHORTEST = 4

/** The length from which a value is unlikely to be in data by chance, unlike `prod`, `true` or a port. */
const SHORTEST_DISTINCTIVE = 8

/** A single word is in data by chance too: `internal`, `production`. */
const PLAIN_WORD = /^[A-Z]?[a-z]{1,11}$/

/** Remembers secrets and finds every form of them in text. It is the second wall, not the first. */
export type Redactor = {
  /** Remembers a secret and returns whether it can be masked: one that is too short can't. `from` is its name in messages. */
  memoize(secret: SecretBytes, from?: SecretVersion): boolean
  /** Exempts names that are in every command anyway, such as a project's id. */
  spare(names: string[]): void
  /** Allows the values of these secrets in data; text still hides them. */
  allow(secrets: Pick<SecretVersion, 'project' | 'secret'>[]): void
  /** Masks every form of every secret in text from outside. */
  mask(text: string): string
  /** Returns the name of a secret that data contains, unless it may be there by chance. Data is never masked: it is stored unchanged or not at all. */
  secretIn(text: string): string | undefined
}

/** A form of a secret, stored as its length and keyed hash; `distinctive` if it can't be in data by chance. */
type Form = { distinctive: boolean; from: SecretVersion | undefined }

/** The position of a form in text. */
type Hit = Form & { start: number; end: number }

/** The number of leading bytes by which a form is found: one table for short forms, one for all others. */
const STARTS = [4, 8] as const

/**
 * Makes a redactor. It doesn't store the forms of a secret, only the length of each, a keyed hash of its first bytes, which
 * finds it in one pass through a text, and a keyed hash of the whole, which confirms it.
 */
export function makeRedactor(key: Uint8Array): Redactor {
  const hashOf = (bytes: Uint8Array): string => createHmac('sha256', key).update(bytes).digest('base64')
  const seed = Buffer.from(hashOf(new Uint8Array(1)), 'base64')
  const [factor, salt] = [seed.readUInt32LE(0) | 1, seed.readUInt32LE(4)]
  const startOf = (bytes: Uint8Array, from: number, length: number): number => {
    let hash = salt
    for (let at = from; at < from + length; at++) {
      hash = Math.imul(hash ^ (bytes[at] ?? 0), factor)
      hash ^= hash >>> 15
    }
    return hash
  }
  const tables = STARTS.map((start) => ({ start, lengths: new Map<number, Set<number>>() }))
  const known = new Map<string, Form>()
  const done = new Set<string>()
  const spared = new Set<string>()
  const allowed = new Set<string>()

  const addForm = (form: Uint8Array, from: SecretVersion | undefined): void => {
    const characters = lengthOf(form)
    if (characters < SHORTEST) return
    const table = tables[form.length < STARTS[1] ? 0 : 1]!
    const start = startOf(form, 0, table.start)
    table.lengths.set(start, (table.lengths.get(start) ?? new Set()).add(form.length))
    const plain = form.length <= 12 && PLAIN_WORD.test(Buffer.from(form).toString('latin1'))
    const hash = hashOf(form)
    if (!known.has(hash)) known.set(hash, { distinctive: characters >= SHORTEST_DISTINCTIVE && !plain, from })
  }

  const hitsIn = (bytes: Uint8Array): Hit[] => {
    const hits: Hit[] = []
    for (const { start, lengths } of tables) {
      if (lengths.size === 0) continue
      for (let from = 0; from + start <= bytes.length; from++)
        for (const length of lengths.get(startOf(bytes, from, start)) ?? []) {
          if (from + length > bytes.length) continue
          const part = bytes.subarray(from, from + length)
          const form = known.get(hashOf(part))
          if (form && !spared.has(hashOf(part))) hits.push({ ...form, start: from, end: from + length })
        }
    }
    return hits.sort((a, b) => a.start - b.start)
  }

  return {
    memoize(secret, from) {
      return secret.lend((bytes) => {
        const whole = hashOf(bytes)
        if (bytes.length >= SHORTEST && !done.has(whole)) lendForms(bytes, (form) => addForm(form, from))
        done.add(whole)
        return isMaskable(bytes)
      })
    },
    spare(names) {
      for (const name of names) spared.add(hashOf(Buffer.from(name)))
    },
    allow(secrets) {
      for (const { project, secret } of secrets) allowed.add(`${project}/${secret}`)
    },
    mask(text) {
      if (known.size === 0) return text
      const bytes = Buffer.from(text)
      const hits = hitsIn(bytes)
      return hits.length === 0 ? text : masked(bytes, hits)
    },
    secretIn(text) {
      if (known.size === 0) return undefined
      const isRefused = ({ distinctive, from }: Hit) =>
        distinctive && !(from && allowed.has(`${from.project}/${from.secret}`))
      const hit = hitsIn(Buffer.from(text)).find(isRefused)
      return hit && nameOf(hit.from)
    },
  }
}

const nameOf = (from: SecretVersion | undefined): string =>
  from ? `version ${from.version} of ${from.secret} in ${from.project}` : 'a secret that this run read'

/** Replaces each run of overlapping forms with a mask. */
function masked(bytes: Buffer, hits: Hit[]): string {
  let [text, from] = ['', 0]
  for (let at = 0; at < hits.length; ) {
    const start = hits[at]!.start
    let end = hits[at]!.end
    while (at < hits.length && hits[at]!.start < end) end = Math.max(end, hits[at++]!.end)
    text += bytes.toString('utf8', from, start) + MASK
    from = end
  }
  return text + bytes.toString('utf8', from)
}

/** Returns whether a secret is long enough to mask without the line feed that many end in; an empty one has nothing to hide. */
const isMaskable = (bytes: Uint8Array): boolean =>
  bytes.length === 0 || Math.min(trimmedLength(bytes) || bytes.length, bytes.length) >= SHORTEST
