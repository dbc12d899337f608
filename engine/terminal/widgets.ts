import type { Key } from './keys.ts'
import type { painter } from './screen.ts'

/** One of several answers that are offered: the letter that moves the pointer to it, what is shown, what it means and, where it helps, a line about it. */
export type Offer<T> = { key?: string; name: string; value: T; description?: string; checked?: boolean }

/** Says what is wrong with a typed line, or true. */
export type Check = (text: string) => true | string

/** The part of Node's line editor that is used. */
export type Editor = { readonly line: string; write(text: string | null, key?: { name: string; ctrl?: boolean }): void }

/** A question: what it shows, and what a key does to it. It outlives a drawing that was overwritten. */
export type Widget<T> = {
  /** What is drawn: above, at whose end the person types, and what stands below that. */
  view(open: boolean, page: string): [string, string]
  /** The lines of a list, of which the page around the active one is drawn. */
  list?(): { lines: string[]; active: number }
  /** Takes a key; answers what the person answers with it, if they do. */
  key(key: Key, editor: Editor): { value: T } | undefined
  /** What was typed so far, for the editor of another drawing. */
  typed?(): string
  /** Puts the pointer back to where it changes nothing, since the question is seen anew. */
  reset(): void
}

type Paint = ReturnType<typeof painter>

/** The most that is typed into a line, in characters; it is drawn anew for every one. */
const LONGEST_LINE = 4000

/** Stands for a line break within a line that is edited; nobody types it. */
const BREAK = '\ue00a'
const SHOWN_BREAK = '↵'

const CURSOR_OFF = '\x1b[?25l'
const NOT_YET = 'in a moment it takes an answer'
const PASTE_IGNORED = 'What is pasted answers nothing here: press one key after another.'

/** Keys that edit a line, as Node's editor names them. */
const EDITS: Record<string, { name: string; ctrl?: boolean }> = {
  ...Object.fromEntries(['left', 'right', 'home', 'end', 'delete', 'backspace'].map((name) => [name, { name }])),
  ...Object.fromEntries([...'abefhkuw'].map((letter) => [`ctrl-${letter}`, { name: letter, ctrl: true }])),
}

/** Asks which of some offers it is; the pointer stands at `start` at first, and Ctrl-D answers `leave`, or nothing where there is no such offer. */
export function chooseOne<T>(
  message: string,
  offers: Offer<T>[],
  start: number,
  leave: Offer<T> | undefined,
  paint: Paint,
): Widget<Offer<T> | undefined> {
  let [active, notice] = [start, '']
  let answered: { value: Offer<T> | undefined } | undefined
  const width = offers.some(({ key }) => key !== undefined) ? 3 : 0
  return {
    list: () => ({
      active,
      lines: offers.map(({ key = '', name }, index) =>
        index === active ? paint('picked', `❯ ${key.padEnd(width)}${name}`) : `  ${key.padEnd(width)}${name}`,
      ),
    }),
    view(open, page) {
      if (answered) return answer(message, answered.value?.name, paint)
      const below = [
        ...descriptionOf(offers[active], paint),
        ...(notice === '' ? [] : [paint('warn', notice)]),
        keysLine(open, `↑↓${width > 0 ? ' or a letter' : ''} moves • Enter answers`, paint),
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

/** The offer that a letter means: the one that has it, or else the next one whose name begins with it. */
function pointed<T>(offers: Offer<T>[], active: number, letter: string): number {
  const typed = letter.toLowerCase()
  const own = offers.findIndex(({ key }) => key === typed)
  if (own >= 0) return own
  if (offers.some(({ key }) => key !== undefined)) return active
  const starts = ({ name }: Offer<T>) => name.toLowerCase().startsWith(typed)
  const next = offers.findIndex((offer, index) => index > active && starts(offer))
  return next >= 0 ? next : offers.some(starts) ? offers.findIndex(starts) : active
}

/** What clears the line that is edited. */
const CLEAR = { name: 'u', ctrl: true }

/** Asks for a line; undefined where the person leaves it with Esc or Ctrl-D. What is pasted keeps its line breaks. */
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
    else error = `That is more than the ${LONGEST_LINE.toLocaleString('en')} characters of a line; Ctrl-U clears it.`
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
          keysLine(open, 'Enter answers • Esc leaves it', paint),
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

/**
 * Asks for one exact word, which nothing but that word answers; what is wrong is said, and asked for again, so often in
 * all. Answers whether it was typed.
 */
export function typeExactly(message: string, wanted: string, tries: number, paint: Paint): Widget<boolean> {
  let left = tries
  const wrong = (text: string): string =>
    text === '' ? `Type ${wanted}, or press Esc to leave it.` : `That is not ${wanted}. ${again(left)}`
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

const again = (left: number): string => (left === 1 ? 'Try again, once more.' : `Try again; ${left} tries are left.`)

/** Pasted text without what is no text: line breaks are one sign, tabs are blanks, other control characters are gone. */
const plain = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll('\t', ' ')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
    .replaceAll(/[\x00-\x09\x0b-\x1f\x7f-\x9f\ue00a]/g, '')

/** Asks which of a long list it is: what is typed narrows it down. Undefined where the person leaves it. */
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
        page === '' ? paint('bad', '> Nothing has all these words.') : page,
        ' ',
        ...descriptionOf(found()[active], paint),
        keysLine(open, 'type to narrow it down • ↑↓ moves the pointer • Enter answers', paint),
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

/** Asks which of some offers hold; undefined where the person leaves it. */
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
        keysLine(open, '↑↓ moves the pointer • Space marks • a all • i the others • Enter answers', paint),
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

/** The offers in which every typed word stands, in name or description. */
export function matching<T>(offers: Offer<T>[], typed: string): Offer<T>[] {
  const words = typed.toLowerCase().split(/\s+/)
  return offers.filter(({ name, description }) => {
    const text = `${name} ${description ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
