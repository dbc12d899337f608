import type { Key } from './keys.ts'
import type { painter } from './screen.ts'

/** An answer that is offered: the letter that moves the pointer to it, its text and a short form of that, its value and, if it helps, a line about it. */
export type Offer<T> = { key?: string; short?: string; name: string; value: T; description?: string; checked?: boolean }

/** Returns true, or what is wrong with a typed line. */
export type Check = (text: string) => true | string

/** The part of Node's line editor that questions use. */
export type Editor = { readonly line: string; write(text: string | null, key?: { name: string; ctrl?: boolean }): void }

/** A question: what it shows, and what a key does. It outlives a drawing that was overwritten. */
export type Widget<T> = {
  /** Returns the text at whose end the person types, and the text below it. */
  view(open: boolean, page: string): [string, string]
  /** Returns the lines of a list; the page around the active one is drawn. */
  list?(): { lines: string[]; active: number }
  /** Takes a key. Returns the answer if the key gives one. */
  key(key: Key, editor: Editor): { value: T } | undefined
  /** Returns what was typed so far, for the editor of the next drawing. */
  typed?(): string
  /** Moves the pointer back to an answer that changes nothing, because the question is drawn again. */
  reset(): void
}

type Paint = ReturnType<typeof painter>

/** The most characters in a line: every key redraws it. */
const LONGEST_LINE = 4000

/** Represents a line break within an edited line; no key types it. */
const BREAK = '\ue00a'
const SHOWN_BREAK = '↵'

const CURSOR_OFF = '\x1b[?25l'
const NOT_YET = 'one moment, then you can answer'
const PASTE_IGNORED = 'Pasted text is ignored here: press one key at a time.'

/** The keys that edit a line, as Node's editor names them. */
const EDITS: Record<string, { name: string; ctrl?: boolean }> = {
  ...Object.fromEntries(['left', 'right', 'home', 'end', 'delete', 'backspace'].map((name) => [name, { name }])),
  ...Object.fromEntries([...'abefhkuw'].map((letter) => [`ctrl-${letter}`, { name: letter, ctrl: true }])),
}

/**
 * Asks for one of a few offers. The pointer starts at `start`; Ctrl-D answers `leave`, or nothing without it. Offers with
 * letters take one line of keys, and `?` lists them in full.
 */
export function chooseOne<T>(
  message: string,
  offers: Offer<T>[],
  start: number,
  leave: Offer<T> | undefined,
  paint: Paint,
  fit: (text: string) => string,
): Widget<Offer<T> | undefined> {
  let [active, notice] = [start, '']
  let answered: { value: Offer<T> | undefined } | undefined
  const isKeyed = offers.every(({ key }) => key !== undefined)
  let isListed = !isKeyed
  const lineOf = ({ key = '', name }: Offer<T>, index: number) =>
    index === active
      ? paint('picked', `❯ ${key.padEnd(isKeyed ? 3 : 0)}${name}`)
      : `  ${key.padEnd(isKeyed ? 3 : 0)}${name}`
  const keys = () => {
    const names = offers.map(({ key, short, name }) => `${key} ${short ?? name}`)
    const styled = names.map((text, index) => paint(index === active ? 'picked' : 'quiet', unbroken(text)))
    return fit([...styled, paint('quiet', unbroken('? help'))].join(' · ')).replaceAll('\u00a0', ' ')
  }
  return {
    list: () =>
      isListed
        ? { active, lines: offers.map(lineOf) }
        : { active: 0, lines: offers.map(lineOf).slice(active, active + 1) },
    view(open, page) {
      if (answered) return answer(message, answered.value?.name, paint)
      const below = [
        ...descriptionOf(offers[active], paint),
        ...(notice === '' ? [] : [paint('warn', notice)]),
        ...(isListed ? [] : [keys()]),
        keysLine(open, `↑↓${isKeyed ? ' or a letter' : ''} moves • Enter answers`, paint),
      ]
      return [`${asking(message, paint)}\n${page}\n \n${below.join('\n')}${CURSOR_OFF}`, '']
    },
    key(key) {
      notice = ''
      if (key.kind === 'paste' || (key.kind === 'text' && [...key.text].length > 1)) {
        active = start
        notice = PASTE_IGNORED
        return undefined
      }
      if (key.kind === 'text' && key.text === '?' && isKeyed) {
        isListed = !isListed
        return undefined
      }
      if (key.kind === 'text') {
        active = pointed(offers, active, key.text)
        return undefined
      }
      switch (key.name) {
        case 'up':
        case 'down':
          active = Math.min(offers.length - 1, Math.max(0, active + (key.name === 'up' ? -1 : 1)))
          return undefined
        case 'escape':
          active = start
          return undefined
        case 'enter':
        case 'ctrl-d':
          answered = { value: key.name === 'enter' ? offers[active] : leave }
          return answered
      }
      return undefined
    },
    reset() {
      active = start
      notice = ''
    },
  }
}

const unbroken = (text: string): string => text.replaceAll(' ', '\u00a0')

/** Returns the offer that a letter selects: the one with that letter, or else the next whose name begins with it. */
function pointed<T>(offers: Offer<T>[], active: number, letter: string): number {
  const typed = letter.toLowerCase()
  const own = offers.findIndex(({ key }) => key === typed)
  if (own >= 0) return own
  if (offers.some(({ key }) => key !== undefined)) return active
  const starts = ({ name }: Offer<T>) => name.toLowerCase().startsWith(typed)
  const next = offers.findIndex((offer, index) => index > active && starts(offer))
  return next >= 0 ? next : offers.some(starts) ? offers.findIndex(starts) : active
}

/** Clears the edited line. */
const CLEAR = { name: 'u', ctrl: true }

/** Asks for a line; Esc or Ctrl-D answers undefined. Pasted text keeps its line breaks. */
export function writeLine(
  message: string,
  check: Check,
  preset: string | undefined,
  paint: Paint,
  keepsWrong = true,
): Widget<string | undefined> {
  let [line, error] = ['', '']
  let answered: { value: string | undefined } | undefined
  const answerWith = (value: string | undefined) => (answered = { value })
  const change = (text: string, editor: Editor) => {
    if (line.length + text.length <= LONGEST_LINE) editor.write(text)
    else error = `A line has at most ${LONGEST_LINE.toLocaleString('en')} characters. Ctrl-U clears it.`
  }
  return {
    typed: () => line,
    view(open) {
      const shown = line.replaceAll(BREAK, SHOWN_BREAK)
      if (answered) return answer(message, answered.value?.replaceAll('\n', SHOWN_BREAK), paint)
      const hint = preset === undefined || line !== '' ? '' : `${paint('quiet', `(${preset})`)} `
      return [
        `${asking(message, paint)} ${hint}${shown}`,
        [
          ...(error === '' ? [] : [paint('bad', `> ${error}`)]),
          keysLine(open, 'Enter answers • Esc cancels', paint),
        ].join('\n'),
      ]
    },
    key(key, editor) {
      error = ''
      if (key.kind === 'text') change(key.text.replaceAll(BREAK, ''), editor)
      else if (key.kind === 'paste') change(plain(key.text).replaceAll('\n', BREAK), editor)
      else if (key.name === 'ctrl-d' || (key.name === 'escape' && line === '')) return answerWith(undefined)
      else if (key.name === 'escape') editor.write(null, CLEAR)
      else if (key.name === 'enter') {
        const text = line === '' && preset !== undefined ? preset : line.replaceAll(BREAK, '\n').trim()
        const fits = check(text)
        if (fits === true) return answerWith(text)
        error = fits
        if (!keepsWrong) editor.write(null, CLEAR)
      } else if (key.name === 'tab' && line === '' && preset !== undefined)
        change(preset.replaceAll('\n', BREAK), editor)
      else if (EDITS[key.name]) editor.write(null, EDITS[key.name])
      line = editor.line
      const fits = key.kind === 'key' || line.length < LONGEST_LINE / 4 ? true : check(line)
      if (fits !== true) error = fits
      return undefined
    },
    reset() {},
  }
}

/** Asks for one exact word, at most `tries` times. Answers whether it was typed. */
export function typeExactly(message: string, wanted: string, tries: number, paint: Paint): Widget<boolean> {
  let left = tries
  const wrong = (text: string): string =>
    text === '' ? `Type ${wanted}, or press Esc to cancel.` : `That is not ${wanted}. ${again(left)}`
  const typed = writeLine(message, (text) => text === wanted || wrong(text), undefined, paint, false)
  let answered: { value: boolean } | undefined
  return {
    ...typed,
    view: (open, page) =>
      answered?.value === false
        ? [`${paint('bad', '✖')} ${paint('strong', message)} ${paint('bad', left > 0 ? '(no answer)' : 'wrong')}`, '']
        : typed.view(open, page),
    key(key, editor) {
      if (key.kind === 'key' && key.name === 'enter' && editor.line !== '' && editor.line.trim() !== wanted) left -= 1
      const answer = typed.key(key, editor)
      if (answer || left === 0) answered = { value: answer?.value === wanted }
      return answered
    },
  }
}

const again = (left: number): string => `Try again: ${left} ${left === 1 ? 'try' : 'tries'} left.`

/** Returns pasted text with plain line breaks, spaces for tabs, and no other control characters. */
const plain = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll('\t', ' ')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are removed
    .replaceAll(/[\x00-\x09\x0b-\x1f\x7f-\x9f\ue00a]/g, '')

/** Asks for one of a long list, which typed text filters; Esc or Ctrl-D answers undefined. */
export function findOne<T>(message: string, offers: Offer<T>[], paint: Paint): Widget<T | undefined> {
  let [typed, active] = ['', 0]
  let answered: { value: T | undefined; name?: string } | undefined
  const found = () => matching(offers, typed)
  return {
    typed: () => typed,
    list: () => ({
      active,
      lines: found().map(({ name }, index) => (index === active ? paint('picked', `❯ ${name}`) : `  ${name}`)),
    }),
    view(open, page) {
      if (answered) return answer(message, answered.name, paint)
      const below = [
        page === '' ? paint('bad', '> No match') : page,
        ' ',
        ...descriptionOf(found()[active], paint),
        keysLine(open, 'type to filter • ↑↓ moves • Enter answers', paint),
      ]
      return [`${asking(message, paint)} ${typed}`.trimEnd(), below.join('\n')]
    },
    key(key, editor) {
      if (key.kind === 'text' || key.kind === 'paste') {
        const text = plain(key.text).replaceAll('\n', ' ')
        if (typed.length + text.length <= LONGEST_LINE) editor.write(text)
      } else if (key.name === 'up' || key.name === 'down') {
        active = Math.min(found().length - 1, Math.max(0, active + (key.name === 'up' ? -1 : 1)))
        return undefined
      } else if (key.name === 'ctrl-d' || (key.name === 'escape' && typed === '')) {
        answered = { value: undefined }
        return answered
      } else if (key.name === 'escape') editor.write(null, CLEAR)
      else if (key.name === 'enter') {
        answered = found()[active]
        return answered
      } else if (EDITS[key.name]) editor.write(null, EDITS[key.name])
      if (editor.line !== typed) active = 0
      typed = editor.line
      return undefined
    },
    reset() {
      active = 0
    },
  }
}

/** Asks for any number of offers; Ctrl-D answers undefined. */
export function chooseSeveral<T>(
  message: string,
  offers: Offer<T>[],
  check: (chosen: T[]) => true | string,
  paint: Paint,
): Widget<T[] | undefined> {
  let [active, notice] = [0, '']
  const checked = new Set(offers.filter((offer) => offer.checked))
  let answered: { value: T[] | undefined } | undefined
  const chosen = () => offers.filter((offer) => checked.has(offer))
  const turn = (offer: Offer<T> | undefined) => offer && (checked.delete(offer) || checked.add(offer))
  return {
    list: () => ({
      active,
      lines: offers.map((offer, index) => {
        const text = `${index === active ? '❯' : ' '}${checked.has(offer) ? '◉' : '◯'} ${offer.name}`
        return index === active ? paint('picked', text) : text
      }),
    }),
    view(open, page) {
      if (answered)
        return answer(
          message,
          answered.value &&
            chosen()
              .map(({ name }) => name)
              .join(', '),
          paint,
        )
      const below = [
        ...descriptionOf(offers[active], paint),
        ...(notice === '' ? [] : [paint('bad', `> ${notice}`)]),
        keysLine(open, '↑↓ moves • Space selects • a all • i inverts • Enter answers', paint),
      ]
      return [`${asking(message, paint)}\n${page}\n \n${below.join('\n')}${CURSOR_OFF}`, '']
    },
    key(key) {
      notice = ''
      const text = key.kind === 'key' ? '' : key.text
      if (key.kind === 'paste') notice = PASTE_IGNORED
      else if (text.trim() === '' && text !== '') for (const _ of text) turn(offers[active])
      else if (text === 'a') for (const offer of offers) checked.add(offer)
      else if (text === 'i') for (const offer of offers) turn(offer)
      else if (key.kind !== 'key') return undefined
      else if (key.name === 'up' || key.name === 'down')
        active = Math.min(offers.length - 1, Math.max(0, active + (key.name === 'up' ? -1 : 1)))
      else if (key.name === 'ctrl-d') {
        answered = { value: undefined }
        return answered
      } else if (key.name === 'enter') {
        const value = chosen().map((offer) => offer.value)
        const fits = check(value)
        if (fits === true) answered = { value }
        else notice = fits
        return answered
      }
      return undefined
    },
    reset() {
      active = 0
    },
  }
}

const asking = (message: string, paint: Paint): string => `${paint('asks', '?')} ${paint('strong', message)}`

const answer = (message: string, said: string | undefined, paint: Paint): [string, string] => [
  `${paint('good', '✔')} ${paint('strong', message)} ${paint('picked', said ?? '(no answer)')}`,
  '',
]

const keysLine = (open: boolean, keys: string, paint: Paint): string => paint('quiet', open ? keys : NOT_YET)

const descriptionOf = (offer: { description?: string } | undefined, paint: Paint): string[] =>
  offer?.description ? [paint('picked', offer.description)] : []

/** Returns the offers whose name or description contains every typed word. */
export function matching<T>(offers: Offer<T>[], typed: string): Offer<T>[] {
  const words = typed.toLowerCase().split(/\s+/)
  return offers.filter(({ name, description }) => {
    const text = `${name} ${description ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
