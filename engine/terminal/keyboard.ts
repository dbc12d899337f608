import { StringDecoder } from 'node:string_decoder'
import { ESCAPE_MS, type Key, makeKeyReader, UNFINISHED_MS } from './keys.ts'

/** A question takes answers once the terminal has shown it for so long, with no key pressed meanwhile. */
export const STANDS_MS = 300

/** Enter answers with so much silence before and after it; with less it belongs to a pasted or a held key's burst. */
const BURST_MS = 40

/** After so long without a turn this process was stopped or stuck, and the screen may have changed meanwhile. */
const STALLED_MS = 1000

/** A terminal that has never answered within so long is taken for one that can't; one that can is asked again. */
const REPORT_MS = 1000

/** Requests the terminal's status. Its report comes once everything written before is on the screen. */
const ASK_REPORT = '\x1b[5n'
const REPORT = '\x1b[0n'

/** What asks for a new drawing comes in bursts: a window that is dragged, a job that goes on. */
const REDRAWN_MS = 60

/** A question that stands on the screen. */
export type Asking = {
  /** Whether it takes answers from now on. */
  open(is: boolean): void
  key(key: Key): void
  /** Removes it from where it was drawn, or leaves that drawing where it is, and draws it again. */
  redraw(where: 'here' | 'below'): void
}

/** The one owner of the terminal's input: what is pressed while no question takes answers is dropped. */
export type Keyboard = {
  /** Takes the terminal, for as long as the process asks: from then on nothing stays in its buffer. */
  take(): void
  /** Stands a question before the person: `drawn` once all of it is on the screen, `gone` once it is answered. */
  stand(asking: Asking): { drawn(): void; gone(): void }
  /** Leaves the terminal to another program, such as one that asks for a passphrase. */
  lend<T>(work: () => Promise<T>): Promise<T>
  /** Gives the terminal back as it was found, at once. */
  restore(): void
  /** Takes the terminal again after this process was stopped, and draws the question that stands. */
  resumed(): void
  /** Gives the terminal back, stops this process or its whole job, and takes the terminal again when that goes on. */
  suspend(what: 'process' | 'job'): Promise<void>
  /** Gives the terminal back for good. */
  close(): Promise<void>
}

/** What a keyboard needs of its process. */
export type KeyboardHost = {
  input: NodeJS.ReadStream
  output: NodeJS.WriteStream
  /** Writes to it past whatever draws there. */
  write(codes: string): void
  /** Whether a person is there to be asked. */
  interactive: boolean
  /** Ctrl-C. */
  interrupt(): void
  /** Ctrl-\ */
  quit(): void
  /** Stops this process or its whole job; returns when that goes on, or at once where nothing can be stopped. */
  stop(what: 'process' | 'job'): void
}

const PASTE_ON = '\x1b[?2004h'
const PASTE_OFF = '\x1b[?2004l'
const CURSOR_ON = '\x1b[?25h'

/** Makes the owner of a terminal's input; it touches nothing before it takes the terminal. */
export function ownKeyboard(host: KeyboardHost): Keyboard {
  const { input, output } = host
  const decoder = new StringDecoder('utf8')
  const reader = makeKeyReader()
  let [elapsed, wanted] = [false, false]
  let asking: Asking | undefined
  let state: 'undrawn' | 'settling' | 'open' = 'undrawn'
  let [lastInput, lastTurn, columns] = [-Infinity, 0, 0]
  let settling: NodeJS.Timeout | undefined
  let silence: NodeJS.Timeout[] = []
  let enter: NodeJS.Timeout | undefined
  let heartbeat: NodeJS.Timeout | undefined
  let redrawing: NodeJS.Timeout | undefined
  // Reports that were asked for, that came, and the one that says the question is on the screen.
  let [asked, reported, needed] = [0, 0, 0]
  let reporting: NodeJS.Timeout | undefined
  let [mute, leaving] = [false, false]

  const close = () => {
    clearTimeout(enter)
    clearTimeout(settling)
    enter = undefined
    if (state === 'open') asking?.open(false)
    if (state === 'open') state = 'settling'
  }
  const settle = () => {
    close()
    if (asking === undefined || state === 'undrawn' || !shown()) return
    settling = setTimeout(() => {
      const since = lastInput
      // What waits to be read was pressed before: it is read, and dropped, before the question opens.
      setImmediate(() => {
        if (state !== 'settling' || lastInput !== since) return
        if (reader.pasting()) return settle()
        state = 'open'
        asking?.open(true)
      })
    }, STANDS_MS)
  }
  const shown = () => mute || reported >= needed
  const askReport = () => {
    asked += 1
    host.write(ASK_REPORT)
    clearTimeout(reporting)
    reporting = setTimeout(() => {
      mute = reported === 0
      if (mute) settle()
      else if (!shown()) askReport()
    }, REPORT_MS)
  }
  const onReports = (count: number) => {
    const [late, waited] = [mute, !shown()]
    mute = false
    reported = Math.min(asked, reported + count)
    if (late && !shown()) askReport()
    if (late || waited) settle()
  }
  const redraw = (where: 'here' | 'below') => {
    clearTimeout(redrawing)
    redrawing = setTimeout(() => {
      if (asking === undefined || state === 'undrawn') return
      columns = output.columns
      state = 'undrawn'
      asking.redraw(where)
    }, REDRAWN_MS)
  }
  /** Whether the process had no turn for so long that the keys which wait may be older than what is on the screen. */
  const stalled = () => {
    const now = performance.now()
    const is = asking !== undefined && now - lastTurn > STALLED_MS
    lastTurn = now
    if (is) settle()
    return is
  }
  const deliver = (keys: Key[]) => {
    for (const key of keys) {
      if (state !== 'open') return
      asking?.key(key)
      // What follows a paste may be the rest of it, behind a forged end.
      if (key.kind === 'paste') settle()
    }
  }
  const read = (text: string) => {
    const late = stalled()
    const now = performance.now()
    const silent = !late && now - lastInput >= BURST_MS
    lastInput = now
    for (const timer of silence) clearTimeout(timer)
    silence = [ESCAPE_MS, UNFINISHED_MS].map((ms) => setTimeout(() => arrived(reader.quiet(ms), true), ms))
    arrived(reader.feed(text), silent)
    if (state === 'settling') settle()
  }
  const arrived = (keys: Key[], silent: boolean) => {
    const names = new Set(keys.map((key) => (key.kind === 'key' ? key.name : '')))
    if (names.has('ctrl-c')) return host.interrupt()
    if (names.has('ctrl-\\')) return host.quit()
    if (names.has('ctrl-z')) return void suspend('job')
    // What comes with a paste may belong to it, before a forged beginning or behind a forged end.
    const pasted = keys.find(({ kind }) => kind === 'paste')
    if (pasted) return deliver([pasted])
    if (enter === undefined && !names.has('enter')) return deliver(keys)
    if (enter === undefined && silent && keys.length === 1) {
      if (state === 'open')
        enter = setTimeout(() => {
          enter = undefined
          deliver(keys)
        }, BURST_MS)
      return
    }
    const begun = enter === undefined ? '' : '\n'
    clearTimeout(enter)
    enter = undefined
    deliver([{ kind: 'paste', text: `${begun}${keys.map(textOf).join('')}` }])
  }
  const onData = (chunk: Buffer) => {
    // A report may come in the middle of a paste, and is no key that is pressed.
    const parts = decoder.write(chunk).split(REPORT)
    const text = parts.join('')
    if (text !== '') read(text)
    if (parts.length > 1) onReports(parts.length - 1)
  }
  const onResize = () => {
    close()
    redraw(output.columns < columns ? 'below' : 'here')
  }
  const hold = () => {
    if (elapsed) return
    elapsed = true
    columns = output.columns
    input.setRawMode(true)
    host.write(PASTE_ON)
  }
  const restore = () => {
    if (!elapsed) return
    elapsed = false
    host.write(`${PASTE_OFF}${CURSOR_ON}`)
    input.setRawMode(false)
  }
  /** Waits for the reports that are still to come: what reads the terminal next would take them for keys. */
  const reportsIn = async () => {
    const until = performance.now() + REPORT_MS
    while (expected() && performance.now() < until) await new Promise((next) => setTimeout(next, 10))
  }
  const expected = () => elapsed && !mute && reported < asked
  const suspend = async (what: 'process' | 'job') => {
    close()
    if (leaving) return
    leaving = true
    if (expected()) await reportsIn()
    leaving = false
    close()
    if (elapsed && asking !== undefined) host.write('\x1b[J\r\n')
    restore()
    host.stop(what)
    resumed()
  }
  const resumed = () => {
    if (!wanted) return
    // The shell has set its own modes, whatever this process believes of them.
    restore()
    hold()
    close()
    redraw('below')
  }
  return {
    take() {
      if (!host.interactive || wanted) return
      wanted = true
      hold()
      input.on('data', onData)
      output.on('resize', onResize)
    },
    stand(next) {
      this.take()
      asking = next
      state = 'undrawn'
      lastTurn = performance.now()
      columns = output.columns
      heartbeat = setInterval(stalled, STALLED_MS / 10)
      return {
        drawn() {
          if (asking !== next || state !== 'undrawn') return
          state = 'settling'
          needed = asked + 1
          if (!mute) askReport()
          settle()
        },
        gone() {
          if (asking !== next) return
          close()
          asking = undefined
          clearTimeout(redrawing)
          clearTimeout(reporting)
          clearInterval(heartbeat)
        },
      }
    },
    async lend(work) {
      if (!elapsed) return work()
      await reportsIn()
      wanted = false
      restore()
      input.pause()
      try {
        return await work()
      } finally {
        wanted = true
        hold()
        input.resume()
      }
    },
    restore,
    resumed,
    suspend,
    async close() {
      if (!wanted) return
      await reportsIn()
      wanted = false
      restore()
      for (const timer of silence) clearTimeout(timer)
      input.off('data', onData)
      output.off('resize', onResize)
      input.pause()
    },
  }
}

const textOf = (key: Key): string => (key.kind === 'key' ? ({ enter: '\n', tab: '\t' }[key.name] ?? '') : key.text)
