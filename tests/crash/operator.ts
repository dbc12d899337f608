import { stripVTControlCharacters } from 'node:util'
import pty from '@lydell/node-pty'

/** Runs a program in a terminal whose person types the project's id where it is asked for, and takes the first answer to each question. */
export function consentAtTerminal(
  [file = '', ...argv]: string[],
  { cwd, env, project }: { cwd: string; env: Record<string, string>; project: string },
): Promise<{ exit: number; said: string }> {
  const child = pty.spawn(file, argv, { name: 'xterm-256color', cols: 120, rows: 40, cwd, env })
  let said = ''
  let answered = 0
  child.onData((data) => {
    said = `${said}${stripVTControlCharacters(data)}`
    const [id, now] = [said.lastIndexOf('? Project id'), said.lastIndexOf('? What now?')]
    const done = [...said.matchAll(/✔ (Project id|What now\?)/g)]
    if (Math.max(id, now) < (done.at(-1)?.index ?? 0) || answered > done.length) return
    if (id < 0 && now < 0) return
    answered++
    child.write(id > now ? `${project}\r` : '\r')
  })
  return new Promise((resolve) => child.onExit(({ exitCode }) => resolve({ exit: exitCode, said })))
}
