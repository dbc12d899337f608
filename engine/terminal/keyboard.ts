import { StringDecoder } from 'node:string_decoder'
import { ESCAPE_MS, type Key, makeKeyReader, UNFINISHED_MS } from './keys.ts'

/** How long a question is on the screen, with no key pressed, before it takes answers. */
export const STANDS_MS = 300

/** The silence before and after Enter that makes it an answer; with less, it belongs to a paste or a held key. */
const BURST_MS = 40

/** A process that is not scheduled for this long was stopped or stuck, and the screen may have changed. */
const STALLED_MS = 1000

/** A terminal that has never reported within this time cannot report; one that can is asked again. */
const REPORT_MS = 1000

/** Requests the terminal's status. The report arrives once everything written before is on the screen. */
const ASK_REPORT = '\x1b[5n'
const REPORT = '\x1b[0n'

/** Redraw requests come in bursts: a resized window, a continued job. */
const REDRAWN_MS = 60

/** A question on the screen. */
export type Asking = {
  /** Sets whether it takes answers. */
  open(is: boolean): void
  key(key: Key): void
  /** Draws it again: in its place, or below a drawing that stays. */
  redraw(where: 'here' | 'below'): void
}

/** Owns the terminal's input. Keys pressed while no question takes answers are dropped. */
export type Keyboard = {
  /** Takes the terminal. From then on, nothing stays in its buffer. */
  take(): void
  /** Presents a question. The caller calls `drawn` once all of it is written, and `gone` once it is answered. */
  stand(asking: Asking): { drawn(): void; gone(): void }
  /** Lends the terminal to another program, such as one that asks for a passphrase. */
  lend<T>(work: () => Promise<T>): Promise<T>
  /** Restores the terminal's modes at once. */
  restore(): void
  /** Takes the terminal again after this process was stopped, and redraws the question. */
  resumed(): void
  /** Restores the terminal, stops this process or its whole job, and takes the terminal again when it continues. */
  suspend(what: 'process' | 'job'): Promise<void>
  /** Restores the terminal for good. */
  close(): Promise<void>
}

/** What a keyboard needs from its process. */
export type KeyboardHost = {
  input: NodeJS.ReadStream
  output: NodeJS.WriteStream
  /** Writes to the terminal even while a question is drawn. */
  write(codes: string): void
  /** Whether a person can be asked. */
  interactive: boolean
  /** Ctrl-C. */
  interrupt(): void
  /** Ctrl-\ */
  quit(): void
  /** Stops this process or its whole job. Returns when it continues, or at once if it cannot be stopped. */
  stop(what: 'process' | 'job'): void
}

const PASTE_ON = '\x1b[?2004h'
const PASTE_OFF = '\x1b[?2004l'
const CURSOR_ON = '\x1b[?25h'

/** Makes the owner of a terminal's input. It touches nothing before `take`. */
export function ownKeyboard(host: KeyboardHost): Keyboard {
  const { input, output } = host
  const decoder = new StringDecoder('utf8')
  const reader = makeKeyReader()
  let [taken, wanted] = [false, false]
  let asking: Asking | undefined
  let state: 'undrawn' | 'settling' | 'open' = 'undrawn'
  let [lastInput, lastTurn, columns] = [-Infinity, 0, 0]
  let settling: NodeJS.Timeout | undefined
  let silence: NodeJS.Timeout[] = []
  let enter: NodeJS.Timeout | undefined
  let heartbeat: NodeJS.Timeout | undefined
  let redrawing: NodeJS.Timeout | undefined
  // The number of reports requested and received, and of the one after which the question is on the screen.
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
      // Unread input was typed earlier: read and drop it before the question opens.
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
  /** Returns whether the process was stalled for so long that unread keys may be older than the screen. */
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
      // What follows a paste may still belong to it: its end can be forged.
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
    // Keys next to a paste may belong to it: its start and its end can be forged.
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
    // A report may arrive in the middle of a paste and is no key.
    const parts = decoder.write(chunk).split(REPORT)
    const text = parts.join('')
    if (text !== '') read(text)
    if (parts.length > 1) onReports(parts.length - 1)
  }
  const onResize = () => {
    close()
    redraw(output.columns < columns ? 'below' : 'here')
  }
  const acquire = () => {
    if (taken) return
    taken = true
    columns = output.columns
    input.setRawMode(true)
    host.write(PASTE_ON)
  }
  const restore = () => {
    if (!taken) return
    taken = false
    host.write(`${PASTE_OFF}${CURSOR_ON}`)
    input.setRawMode(false)
  }
  /** Waits for the outstanding reports, which the next reader of the terminal would take for keys. */
  const reportsIn = async () => {
    const until = performance.now() + REPORT_MS
    while (expected() && performance.now() < until) await new Promise((next) => setTimeout(next, 10))
  }
  const expected = () => taken && !mute && reported < asked
  const suspend = async (what: 'process' | 'job') => {
    close()
    if (leaving) return
    leaving = true
    if (expected()) await reportsIn()
    leaving = false
    close()
    if (taken && asking !== undefined) host.write('\x1b[J\r\n')
    restore()
    host.stop(what)
    resumed()
  }
  const resumed = () => {
    if (!wanted) return
    // The shell may have set other modes meanwhile.
    restore()
    acquire()
    close()
    redraw('below')
  }
  return {
    take() {
      if (!host.interactive || wanted) return
      wanted = true
      acquire()
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
      if (!taken) return work()
      await reportsIn()
      wanted = false
      restore()
      input.pause()
      try {
        return await work()
      } finally {
        wanted = true
        acquire()
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
