import { writeFileSync } from 'node:fs'
import { type Desk, main } from '../saved-plans/sandbox-desk.ts'
import { type HeldTerminal, holdTerminal } from './held-terminal.ts'

/** What the shell shows when it waits for a command. */
export const PROMPT = 'SHELL>'

/** A shell with job control in a terminal at a desk, in which `breakglass` is started as a person starts it. */
export function sitInShell(desk: Desk, columns = 100): HeldTerminal {
  // The shell's own use of bracketed paste would hide whether the program has turned its own off.
  writeFileSync(desk.at('inputrc'), 'set enable-bracketed-paste off\n')
  const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`
  writeFileSync(
    desk.at('bashrc'),
    `PS1='${PROMPT} '\nbreakglass() { ${quote(process.execPath)} ${quote(main)} "$@"; }\n`,
  )
  const environment = { ...desk.environment, PATH: `${desk.environment.PATH}:/usr/bin:/bin`, TERM: 'xterm-256color' }
  return holdTerminal(['/bin/bash', '--noprofile', '--rcfile', desk.at('bashrc'), '-i'], {
    columns,
    cwd: desk.folder,
    environment: { ...environment, INPUTRC: desk.at('inputrc') },
  })
}

/** Whether the terminal is as a shell wants it: its lines are edited by the kernel and echoed, the cursor is shown, a paste is not bracketed. */
export async function sane(terminal: HeldTerminal): Promise<Record<string, boolean>> {
  const written = terminal.written()
  const last = (on: string, off: string) => written.lastIndexOf(on) > written.lastIndexOf(off)
  terminal.press('SAID=$?; stty -a; echo modes-$((40+2))\r')
  await terminal.waitFor('modes-42')
  const modes = terminal.written().slice(written.length)
  return {
    cooked: /[^-]icanon/.test(modes) && /[^-]isig/.test(modes) && /[^-]icrnl/.test(modes) && /[^-]echo\b/.test(modes),
    cursor: !last('\x1b[?25l', '\x1b[?25h'),
    plainPaste: !last('\x1b[?2004h', '\x1b[?2004l'),
  }
}
