import { stripVTControlCharacters } from 'node:util'
import pty from '@lydell/node-pty'

/** So often it is decided what to press next, in ms: Enter never comes within a burst of other keys. */
const EVERY_MS = 300

/** A question that did not take Enter for so long, as where a busy engine read several keys together, is answered once more. */
const AGAIN_MS = 3000

/** Runs a program in a terminal whose person types the project's id where it is asked for, and applies each change. */
export function consentAtTerminal(
  [file = '', ...argv]: string[],
  { cwd, env, project }: { cwd: string; env: Record<string, string>; project: string },
): Promise<{ exit: number; said: string }> {
  const child = pty.spawn(file, argv, { name: 'xterm-256color', cols: 120, rows: 40, cwd, env })
  let said = ''
  let pressed: 'nothing' | 'the answer' | 'Enter' = 'nothing'
  let entered = 0
  child.onData((data) => {
    said = `${said}${stripVTControlCharacters(data)}`
  })
  const press = setInterval(() => {
    const [asked] = [...said.matchAll(/\? (Project id|What now\?|High risk: to apply it, type (\S+))/g)].slice(-1)
    const [done] = [...said.matchAll(/✔ (Project id|What now\?|High risk)/g)].slice(-1)
    const open = asked && asked.index > (done?.index ?? 0) && said.slice(asked.index).includes('Enter answers')
    if (!open || (pressed === 'Enter' && Date.now() - entered > AGAIN_MS)) pressed = 'nothing'
    else if (pressed === 'nothing') {
      child.write(`\x15${asked[1] === 'Project id' ? project : (asked[2] ?? 'a')}`)
      pressed = 'the answer'
    } else if (pressed === 'the answer') {
      child.write('\r')
      pressed = 'Enter'
      entered = Date.now()
    }
  }, EVERY_MS)
  return new Promise((resolve) =>
    child.onExit(({ exitCode }) => {
      clearInterval(press)
      resolve({ exit: exitCode, said })
    }),
  )
}
