import { stripVTControlCharacters } from 'node:util'
import pty from '@lydell/node-pty'

/** Runs a program in a terminal whose person types the project's id where it is asked for, and applies each change. */
export function consentAtTerminal(
  [file = '', ...argv]: string[],
  { cwd, env, project }: { cwd: string; env: Record<string, string>; project: string },
): Promise<{ exit: number; said: string }> {
  const child = pty.spawn(file, argv, { name: 'xterm-256color', cols: 120, rows: 40, cwd, env })
  let said = ''
  let answered = 0
  child.onData((data) => {
    said = `${said}${stripVTControlCharacters(data)}`
    const [asked] = [...said.matchAll(/\? (Project id|What now\?|High risk: to apply it, type (\S+))/g)].slice(-1)
    const done = [...said.matchAll(/✔ (Project id|What now\?|High risk)/g)]
    if (asked === undefined || asked.index < (done.at(-1)?.index ?? 0) || answered > done.length) return
    if (!said.slice(asked.index).includes('Enter answers')) return
    answered++
    child.write(asked[1] === 'Project id' ? project : (asked[2] ?? 'a'))
    setTimeout(() => child.write('\r'), 100)
  })
  return new Promise((resolve) => child.onExit(({ exitCode }) => resolve({ exit: exitCode, said })))
}
