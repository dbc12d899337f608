import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { makeDesk } from '../saved-plans/sandbox-desk.ts'
import { type HeldTerminal, KEY } from './held-terminal.ts'
import { PROMPT, sane, sitInShell } from './shell.ts'

/** What a nervous person does next, after so many milliseconds. */
export type Move = { after: number; what: 'consent' | 'suspend' | 'resize' | { keys: string[] } }

const PROJECT = 'jualuma-prod'

const paste = (text: string) => `\x1b[200~${text}\x1b[201~`

/** Keys not meant for the next question; each string is written at once. */
const KEYS: fc.Arbitrary<string[]> = fc.oneof(
  { weight: 5, arbitrary: fc.array(fc.constantFrom<string[]>(KEY.enter, '\n'), { minLength: 1, maxLength: 12 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 6 }).map((times) => [`a${KEY.enter}`.repeat(times)]) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 6 }).map((times) => [KEY.enter.repeat(times)]) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<string[][]>(
      [paste('a\ra\ra\r')],
      [paste(`a\r${PROJECT}\rfrontend-app\r`)],
      // A paste with a forged end, and one that never ends.
      [paste('reason\x1b[201~a\ra\r'), KEY.enter],
      ['\x1b[200~a\ra\r'],
      ['\x1b[200~a', '\ra\r', '\x1b[2', '01~', KEY.enter],
      [`frontend-app${KEY.enter}a${KEY.enter}support-portal${KEY.enter}`],
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<string[][]>(
      ['\x1b'],
      ['\x1b', '[B'],
      ['\x1b[', 'A', KEY.enter],
      ['\x1b', `\x1b[B${KEY.enter}`],
      ['\x1ba', '\x1b\r'],
      ['\x1b]0;a\r', 'a\r\x07'],
    ),
  },
  {
    weight: 3,
    arbitrary: fc.array(fc.constantFrom<string[]>('a', 'y', 'd', 'p', KEY.down, KEY.up, KEY.enter), { maxLength: 6 }),
  },
)

/** Everything that one session does between the project id and Ctrl-C. */
export const SESSIONS: fc.Arbitrary<{ risk: 'high' | 'medium'; moves: Move[] }> = fc.record({
  risk: fc.constantFrom('high', 'medium'),
  moves: fc.array(
    fc.record({
      after: fc.integer({ min: 0, max: 700 }),
      what: fc.oneof(
        { weight: 6, arbitrary: fc.record({ keys: KEYS }) },
        { weight: 3, arbitrary: fc.constant('consent' as const) },
        { weight: 1, arbitrary: fc.constantFrom('suspend' as const, 'resize' as const) },
      ),
    }),
    { minLength: 4, maxLength: 9 },
  ),
})

export type Seen = {
  /** How many consents answered a question that had been on the screen for at least 300 ms, and for less. */
  consents: { seen: number; unseen: number }
  intents: number
  terminal: Record<string, boolean>
  exit: string
  screen: string
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Runs one session. Returns what the screen showed and what the log has. */
export async function goThrough({ risk, moves }: { risk: string; moves: Move[] }): Promise<Seen> {
  const desk = await makeDesk('incident-2026-02-27')
  const file = desk.at('runbooks/access-posture.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace('risk: high', `risk: ${risk}`))
  const terminal = sitInShell(desk)
  const consents = watch(terminal, risk === 'high' ? NAMED : APPLIED)
  await terminal.waitFor(PROMPT)
  const argv = 'run access-posture --env prod --input services=frontend-app --incident INC-1 --reason smoke'
  terminal.press(`breakglass ${argv}${KEY.enter}`)
  await terminal.waitFor('? Project id')
  await pause(450)
  terminal.press(PROJECT)
  await pause(150)
  terminal.press(KEY.enter)
  for (const { after, what } of moves) {
    await pause(after)
    if (atShell(terminal)) break
    if (what === 'consent') await consent(terminal)
    else if (what === 'suspend') await suspend(terminal, consents.moved)
    else if (what === 'resize') {
      if (terminal.resize(70 + Math.floor(after / 10))) consents.moved()
    } else
      for (const keys of what.keys) {
        terminal.press(keys)
        await pause(after / 20)
      }
  }
  // By then an unfinished paste is over.
  await pause(1200)
  for (let stops = 0; !atShell(terminal) && stops < 2; stops++) {
    terminal.press(KEY.interrupt)
    for (let waits = 0; waits < 300 && !atShell(terminal); waits++) await pause(100)
  }
  const seen = consents.end()
  const modes = await sane(terminal)
  const asked = terminal.written().length
  terminal.press(`echo exit-$((SAID))-ended$((40+2))${KEY.enter}`)
  await terminal.waitFor('-ended42')
  const result = {
    consents: seen,
    intents: desk.entries('INC-1').filter(({ type }) => type === 'step.intent').length,
    terminal: modes,
    exit: /exit-(\d+)/.exec(terminal.written().slice(asked))?.[1] ?? '',
    screen: terminal.screen(),
  }
  terminal.close()
  await terminal.ended
  rmSync(desk.folder, { recursive: true, force: true })
  return result
}

const atShell = (terminal: HeldTerminal) => terminal.screen().trimEnd().endsWith(PROMPT)

/** Reads the question, then answers: the letter, Enter and, if asked, the name. */
async function consent(terminal: HeldTerminal): Promise<void> {
  const standing = () =>
    /\? (What now\?|High risk: to apply it, type (\S+))(?:(?!✔).)*Enter answers$/s.exec(
      terminal.screen().replaceAll(/\s+/g, ' ').slice(-1500).trimEnd(),
    )
  for (let waits = 0; waits < 40 && !standing(); waits++) await pause(50)
  const question = standing()
  if (!question) return
  terminal.press(question[2] ?? 'a')
  await pause(150)
  terminal.press(KEY.enter)
  await pause(200)
  const name = standing()?.[2]
  if (question[2] !== undefined) return
  for (let waits = 0; waits < 20 && !standing()?.[2]; waits++) await pause(50)
  if (name === undefined && !standing()?.[2]) return
  terminal.press(standing()?.[2] ?? '')
  await pause(150)
  terminal.press(KEY.enter)
}

async function suspend(terminal: HeldTerminal, moved: () => void): Promise<void> {
  terminal.press(KEY.suspend)
  for (let waits = 0; waits < 50 && !atShell(terminal); waits++) await pause(100)
  if (!terminal.screen().slice(-600).includes('Stopped')) return
  terminal.press(`fg${KEY.enter}`)
  moved()
  await pause(100)
}

const APPLIED = /✔ What now\? apply this change/g
const NAMED = /✔ High risk: to apply it, type (\S+) \1(?= )/g

/** Watches since when a question is on the screen, and whether it was answered with consent. */
function watch(terminal: HeldTerminal, consented: RegExp) {
  const question = consented === APPLIED ? '? What now?' : '? High risk'
  const [consents, standing] = [{ seen: 0, unseen: 0 }, { since: undefined as number | undefined }]
  const count = () => {
    const text = `${terminal.screen().replaceAll(/\s+/g, ' ')} `
    const now = [...text.matchAll(consented)].length
    const stood = standing.since === undefined ? 0 : performance.now() - standing.since
    for (let more = consents.seen + consents.unseen; more < now; more++) {
      if (stood >= 300) consents.seen++
      else consents.unseen++
      standing.since = undefined
    }
    if (text.lastIndexOf(question) <= text.lastIndexOf('✔')) standing.since = undefined
    else standing.since ??= performance.now()
  }
  const over = terminal.onShown(count)
  return {
    moved: () => {
      standing.since = undefined
    },
    end: () => {
      over()
      return consents
    },
  }
}
